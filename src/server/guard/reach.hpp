// reach: which contracted relations a command may change.
#pragma once

#include <vector>

#include "server/ddl/statement.hpp"
#include "server/guard/verdict.hpp"

namespace accord::guard {

struct reached {
  promise p;
  Oid relation = InvalidOid;
  std::size_t statement = 0;  // of those that the tree gave
  bool inherited = false;     // through a parent that the statement names
};

// Relations that the statements name, each with its promise; nothing for temporary ones.  Where no contract is concerned this costs an index
// lookup for each relation.
std::vector<reached> reach_of(const std::vector<ddl::statement>&);
// And those that inherit from them, if the tree says so: ALTER TABLE ONLY does not.
void add_below(std::vector<reached>&, const std::vector<ddl::statement>&, Node* tree);

// Contracted relations that use the type, or the collation, that the command alters; nothing where it alters none.
std::vector<Oid> users_of_altered_type(Node* tree);
std::vector<Oid> users_of_type(Oid type);
std::vector<Oid> users_of_altered_collation(Node* tree);
// Contracted relations in the schema that the command renames or of the extension that it moves, and users of the types and collations there.
std::vector<Oid> users_of_altered_schema(Node* tree);
std::vector<Oid> users_of_altered_extension(Node* tree);
// Contracted relations that call a function which the command replaces or alters, and those whose rights it may take.
std::vector<Oid> users_of_altered_function(Node* tree);
std::vector<Oid> relations_of_rights(Node* tree);
std::vector<Oid> relations_of_publication(Node* tree);

// Contracts whose consumers may lose a right that no shape shows: on the schema, or as the table's owner.
std::vector<std::int64_t> contracts_of_access(Node* tree);

}  // namespace accord::guard
