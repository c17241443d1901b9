// The lock of a backfill.  See lock.hpp.
#include "server/backfill/lock.hpp"

#include "pg/bridge.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constinit bool held = false;
constinit LOCKTAG held_tag = {};
constinit LOCKMODE held_mode = NoLock;

void on_transaction_end(XactEvent event, void*) {
  if (event != XACT_EVENT_ABORT || !held) return;
  held = false;
  LockRelease(&held_tag, held_mode, true);
}

}  // namespace

bool try_lock_backfill(std::int64_t contract, bool shared) {
  LOCKTAG tag;
  auto key = static_cast<std::uint64_t>(contract);
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(key >> 32), static_cast<uint32>(key), backfill_lock_space);
  // A session holds such a lock more than once without a conflict: a backfill called from within one is another one too.
  if (held) return false;
  LOCKMODE mode = shared ? ShareLock : ExclusiveLock;
  if (pg([&] { return LockAcquire(&tag, mode, true, true); }) == LOCKACQUIRE_NOT_AVAIL) return false;
  held_tag = tag;
  held_mode = mode;
  held = true;
  return true;
}

void unlock_backfill() {
  if (!held) return;
  held = false;
  pg([] { LockRelease(&held_tag, held_mode, true); });
}

void backfill_init() {
  RegisterXactCallback(on_transaction_end, nullptr);
}

}  // namespace accord::migration
