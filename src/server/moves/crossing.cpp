// See crossing.hpp.
#include "server/moves/crossing.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constexpr uint16 crossing_lock_space = 19151;

// Two rows with one tag would only make somebody write again.
LOCKTAG tag_of(const move_program& program, ItemPointer row, int value) {
  auto number = hash_combine(static_cast<uint32>(program.target),
                             static_cast<uint32>(ItemPointerGetOffsetNumber(row)) << 16 | static_cast<uint32>(value));
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, number, ItemPointerGetBlockNumber(row), crossing_lock_space);
  return tag;
}

template <typename Act>
void for_each_changed(const move_program& program, const row_image& before, const row_image& after, Act act) {
  for (int i = 0; i < program.values.count; i++)
    if (!same_values(before, after, {program.values.columns + i, 1})) act(i);
}

}  // namespace

void announce_values(const move_program& program, ItemPointer row, const row_image& before, const row_image& after) {
  for_each_changed(program, before, after, [&](int value) {
    LOCKTAG tag = tag_of(program, row, value);
    pg([&] { (void)LockAcquire(&tag, ShareLock, false, false); });
  });
}

void withdraw_values(const move_program& program, ItemPointer row, const row_image& before, const row_image& after) {
  for_each_changed(program, before, after, [&](int value) {
    LOCKTAG tag = tag_of(program, row, value);
    pg([&] { (void)LockRelease(&tag, ShareLock, false); });
  });
}

bool are_announced(const move_program& program, ItemPointer row, const bool* values) {
  for (int i = 0; i < program.values.count; i++) {
    if (values && !values[i]) continue;
    LOCKTAG tag = tag_of(program, row, i);
    bool announced = pg([&] {
      if (LockAcquire(&tag, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL) return true;
      (void)LockRelease(&tag, ExclusiveLock, false);
      return false;
    });
    if (announced) return true;
  }
  return false;
}

}  // namespace accord::migration
