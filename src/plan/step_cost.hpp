// step_cost: what the steps of a migration that touch rows will need, roughly, from the size of the table.
//
// Measured (docs/benchmarks.md): a backfill by one worker does 170,000 to 230,000 rows a second, writes each row and its index entries once more,
// and into WAL besides that an image of every page that it changes.  The other figures are those of an ordinary disk.
#pragma once

#include <cstdint>
#include <optional>

namespace accord::plan {

struct table_size {
  std::optional<std::int64_t> rows;  // none: never analyzed
  std::int64_t heap = 0, indexes = 0;
};

struct step_cost {
  std::optional<std::int64_t> rows;
  std::int64_t disk = 0, wal = 0;  // bytes
  std::optional<double> seconds;
};

step_cost operator+(const step_cost&, const step_cost&);
step_cost cost_of_backfill(const table_size&);
step_cost cost_of_index(const table_size&);  // that is built
step_cost cost_of_proof(const table_size&);  // every row is read

}  // namespace accord::plan
