// backfill_pace: how many rows the next batch of a backfill may take, and how fast the backfill has been.
//
// A batch must be short, because a client that wants one of its rows waits for its end; and long, because each has the cost of a
// transaction.  The pace is held by the 90th percentile of what batches took and not by their mean: what clients feel is the slow one.
// Overshoot is answered at once and by much, growth is slow.
//
// Invariants: min_rows <= rows() <= max_rows; one step never grows by more than half.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace accord::plan {

class backfill_pace {
 public:
  static constexpr std::int64_t min_rows = 10, max_rows = 100'000, first_rows = 2'000;

  explicit backfill_pace(double target_ms) : target_(target_ms) {}

  std::int64_t rows() const { return static_cast<std::int64_t>(rows_); }
  void completed(std::int64_t rows, double ms);  // a batch that was committed
  void gave_way();                               // a batch that was rolled back for somebody else's sake

 private:
  static constexpr std::size_t sample_size = 11;
  void set(double rows);

  double target_, rows_ = first_rows;
  std::array<double, sample_size> samples_{};
  std::size_t count_ = 0;
};

// A rate smoothed over ten seconds, so that an estimate does not jump with each batch.
class smoothed_rate {
 public:
  explicit smoothed_rate(double per_second = 0) : value_(per_second) {}
  void add(double amount, double seconds);
  double per_second() const { return value_; }

 private:
  double value_;
};

}  // namespace accord::plan
