// What a step needs follows the size of the table, and is not told where that is not known.
#include "plan/step_cost.hpp"

#include <gtest/gtest.h>

namespace accord::plan {
namespace {

TEST(step_cost, of_a_backfill_is_every_row_once_more) {
  auto cost = cost_of_backfill({1'000'000, 100 << 20, 20 << 20});
  EXPECT_EQ(cost.rows, 1'000'000);
  EXPECT_EQ(cost.disk, 120 << 20);
  EXPECT_EQ(cost.wal, 340 << 20);
  EXPECT_DOUBLE_EQ(*cost.seconds, 5.0);
}

TEST(step_cost, of_an_index_goes_by_its_rows_and_of_a_proof_by_the_heap) {
  EXPECT_EQ(cost_of_index({1000, 1 << 20, 0}).disk, 24'000);
  EXPECT_EQ(cost_of_index({1000, 1 << 20, 0}).wal, 24'000);
  auto proof = cost_of_proof({1000, 150'000'000, 0});
  EXPECT_EQ(proof.disk + proof.wal, 0);
  EXPECT_DOUBLE_EQ(*proof.seconds, 1.0);
}

TEST(step_cost, is_open_where_the_table_was_never_analyzed) {
  auto cost = cost_of_backfill({std::nullopt, 8192, 0});
  EXPECT_FALSE(cost.rows);
  EXPECT_FALSE(cost.seconds);
  EXPECT_EQ(cost.disk, 8192);
}

}  // namespace
}  // namespace accord::plan
