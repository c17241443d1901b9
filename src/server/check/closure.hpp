// closure: what a script can reach, and what of the database has therefore to be cloned for it.
//
// From the words of the script (any identifier can be the name of a relation: one too many costs a clone, one too few would be a miss), through
// partition trees and inheritance, both ends of foreign keys, views to any depth, users of row types and of types that the script alters,
// owned sequences and the tables that a sequence or function is a default or trigger of.
#pragma once

#include <string>
#include <vector>

#include "server/check/names.hpp"

namespace accord::check {

struct reach_of_script {
  words w;
  std::vector<std::string> schemas;  // that names without one may be looked for in
  std::vector<std::string> whole;    // schemas that the script drops or renames
  bool truncates_cascading = false;  // follows foreign keys to their end
  words of_types, of_functions;      // the words of statements that alter types, and functions
};

struct closure {
  std::vector<Oid> relations;  // tables of all kinds, views, sequences that are not identity; sorted, so in order of creation
  std::vector<Oid> types;      // enums, domains, composite types, in order of creation
  std::vector<Oid> functions;
};

// Tables with a column of one of the types.
std::vector<Oid> users_of(const std::vector<Oid>& types);

closure closure_of(const reach_of_script&);

}  // namespace accord::check
