// The triggers that keep two tables in step, where a migration moves columns from one to the other.
//
// Before a row of the target is written, its row of the old version is locked; after a row of either is written, the other follows.  Names
// begin so that ours run before the server's own, which check foreign keys.
#pragma once

#include "plan/script.hpp"

namespace accord::plan {

// Of the n-th move of a migration, from 1.
std::string move_trigger(std::int64_t migration, std::size_t n);        // AFTER, on both tables
std::string move_lock_trigger(std::int64_t migration, std::size_t n);   // BEFORE, on the target
std::string move_empty_trigger(std::int64_t migration, std::size_t n);  // AFTER TRUNCATE, on the target

void make_move_triggers(script&, const migration&);
void drop_move_triggers(script&, const migration&);

}  // namespace accord::plan
