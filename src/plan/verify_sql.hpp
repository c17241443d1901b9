// The SQL behind accord.verify: do the two versions of a table say the same?
//
// One statement for each group of columns that a migration keeps in step, over the base table, with both versions' names in scope.  The
// scopes are LATERAL subqueries over nothing, which the planner pulls up, so that a check is one plain scan with one expression a row.
// One statement more compares what the two version views give: that shows the views themselves.
//
// Invariants: the text parses the same under search_path = pg_catalog; names of users appear quoted, and never as literals unescaped.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/row_sql.hpp"

namespace accord::plan {

struct verify_transform {
  std::vector<verify_column> old_columns, new_columns;
  std::vector<std::string> up;                   // one for each new column
  std::vector<std::optional<std::string>> down;  // one for each old column; none: only read by up
  bool computed = false;                         // a generated column of the new version: `up` is over that
};

struct verify_table {
  core::qualified_name name;
  std::string marker;            // empty: no row is ever pending
  std::vector<std::string> key;  // physical columns of the primary key; may be empty
  verify_scope old_version, new_version;
};

// Whether there is anything to compare: what is only written back promises nothing of rows that the old version has written.
bool can_be_compared(const verify_transform&);
// Without a way back the new side is free once it was set by hand.
bool has_way_back(const verify_transform&);

// "year, month -> departure"
std::string check_name(const verify_transform&);

// One row: rows, pending rows, mismatched rows.
std::string count_mismatches(const verify_table&, const verify_transform&);
// At most `limit` rows of one column: the keys (or places) of mismatched rows.
std::string sample_mismatches(const verify_table&, const verify_transform&, int limit);

// One row: rows and hash through the old view, rows and hash through the new one.  The hash does not depend on order and covers the columns
// that both versions take from the same physical column.
std::string compare_views(const core::qualified_name& old_view, const core::qualified_name& new_view, const verify_scope& old_version,
                          const verify_scope& new_version);

}  // namespace accord::plan
