// The words of a refusal, and the SQL that it offers.
#include "rule/refusal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace accord;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

core::column column(std::string name, std::string type, std::string category, bool not_null = false) {
  core::column c;
  c.name = std::move(name);
  c.type.text = c.type.base = std::move(type);
  c.type.kind = "b";
  c.type.category = std::move(category);
  c.not_null = not_null;
  return c;
}

core::shape flights() {
  core::shape s;
  s.relation = {"public", "flights"};
  s.kind = "table";
  s.columns = {column("dep_delay", "integer", "N"), column("carrier", "text", "S", true), column("place", "point", "G", true)};
  return s;
}

rule::refused_change refused(std::vector<change::any_change> changes) {
  rule::refused_change r;
  r.tag = "ALTER TABLE";
  r.contract = "flights";
  r.relation = {"public", "flights"};
  r.before = flights();
  r.version = {1, 0, 0};
  core::finding f;
  f.rule = "some-rule";
  f.detail = "Something breaks.";
  r.findings = {f};
  r.changes = std::move(changes);
  return r;
}

change::any_change retyped(std::string to, std::string category, std::optional<std::string> using_expression = {}) {
  return change::column_retyped{"dep_delay", flights().columns[0].type, column("", std::move(to), std::move(category)).type,
                                std::move(using_expression)};
}

TEST(refusal, says_what_which_rule_and_whom) {
  auto r = refused({retyped("text", "S")});
  r.consumers = {"billing", "crew"};
  auto f = rule::refusal(r);
  EXPECT_EQ(f.sqlstate, "AC001");
  EXPECT_EQ(f.message, "ALTER TABLE would break contract \"flights\" 1.0.0");
  EXPECT_EQ(f.detail, "Something breaks (rule some-rule).  Consumers affected: billing, crew.");
  EXPECT_EQ(f.hint,
            "Stage it: SELECT accord.stage('public.flights', $accord$ALTER TABLE public.flights ALTER COLUMN dep_delay TYPE text$accord$, "
            "down => $accord$dep_delay = dep_delay::integer$accord$);");
}

TEST(refusal, counts_the_consumers_that_the_reader_may_not_see) {
  auto r = refused({retyped("text", "S")});
  r.hidden_consumers = 2;
  EXPECT_THAT(rule::refusal(r).detail, EndsWith("Consumers affected: 2 whose names you are not permitted to see."));
  r.consumers = {"billing"};
  EXPECT_THAT(rule::refusal(r).detail, EndsWith("Consumers affected: billing and 2 more whose names you are not permitted to see."));
}

TEST(refusal, tells_when_nobody_is_affected) {
  auto f = rule::refusal(refused({retyped("text", "S")}));
  EXPECT_THAT(f.detail, EndsWith("No registered consumer is affected."));
  EXPECT_THAT(f.hint, HasSubstr("accord.allow_unused"));
}

TEST(refusal, of_a_drop_offers_the_end_of_the_contract) {
  auto f = rule::refusal(refused({change::relation_dropped{{"public", "flights"}}}));
  EXPECT_THAT(f.hint, HasSubstr("accord.drop_contract('public.flights')"));
  EXPECT_THAT(f.hint, Not(HasSubstr("accord.stage")));
}

TEST(refusal, without_known_changes_still_has_a_way_out) {
  EXPECT_THAT(rule::refusal(refused({})).hint, HasSubstr("accord.stage()"));
}

TEST(stage_call, gives_the_expressions_that_only_the_author_can_know) {
  auto call = [](change::any_change c) { return rule::stage_call({"public", "flights"}, flights(), std::vector{std::move(c)}); };
  EXPECT_THAT(call(retyped("interval", "T", "make_interval(mins => dep_delay)")),
              HasSubstr("down => $accord$dep_delay = /* integer from interval */$accord$"));
  EXPECT_THAT(call(change::column_dropped{"carrier", false}), HasSubstr("down => $accord$carrier = ''$accord$"));
  EXPECT_THAT(call(change::column_dropped{"place", false}), HasSubstr("down => $accord$place = /*"));
  EXPECT_THAT(call(change::column_dropped{"dep_delay", false}), Not(HasSubstr("down")));
  EXPECT_THAT(call(change::not_null_added{"dep_delay"}), HasSubstr("up => $accord$dep_delay = coalesce(dep_delay, 0)$accord$"));
  EXPECT_THAT(call(change::not_null_dropped{"carrier"}), HasSubstr("down => $accord$carrier = coalesce(carrier, '')$accord$"));
  EXPECT_THAT(call(change::column_added{column("tail", "text", "S", true)}), HasSubstr("up => $accord$tail = ''$accord$"));
  EXPECT_EQ(call(change::labels_changed{}), "");
}

TEST(ddl_for, joins_what_alter_table_can_do_at_once) {
  std::vector<change::any_change> changes = {change::column_dropped{"a", true},        change::not_null_added{"b"},
                                             change::column_renamed{"c", "select"},    change::default_changed{"d", std::nullopt, "1"},
                                             change::comment_changed{"e", "", "it's"}, change::relation_renamed{{"s", "t"}, {"s", "u"}}};
  EXPECT_EQ(rule::ddl_for({"s", "T"}, changes),
            "ALTER TABLE s.\"T\" DROP COLUMN a CASCADE, ALTER COLUMN b SET NOT NULL; ALTER TABLE s.\"T\" RENAME COLUMN c TO \"select\"; "
            "ALTER TABLE s.\"T\" ALTER COLUMN d SET DEFAULT 1; COMMENT ON COLUMN s.\"T\".e IS 'it''s'; ALTER TABLE s.\"T\" RENAME TO u");
}

}  // namespace
