// The servo of the backfill.  See backfill_pace.hpp.
#include "plan/backfill_pace.hpp"

#include <algorithm>
#include <cmath>

namespace accord::plan {

void backfill_pace::set(double rows) {
  rows_ = std::clamp(rows, static_cast<double>(min_rows), static_cast<double>(max_rows));
  count_ = 0;
}

void backfill_pace::completed(std::int64_t rows, double ms) {
  if (ms > 5 * target_) return set(rows_ / 10);
  if (static_cast<double>(rows) < rows_) {
    // The batch ended for another reason (its time was up, its heap ended): it says nothing about larger ones.
    if (ms <= target_) return;
  } else if (ms < target_ / 2) {
    return set(rows_ * 1.5);
  }
  samples_[count_++] = ms;
  if (count_ < sample_size) return;
  std::sort(samples_.begin(), samples_.end());
  double p90 = samples_[sample_size * 9 / 10];
  set(rows_ * std::min(target_ / p90, 1.5));
}

void backfill_pace::gave_way() {
  set(rows_ / 2);
}

void smoothed_rate::add(double amount, double seconds) {
  if (seconds <= 0) return;
  double weight = value_ == 0 ? 1 : 1 - std::exp(-seconds / 10);
  value_ += weight * (amount / seconds - value_);
}

}  // namespace accord::plan
