// Rows that go for good: where columns arrive from a table that goes, the source can show one row of a link only, and none that belongs to no row.
#pragma once

#include <string>
#include <vector>

#include "plan/migration.hpp"

namespace accord::migration {

struct lost_rows {
  core::qualified_name table;
  std::int64_t count;
  std::vector<std::string> samples;  // their keys: (employee_id=1, department_id=3)

  std::string shown() const;  // 2 rows of table "employee_department"
};

// Of each table that goes and has any.  `locked`: it was looked before; only what can have come since then is looked for again.
std::vector<lost_rows> rows_lost_by_purge(const plan::migration&, bool locked = false);

}  // namespace accord::migration
