// The SQL that carries a refused change through.
#include "rule/stage_call.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rule/flights.hpp"

namespace {

using namespace accord;
using namespace accord_test;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

core::constraint constraint(std::string kind, std::string name, std::vector<std::string> columns, std::string definition) {
  core::constraint c;
  c.kind = std::move(kind);
  c.name = std::move(name);
  c.columns = std::move(columns);
  c.definition = std::move(definition);
  return c;
}

std::string staged(const core::shape& before, std::vector<change::any_change> changes) {
  return rule::stage_call({"public", "flights"}, before, changes);
}

TEST(stage_call, gives_names_in_an_order_in_which_they_are_free) {
  EXPECT_EQ(rule::ddl_for({"public", "flights"}, std::vector<change::any_change>{change::column_renamed{"carrier", "place"},
                                                                                 change::column_renamed{"place", "carrier"}}),
            "ALTER TABLE public.flights RENAME COLUMN carrier TO accord_swap; ALTER TABLE public.flights RENAME COLUMN place TO carrier; "
            "ALTER TABLE public.flights RENAME COLUMN accord_swap TO place");
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

TEST(stage_call, gives_no_value_to_a_column_that_is_computed) {
  core::shape before = flights();
  before.columns.push_back(column("total", "integer", "N", false));
  before.columns.back().generated = "dep_delay * 2";
  EXPECT_THAT(staged(before, {change::not_null_added{"total"}}), Not(HasSubstr("up =>")));
  before.columns.back().not_null = true;
  EXPECT_THAT(staged(before, {change::not_null_dropped{"total"}}), Not(HasSubstr("down =>")));
}

TEST(ddl_for, joins_what_alter_table_can_do_at_once) {
  std::vector<change::any_change> changes = {change::column_dropped{"a", true},        change::not_null_added{"b"},
                                             change::column_renamed{"c", "select"},    change::default_changed{"d", std::nullopt, "1"},
                                             change::comment_changed{"e", "", "it's"}, change::relation_renamed{{"s", "t"}, {"s", "u"}}};
  EXPECT_EQ(rule::ddl_for({"s", "T"}, changes),
            "ALTER TABLE s.\"T\" DROP COLUMN a CASCADE, ALTER COLUMN b SET NOT NULL; ALTER TABLE s.\"T\" RENAME COLUMN c TO \"select\"; "
            "ALTER TABLE s.\"T\" ALTER COLUMN d SET DEFAULT 1; COMMENT ON COLUMN s.\"T\".e IS 'it''s'; ALTER TABLE s.\"T\" RENAME TO u");
}

TEST(stage_call, of_a_new_constraint_repairs_what_old_clients_write) {
  auto call = [](core::constraint c) { return staged(flights(), {change::constraint_added{std::move(c)}}); };
  EXPECT_EQ(
      call(constraint("check", "sane", {"carrier", "dep_delay"}, "CHECK ((dep_delay < 10 OR carrier = 'AA')) NOT VALID")),
      "SELECT accord.stage('public.flights', $accord$ALTER TABLE public.flights ADD CONSTRAINT sane CHECK ((dep_delay < 10 OR carrier = "
      "'AA')) NOT VALID$accord$, up => $accord$dep_delay = CASE WHEN ((dep_delay < 10 OR carrier = 'AA')) IS NOT FALSE THEN dep_delay "
      "END$accord$, down => $accord$dep_delay = dep_delay$accord$);");
  EXPECT_THAT(call(constraint("check", "given", {"dep_delay"}, "CHECK ((dep_delay IS NOT NULL))")),
              HasSubstr("up => $accord$dep_delay = coalesce(dep_delay, 0)$accord$"));
  EXPECT_THAT(call(constraint("unique", "once", {"carrier"}, "UNIQUE (carrier)")),
              HasSubstr("up => $accord$carrier = carrier /* or what becomes of a value that violates once */$accord$"));
  EXPECT_THAT(call(constraint("unique index", "once", {"carrier"}, "ON public.flights USING btree (carrier)")),
              HasSubstr("$accord$CREATE UNIQUE INDEX once ON public.flights USING btree (carrier)$accord$"));
}

TEST(stage_call, repairs_no_column_that_is_new_or_changes_anyway) {
  change::any_change check = change::constraint_added{constraint("check", "sane", {"dep_delay"}, "CHECK ((dep_delay <> ''))")};
  EXPECT_THAT(staged(flights(), {check, retyped("text", "S")}), EndsWith("down => $accord$dep_delay = dep_delay::integer$accord$);"));
  check = change::constraint_added{constraint("check", "sane", {"tail", "carrier"}, "CHECK ((tail <> carrier))")};
  EXPECT_THAT(staged(flights(), {change::column_added{column("tail", "text", "S")}, check}), Not(HasSubstr("up =>")));
}

TEST(stage_call, leaves_alone_what_cannot_be_repaired_or_staged) {
  auto before = flights();
  change::any_change check = change::constraint_added{constraint("check", "sane", {"dep_delay"}, "CHECK ((dep_delay > 0))")};
  before.columns[0].generated = "1";
  EXPECT_EQ(staged(before, {check}), "");
  before = flights();
  before.kind = "partitioned table";
  before.partition_key = "RANGE (dep_delay)";
  EXPECT_EQ(staged(before, {check}), "");
  before.partition_key = "RANGE (carrier)";
  EXPECT_NE(staged(before, {check}), "");
  EXPECT_EQ(staged(before, {change::constraint_added{constraint("exclusion", "apart", {"place"}, "EXCLUDE (place WITH ~=)")}}), "");
  before.partition_of = "public.all FOR VALUES IN (1)";
  EXPECT_EQ(staged(before, {check}), "");
  before = flights();
  before.kind = "foreign table";
  EXPECT_EQ(staged(before, {check}), "");
  auto demanding = column("dep_delay", "public.required", "N").type;
  demanding.domain_not_null = true;
  EXPECT_EQ(staged(flights(), {change::column_retyped{"dep_delay", flights().columns[0].type, demanding, {}}}), "");
  // Its name is free when the old version goes.
  before = flights();
  before.constraints = {constraint("check", "sane", {"dep_delay"}, "CHECK ((dep_delay > 9))")};
  EXPECT_EQ(staged(before, {change::constraint_dropped{before.constraints[0]}, check}), "");
}

TEST(stage_call, of_a_dropped_constraint_needs_no_more) {
  auto call = [](core::constraint c) { return staged(flights(), {change::constraint_dropped{std::move(c)}}); };
  EXPECT_EQ(call(constraint("unique", "once", {"carrier"}, "UNIQUE (carrier)")),
            "SELECT accord.stage('public.flights', $accord$ALTER TABLE public.flights DROP CONSTRAINT once$accord$);");
  EXPECT_EQ(call(constraint("unique index", "once", {"carrier"}, "ON public.flights USING btree (carrier)")),
            "SELECT accord.stage('public.flights', $accord$DROP INDEX public.once$accord$);");
}

}  // namespace
