// Locks, rewrites and scans of the kinds of change, as HAZARDS measured them.
#include "rule/cost.hpp"

#include <gtest/gtest.h>

namespace {

using namespace accord;

core::column_type type(std::string text, std::string base) {
  core::column_type t;
  t.text = std::move(text);
  t.base = std::move(base);
  t.kind = "b";
  return t;
}

std::optional<bool> rewrites(core::column_type from, core::column_type to, std::optional<std::string> using_expression = {}) {
  return rule::cost_of(change::column_retyped{"a", std::move(from), std::move(to), std::move(using_expression)}, {}).rewrite;
}

TEST(cost, of_a_retype_is_a_rewrite_unless_values_stay_as_they_are) {
  auto varchar = [](int n) { return type("character varying(" + std::to_string(n) + ")", "character varying"); };
  auto numeric = [](std::string m) { return type("numeric(" + m + ")", "numeric"); };
  EXPECT_EQ(rewrites(type("integer", "integer"), type("bigint", "bigint")), true);
  EXPECT_EQ(rewrites(varchar(5), varchar(10)), false);
  EXPECT_EQ(rewrites(varchar(10), varchar(5)), true);
  EXPECT_EQ(rewrites(varchar(10), type("text", "text")), false);
  EXPECT_EQ(rewrites(type("text", "text"), varchar(10)), true);
  EXPECT_EQ(rewrites(numeric("8,2"), numeric("10,2")), false);
  EXPECT_EQ(rewrites(numeric("8,2"), numeric("10,3")), true);
  EXPECT_EQ(rewrites(numeric("8,2"), type("numeric", "numeric")), false);
  EXPECT_EQ(rewrites(type("timestamp without time zone", "timestamp without time zone"),
                     type("timestamp with time zone", "timestamp with time zone")),
            std::nullopt);
  EXPECT_EQ(rewrites(type("text", "text"), type("text", "text"), "lower(a)"), std::nullopt);
}

TEST(cost, of_a_new_column_depends_on_its_default) {
  auto added = [](auto change_column) {
    core::column c;
    c.name = "a";
    c.type = type("integer", "integer");
    change_column(c);
    return rule::cost_of(change::column_added{c}, {}).rewrite;
  };
  EXPECT_EQ(added([](core::column&) {}), false);
  EXPECT_EQ(added([](core::column& c) { c.default_expression = "5"; }), false);
  EXPECT_EQ(added([](core::column& c) { c.default_expression = "random()"; }), std::nullopt);
  EXPECT_EQ(added([](core::column& c) { c.default_expression = "nextval('s'::regclass)"; }), true);
  EXPECT_EQ(added([](core::column& c) { c.identity = "always"; }), true);
  EXPECT_EQ(added([](core::column& c) { c.generated = "1", c.generated_kind = "stored"; }), true);
  EXPECT_EQ(added([](core::column& c) { c.generated = "1", c.generated_kind = "virtual"; }), false);
  EXPECT_EQ(added([](core::column& c) { c.type.kind = "d", c.type.domain_checks = {"CHECK (true)"}; }), true);
}

TEST(cost, of_a_constraint_is_a_scan_unless_it_is_not_valid) {
  core::constraint c;
  c.name = "c";
  c.kind = "foreign key";
  c.references = "public.other";
  auto cost = rule::cost_of(change::constraint_added{c}, {});
  EXPECT_EQ(cost.held, rule::lock::share_row_exclusive);
  EXPECT_EQ(cost.also_locked, "public.other");
  EXPECT_EQ(cost.scan, true);
  c.validated = false;
  EXPECT_EQ(rule::cost_of(change::constraint_added{c}, {}).scan, false);
}

TEST(cost, of_set_not_null_is_a_scan_unless_a_check_may_prove_it) {
  core::shape before;
  EXPECT_EQ(rule::cost_of(change::not_null_added{"a"}, before).scan, true);
  core::constraint check;
  check.kind = "check";
  check.columns = {"a"};
  before.constraints = {check};
  EXPECT_EQ(rule::cost_of(change::not_null_added{"a"}, before).scan, std::nullopt);
}

TEST(cost, of_several_is_the_worst_of_each) {
  std::vector<change::any_change> changes = {change::comment_changed{"", "", "x"}, change::not_null_added{"a"}};
  auto cost = rule::cost_of(changes, {});
  EXPECT_EQ(cost.held, rule::lock::access_exclusive);
  EXPECT_EQ(cost.rewrite, false);
  EXPECT_EQ(cost.scan, true);
  EXPECT_EQ(rule::cost_of(std::span<const change::any_change>(), {}).held, rule::lock::none);
}

}  // namespace
