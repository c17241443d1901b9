// A row of a table as one version names its columns: pieces of the queries that compare and move rows.
//
// The table stands in the query as _accord_row.  A version's names are a LATERAL subquery over nothing, which the planner pulls up.
//
// Invariants: the text parses the same under search_path = pg_catalog.
#pragma once

#include <string>
#include <vector>

#include "core/name.hpp"

namespace accord::plan {

// A column of the table, and how two values of its type are told apart.
struct verify_column {
  std::string name;  // as its version shows it
  std::string physical;
  std::string type;          // with typmod, qualified
  std::string collation;     // qualified and quoted; empty: not collatable
  bool has_equality = true;  // pg_catalog has an = for it; else the stored images are compared
  bool has_hash = true;      // else its text is hashed
};

struct verify_scope {
  std::string qualifier;  // the table's name in the version
  std::vector<verify_column> columns;
};

std::string of_row(const std::string& physical);
// The version's names over the row: (SELECT _accord_row.x AS a, …) AS flights
std::string scope_sql(const verify_scope&);
// Does the row's column hold this value?
std::string equal(const verify_column&, const std::string& value);
// The same bytes: what a column's own = would take for the same can still differ for clients, as 1.0 and 1.00 do.
std::string same_image(const std::string& a, const std::string& b);

}  // namespace accord::plan
