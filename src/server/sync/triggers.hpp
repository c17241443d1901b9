// sync: the two BEFORE ROW triggers that keep the columns of live versions in step.
#pragma once

namespace accord::migration {

// While one lives, rows are stored as they are written: a mark that is set on purpose stays.
class rows_left_alone {
 public:
  rows_left_alone();
  ~rows_left_alone();
  rows_left_alone(const rows_left_alone&) = delete;
  rows_left_alone& operator=(const rows_left_alone&) = delete;

 private:
  bool before_;
};

// Called once from _PG_init: callbacks and hooks of the sync triggers.
void sync_init();

}  // namespace accord::migration
