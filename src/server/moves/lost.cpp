// See lost.hpp.
#include "server/moves/lost.hpp"

#include <fmt/format.h>

#include "pg/scope.hpp"
#include "plan/move_sql.hpp"
#include "server/moves/program.hpp"
#include "server/moves/store.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constexpr int shown_lost_rows = 3;

bool key_takes_null(Oid target, const plan::move& move) {
  return !catalog::query("SELECT FROM pg_attribute WHERE attrelid = $1::oid AND attname = ANY ($2::name[]) AND NOT attnotnull",
                         {target, spi::array_literal(move.target_key)})
              .empty();
}

}  // namespace

std::string lost_rows::shown() const {
  return fmt::format("{} {} of table \"{}\"", count, count == 1 ? "row" : "rows", table.name);
}

std::vector<lost_rows> rows_lost_by_purge(const plan::migration& m, bool locked) {
  std::vector<lost_rows> all;
  for (std::size_t n = 1; n <= m.moves.size(); n++) {
    if (!m.moves[n - 1].arrives) continue;
    auto placed = place_of(m.id, static_cast<std::int64_t>(n));
    if (locked && !plan::can_lose_rows(placed.place.what, key_takes_null(placed.target, placed.place.what))) continue;
    lost_rows lost{placed.place.target, 0, {}};
    pinned_search_path path;
    as_owner_of_rows identity(owner_of_table(placed.source));
    lost.count = spi::query(plan::count_lost(placed.place)).front().integer(2);
    if (lost.count == 0) continue;
    for (const auto& row : spi::query(plan::sample_lost(placed.place, shown_lost_rows)))
      lost.samples.push_back(fmt::format("({})", row.text(0)));
    all.push_back(std::move(lost));
  }
  return all;
}

}  // namespace accord::migration
