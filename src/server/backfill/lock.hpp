// One backfill at a time for each contract: an advisory lock of the session, in a key space that SQL's advisory locks cannot reach.  A session
// that calls accord.backfill has it for itself; background workers share it.
//
// Of the session, because the backfill commits.  An error gives it back when its transaction aborts; a lost backend when it ends.
#pragma once

#include <cstdint>

namespace accord::migration {

// pg_locks shows it as an advisory lock with this objsubid.
inline constexpr int backfill_lock_space = 19148;

bool try_lock_backfill(std::int64_t contract, bool shared);  // false: somebody has it who will not share
void unlock_backfill();

// Called once from _PG_init.
void backfill_init();

}  // namespace accord::migration
