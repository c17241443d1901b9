// The words of a refusal, and the SQL that it offers.
#include "rule/refusal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rule/flights.hpp"

namespace {

using namespace accord;
using namespace accord_test;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

rule::refused_change refused(std::vector<change::any_change> changes) {
  rule::refused_change r;
  r.tag = "ALTER TABLE";
  r.contract = "flights";
  r.relation = {"public", "flights"};
  r.before = &flights();
  r.version = {1, 0, 0};
  core::finding f;
  f.rule = "some-rule";
  f.detail = "Something breaks.";
  r.findings = {f};
  r.changes = std::move(changes);
  return r;
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

TEST(refusal, names_so_many_consumers_as_people_read) {
  auto r = refused({retyped("text", "S")});
  for (int i = 0; i < 20; i++)
    r.consumers.push_back(i < 10 ? "a" : "b");
  EXPECT_THAT(rule::refusal(r).detail, EndsWith(", b, b."));
  r.consumers.emplace_back("c");
  r.consumers.emplace_back("d");
  EXPECT_THAT(rule::refusal(r).detail, EndsWith(", b, b and 2 more."));
  r.hidden_consumers = 3;
  EXPECT_THAT(rule::refusal(r).detail, EndsWith(", b, b and 2 more and 3 more whose names you are not permitted to see."));
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

TEST(refusal, another_way_is_told_with_what_lets_it_through_and_not_where_nothing_does) {
  auto r = refused({retyped("text", "S")});
  r.way = "Do something else.";
  EXPECT_EQ(rule::refusal(r).hint, "Do something else.  As no consumer is affected, SET accord.allow_unused = on lets it through as well.");
  r.consumers = {"billing"};
  EXPECT_EQ(rule::refusal(r).hint, "Do something else.");
  r.under_way = "2.0.0";
  EXPECT_EQ(rule::refusal(r).hint, "Until the migration to 2.0.0 is purged or rolled back, no setting and no waiver lets it through.");
}

}  // namespace
