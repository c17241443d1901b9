// The pace of a backfill: it reaches its target, answers overshoot at once, and stays within its bounds.
#include "plan/backfill_pace.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace accord::plan {
namespace {

// Runs batches on a machine that needs `ms_per_row` and gives the duration of the last one.
double settle(backfill_pace& pace, double ms_per_row, int batches) {
  double ms = 0;
  for (int i = 0; i < batches; i++) {
    ms = static_cast<double>(pace.rows()) * ms_per_row;
    pace.completed(pace.rows(), ms);
  }
  return ms;
}

TEST(backfill_pace, reaches_its_target_from_below_and_above) {
  for (double ms_per_row : {0.003, 0.02, 0.1, 1.0}) {
    backfill_pace pace(50);
    double ms = settle(pace, ms_per_row, 200);
    EXPECT_GT(ms, 25) << ms_per_row;
    EXPECT_LE(ms, 51) << ms_per_row;
  }
}

TEST(backfill_pace, is_at_speed_within_a_few_batches) {
  backfill_pace pace(50);
  settle(pace, 0.003, 7);
  EXPECT_GT(pace.rows() * 0.003, 25);
}

TEST(backfill_pace, answers_a_batch_far_over_its_target_at_once) {
  backfill_pace pace(50);
  auto before = pace.rows();
  pace.completed(before, 251);
  EXPECT_EQ(pace.rows(), before / 10);
}

TEST(backfill_pace, is_governed_by_the_slow_batches) {
  backfill_pace pace(50);
  auto before = pace.rows();
  for (int i = 0; i < 11; i++)
    pace.completed(before, i < 9 ? 30 : 100);  // 90th percentile: 100
  EXPECT_EQ(pace.rows(), before / 2);
}

TEST(backfill_pace, learns_nothing_from_a_batch_that_ended_early_in_time) {
  backfill_pace pace(50);
  auto before = pace.rows();
  for (int i = 0; i < 100; i++)
    pace.completed(before / 2, 40);
  EXPECT_EQ(pace.rows(), before);
}

TEST(backfill_pace, halves_when_it_gives_way) {
  backfill_pace pace(50);
  auto before = pace.rows();
  pace.gave_way();
  EXPECT_EQ(pace.rows(), before / 2);
}

RC_GTEST_PROP(backfill_pace, stays_within_its_bounds, (const std::vector<unsigned>& durations)) {
  backfill_pace pace(50);
  for (auto ms : durations) {
    auto before = pace.rows();
    ms % 7 == 0 ? pace.gave_way() : pace.completed(before, 0.001 + ms % 1000);
    RC_ASSERT(pace.rows() >= backfill_pace::min_rows);
    RC_ASSERT(pace.rows() <= backfill_pace::max_rows);
    RC_ASSERT(static_cast<double>(pace.rows()) <= static_cast<double>(before) * 1.5 + 1);
  }
}

TEST(smoothed_rate, follows_over_ten_seconds_and_not_at_once) {
  smoothed_rate rate;
  rate.add(1000, 1);
  EXPECT_DOUBLE_EQ(rate.per_second(), 1000);
  rate.add(0, 0.1);
  EXPECT_GT(rate.per_second(), 950);
  for (int i = 0; i < 300; i++)
    rate.add(50, 0.1);
  EXPECT_NEAR(rate.per_second(), 500, 30);
  rate.add(1, 0);  // no time has passed
  EXPECT_NEAR(rate.per_second(), 500, 30);
}

}  // namespace
}  // namespace accord::plan
