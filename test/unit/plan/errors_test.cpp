// Every refusal of the planner, held to PostgreSQL's style of error messages.
#include "plan/errors.hpp"

#include <gtest/gtest.h>

#include "support/style.hpp"

namespace accord::plan {
namespace {

TEST(errors, follow_the_style_guide) {
  using namespace errors;
  const std::vector<std::string> one = {"a"}, two = {"a", "b"};
  const core::failure all[] = {
      change_not_staged("enable row security", "A version view cannot carry it.", "Leave it out."),
      nothing_to_stage(),
      no_such_column("up", "a", "2.0.0"),
      no_such_column("down", "a", "1.0.0"),
      assigned_twice("up", "a"),
      using_and_up("a"),
      using_names_renamed("a", "b"),
      up_missing("a", "Existing rows need a value.", "$$a = 1$$"),
      down_missing("a", "Old clients need a value.", "$$a = 1$$"),
      down_for_shared("a"),
      default_is_volatile("a"),
      in_index("a", {"index \"i\""}),
      in_index("a", {"index \"i\"", "primary key \"p\""}),
      is_generated("a", "up"),
      is_generated("a", "down"),
      is_identity("a"),
      policies_on(one, two),
      virtual_not_null("a"),
      insert_is_ambiguous("a", "0"),
      star_consumers("t", one),
      column_triggers(one, one),
      column_triggers(two, two),
      trigger_sorts_outside(one),
      trigger_sorts_outside(two),
      published(one, {"ALTER PUBLICATION p DROP TABLE ONLY t;"}, false),
      published(two, {}, true),
      sequence_moves_along("t", "a", "public.t_a_seq"),
      published_columns(one, two, "t"),
      published_columns(two, one, "t"),
      not_updatable("t", "it does not have a replica identity and publishes updates"),
      is_inherited("a", "t", {"p"}),
      parent_migrates("t", "p"),
      inherited_elsewhere("a", "t"),
      child_has_contract("t"),
      child_not_followed("t", "It is a temporary table."),
      moves_from_tree("t"),
      is_partition("t"),
      not_a_table("t", "view"),
      is_partition_key("a"),
      exclusion_of_partitions("add exclusion constraint \"c\""),
      unproven_key_of_partitions("a", "foreign key \"f\""),
      version_without_columns("2.0.0", true),
      version_without_columns("1.0.0", false),
      earlier_migration("a", "index \"i\""),
      second_primary_key("t", "p"),
      referenced_key("constraint \"p\"", {"foreign key \"f\" of table \"u\""}),
      on_shared_columns("check constraint \"c\"", two),
      twin_not_possible("index \"i\"", "The server says: no."),
  };
  for (const auto& failure : all) {
    EXPECT_EQ(failure.sqlstate.size(), 5u);
    for (const auto& complaint : test::style_complaints(failure))
      ADD_FAILURE() << failure.message << ": " << complaint;
  }
}

TEST(errors, lists_read_like_lists) {
  EXPECT_EQ(errors::listed({}), "");
  EXPECT_EQ(errors::listed({"a"}), "a");
  EXPECT_EQ(errors::listed({"a", "b"}), "a and b");
  EXPECT_EQ(errors::listed({"a", "b", "c"}), "a, b and c");
}

}  // namespace
}  // namespace accord::plan
