// The triggers that keep two tables in step, where a migration moves columns from one to the other.
//
// Before a row of the target is written, its row of the source is locked; after a row of either is written, the other follows.  Where columns
// arrive, a row of the source that is not filled yet is filled before anything else is done with it.  Names begin so that ours run before the
// server's own, which check foreign keys.
#pragma once

#include "plan/script.hpp"

namespace accord::plan {

struct move_trigger {
  std::string name;
  bool on_target;
  std::string when;      // AFTER UPDATE ON {} FOR EACH ROW
  const char* function;  // of accord_catalog
  std::string purpose;
};
// Of the n-th move of a migration, from 1.
std::vector<move_trigger> move_triggers(const move&, std::int64_t migration, std::size_t n);
std::string move_trigger_name(std::int64_t migration, std::size_t n);
std::string move_lock_trigger(std::int64_t migration, std::size_t n);  // BEFORE, on the target

void make_move_triggers(script&, const migration&);
void drop_move_triggers(script&, const migration&);

}  // namespace accord::plan
