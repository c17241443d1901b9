// table: what the clients of a case know of their table, read from the catalogs before the change.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server.hpp"

namespace accord::oracle {

using column_set = std::uint32_t;  // bit n: the n-th column of the table

struct attribute {
  int number = 0;
  std::string name, type;
};

struct column {
  int number = 0;  // attnum: what follows it through the change
  std::string name, type, base, category;
  bool not_null = false, domain_not_null = false, filled = false, generated = false, is_enum = false, in_default_key = false,
       identity = false;
  bool no_operators = false;          // json
  std::vector<attribute> attributes;  // of a composite type
  std::vector<std::string> values;    // literals as text that its type can read, those of the rows first
};

struct key {
  std::string constraint;  // empty: an index only
  std::vector<std::size_t> columns;
};

struct table {
  Oid oid = 0;
  std::string name, kind;
  std::vector<column> columns;
  std::vector<key> keys;            // that ON CONFLICT can infer
  std::vector<key> exclusions;      // with the columns that they compare
  std::vector<row> rows, own_rows;  // without those of children
  std::vector<std::string> publications;
  column_set all = 0;
  bool insertable = true;  // by clients
  column_set needed = 0;   // what whoever inserts has to name

  static table read(server&, const std::string& relation);
};

std::vector<attribute> attributes_of(server&, const std::string& type);

// Texts for values of the type: 0 to 3 ordinary and distinct (the schemas use these for rows), the others at its edges.
std::vector<std::string> values_of(const std::string& base, const std::string& type);

}  // namespace accord::oracle
