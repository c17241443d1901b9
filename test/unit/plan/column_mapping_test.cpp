// What the columns of a subscription are called in another version.
#include "plan/column_mapping.hpp"

#include <gtest/gtest.h>

namespace accord::plan {
namespace {

using names = std::vector<std::string>;

// 1: year, month, delay, carrier -> 2: departure, delay (retyped), airline -> 3: airline dropped, delay split
const std::vector<version_columns> versions{
    {1, {{"id", "id"}, {"year", "year"}, {"month", "month"}, {"delay", "delay"}, {"carrier", "carrier"}}},
    {2, {{"id", "id"}, {"airline", "carrier"}, {"departure", "_accord_1_departure"}, {"delay", "_accord_1_delay"}}},
    {3, {{"id", "id"}, {"departure", "_accord_1_departure"}, {"hours", "_accord_2_hours"}, {"minutes", "_accord_2_minutes"}}},
};
const std::vector<version_step> steps{
    {1, 2, {{{"year", "month"}, {"departure"}}, {{"delay"}, {"delay"}}}},
    {2, 3, {{{"delay"}, {"hours", "minutes"}}}},
};

names map(names columns, int from, int to) {
  return map_columns(columns, from, to, versions, steps);
}

TEST(column_mapping, follows_renames_and_groups) {
  EXPECT_EQ(map({"id", "carrier"}, 1, 2), (names{"id", "airline"}));
  EXPECT_EQ(map({"year"}, 1, 2), (names{"departure"}));
  EXPECT_EQ(map({"month", "year", "delay"}, 1, 2), (names{"departure", "delay"}));
}

TEST(column_mapping, goes_back) {
  EXPECT_EQ(map({"airline", "departure"}, 2, 1), (names{"year", "month", "carrier"}));
  EXPECT_EQ(map({"hours"}, 3, 2), (names{"delay"}));
}

TEST(column_mapping, goes_through_a_chain) {
  EXPECT_EQ(map({"id", "year", "delay"}, 1, 3), (names{"id", "departure", "hours", "minutes"}));
  EXPECT_EQ(map({"minutes", "departure"}, 3, 1), (names{"year", "month", "delay"}));
}

TEST(column_mapping, leaves_out_what_is_gone) {
  EXPECT_EQ(map({"id", "airline"}, 2, 3), (names{"id"}));
  EXPECT_EQ(map({"airline"}, 2, 3), names{});
}

TEST(column_mapping, keeps_names_where_no_step_leads) {
  EXPECT_EQ(map_columns({"id", "gone"}, 1, 2, versions, {}), (names{"id"}));
  EXPECT_EQ(map_columns({"a", "b"}, 1, 2, {}, {}), (names{"a", "b"}));
  EXPECT_EQ(map({"id", "delay"}, 2, 2), (names{"id", "delay"}));
}

TEST(column_mapping, of_all_columns_is_all_columns) {
  for (const auto& from : versions)
    for (const auto& to : versions) {
      if (from.major == 2 && to.major == 3) continue;  // airline ends there
      names all, expected;
      for (const auto& [name, physical] : from.columns)
        all.push_back(name);
      for (const auto& [name, physical] : to.columns)
        expected.push_back(name);
      auto mapped = map(all, from.major, to.major);
      if (from.major == 3) std::erase_if(expected, [](const std::string& name) { return name == "carrier" || name == "airline"; });
      EXPECT_EQ(mapped, expected) << from.major << " to " << to.major;
    }
}

}  // namespace
}  // namespace accord::plan
