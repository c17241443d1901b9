// The lag of a standby: nothing while it follows, growing while it stands still.
#include "plan/replication_lag.hpp"

#include <gtest/gtest.h>

namespace accord::plan {
namespace {

TEST(replication_lag, is_nothing_where_all_is_replayed) {
  replication_lag lag;
  EXPECT_EQ(lag.behind(5, 0), 0);
  lag.note(1, 100);
  EXPECT_EQ(lag.behind(9, 100), 0);
  EXPECT_EQ(lag.behind(9, 200), 0);
}

TEST(replication_lag, grows_while_a_standby_stands_still) {
  replication_lag lag;
  for (int second = 1; second <= 20; second++)
    lag.note(second, 100u * static_cast<unsigned>(second));
  EXPECT_EQ(lag.behind(20, 500), 14);  // the WAL of second 6 is the first that it lacks
  EXPECT_EQ(lag.behind(30, 500), 24);
  EXPECT_EQ(lag.behind(30, 0), 29);
  EXPECT_EQ(lag.behind(20, 1950), 0);
}

TEST(replication_lag, does_not_count_time_without_wal) {
  replication_lag lag;
  lag.note(1, 100);
  lag.note(50, 100);
  lag.note(60, 200);
  EXPECT_EQ(lag.behind(61, 100), 1);
}

TEST(replication_lag, remembers_the_oldest_and_stays_small) {
  replication_lag lag;
  for (int i = 1; i <= 50'000; i++)
    lag.note(i, static_cast<std::uint64_t>(i));
  EXPECT_EQ(lag.behind(50'000, 0), 49'999);
  EXPECT_EQ(lag.behind(50'000, 49'999), 0);
}

}  // namespace
}  // namespace accord::plan
