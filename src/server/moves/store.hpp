// Moves as accord_catalog keeps them, and what their tables and columns are called now.
#pragma once

#include <cstdint>
#include <vector>

#include "pg/bridge.hpp"
#include "plan/move_sql.hpp"

namespace accord::migration {

std::vector<plan::move> load_moves(std::int64_t migration, std::int64_t contract);
void save_moves(const plan::migration&);

// The n-th move of a live migration, from 1, as the catalogs are now: with the latest snapshot, as a repeatable read transaction may be older
// than a step of the migration.  Throws 55000 where there is none.
struct placed_move {
  plan::move_place place;
  Oid source, target;
};
placed_move place_of(std::int64_t migration, std::int64_t n);

// Triggers of the moves of a live migration that are gone or do not fire always, as: trigger "x" of table "y".
std::vector<std::string> lost_triggers(std::int64_t migration, std::int64_t contract, const core::qualified_name& source);

}  // namespace accord::migration
