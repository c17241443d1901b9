// Changes of columns: what a diff finds, how it reads, and what applying it does.
#include <gtest/gtest.h>

#include "change/change.hpp"
#include "core/failure.hpp"
#include "support/described.hpp"
#include "support/flights.hpp"

namespace accord::change {
namespace {

using test::described;
using test::flights;
using test::make_column;
using test::make_constraint;
using test::make_type;

using lines = std::vector<std::string>;

template <class Action>
std::string sqlstate_of(Action action) {
  try {
    action();
  } catch (const core::failure& error) {
    return error.sqlstate;
  }
  return "no error";
}

TEST(column_change, a_new_type) {
  core::shape after = flights();
  after.columns[2].type = make_type("text", "S");
  const auto changes = diff(flights(), after);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(id(changes[0]), "column-retyped");
  EXPECT_EQ(describe(changes[0]), "alter column \"dep_delay\" type from integer to text");
  EXPECT_EQ(element(changes[0]), "column \"dep_delay\"");
  EXPECT_EQ(applied(flights(), changes), after);
}

TEST(column_change, a_longer_varchar_is_a_new_type) {
  core::shape before = flights(), after = flights();
  before.columns[1].type = make_type("character varying(10)", "S");
  after.columns[1].type = make_type("character varying(20)", "S");
  EXPECT_EQ(described(before, after), lines{"alter column \"carrier\" type from character varying(10) to character varying(20)"});
}

TEST(column_change, labels_collation_and_domain_are_kinds_of_their_own) {
  core::shape before = flights(), after = flights();
  before.columns[2].type = test::make_enum({"sad", "ok"});
  after.columns[2].type = test::make_enum({"sad", "ok", "happy"});
  after.columns[1].type.collation = "pg_catalog.\"C\"";
  EXPECT_EQ(described(before, after), (lines{"alter column \"carrier\" collation from default to pg_catalog.\"C\"",
                                             "alter labels of column \"dep_delay\" from (sad, ok) to (sad, ok, happy)"}));

  before = after = flights();
  core::column_type domain = make_type("public.minutes");
  domain.kind = "d";
  domain.domain_base = "integer";
  before.columns[2].type = domain;
  domain.domain_checks = {"CHECK ((VALUE >= 0))"};
  after.columns[2].type = domain;
  EXPECT_EQ(described(before, after), lines{"alter domain public.minutes of column \"dep_delay\""});
}

TEST(column_change, nullability_default_and_identity) {
  core::shape after = flights();
  after.columns[0].identity = "by default";
  after.columns[1].not_null = false;
  after.columns[2].not_null = true;
  after.columns[2].default_expression = "0";
  EXPECT_EQ(described(flights(), after),
            (lines{"alter column \"dep_delay\" set not null", "alter column \"carrier\" drop not null",
                   "alter column \"dep_delay\" default from none to 0", "alter column \"flight_id\" identity from always to by default"}));
}

TEST(column_change, a_new_column_stands_at_the_end) {
  core::shape after = flights();
  after.columns.push_back(make_column("tail", make_type("text", "S")));
  EXPECT_EQ(described(flights(), after), lines{"add column \"tail\" text"});
  after.columns = {after.columns[3], after.columns[0], after.columns[1], after.columns[2]};
  EXPECT_EQ(described(flights(), after), (lines{"add column \"tail\" text", "reorder columns to tail, flight_id, carrier, dep_delay"}));
}

TEST(column_change, a_dropped_column_takes_its_constraints_and_grants_along) {
  core::shape before = flights();
  before.constraints.push_back(make_constraint("one", "unique", {"carrier", "dep_delay"}, "UNIQUE (carrier, dep_delay)"));
  before.privileges = {{"billing", "SELECT", "dep_delay", false}, {"billing", "SELECT", "carrier", false}};
  core::canonicalize(before);
  core::shape after = before;
  after.columns.pop_back();
  after.constraints.pop_back();
  after.privileges = {{"billing", "SELECT", "carrier", false}};
  EXPECT_EQ(described(before, after), lines{"drop column \"dep_delay\""});
  EXPECT_EQ(applied(before, std::vector<any_change>{column_dropped{"dep_delay"}}), after);
}

TEST(column_change, without_being_told_a_rename_is_a_drop_and_an_add) {
  core::shape after = flights();
  after.columns[2].name = "delay";
  EXPECT_EQ(described(flights(), after), (lines{"drop column \"dep_delay\"", "add column \"delay\" integer"}));
  EXPECT_EQ(described(flights(), after, {{"dep_delay", "delay"}}), lines{"rename column \"dep_delay\" to \"delay\""});
}

TEST(column_change, a_rename_carries_the_texts_that_name_the_column_along) {
  core::shape before = flights();
  before.constraints = {
      make_constraint("c", "check", {"dep_delay"}, "CHECK (((dep_delay > 0) OR (t.dep_delay = 'dep_delay'::dep_delay) OR dep_delay(1)))"),
      make_constraint("f", "foreign key", {"dep_delay"}, "FOREIGN KEY (dep_delay) REFERENCES public.delays(dep_delay)"),
      make_constraint("s", "foreign key", {"dep_delay"}, "FOREIGN KEY (dep_delay) REFERENCES public.flights(dep_delay)")};
  before.constraints[1].references = "public.delays";
  before.constraints[2].references = "public.flights";
  before.policies = {{"p", "all", "public", "(dep_delay > 0)", "", true}};
  before.privileges = {{"billing", "SELECT", "dep_delay", false}};

  core::shape after = before;
  after.columns[2].name = "Delay";
  after.constraints[0].definition = "CHECK (((\"Delay\" > 0) OR (t.\"Delay\" = 'dep_delay'::dep_delay) OR dep_delay(1)))";
  after.constraints[1].definition = "FOREIGN KEY (\"Delay\") REFERENCES public.delays(dep_delay)";
  after.constraints[2].definition = "FOREIGN KEY (\"Delay\") REFERENCES public.flights(\"Delay\")";
  for (core::constraint& constraint : after.constraints)
    constraint.columns = {"Delay"};
  after.policies[0].using_expression = "(\"Delay\" > 0)";
  after.privileges[0].column = "Delay";

  EXPECT_EQ(described(before, after, {{"dep_delay", "Delay"}}), lines{"rename column \"dep_delay\" to \"Delay\""});
  EXPECT_EQ(applied(before, std::vector<any_change>{column_renamed{"dep_delay", "Delay"}}), after);
}

TEST(column_change, two_names_can_be_swapped) {
  core::shape after = flights();
  std::swap(after.columns[1].name, after.columns[2].name);
  const renames names{{"carrier", "dep_delay"}, {"dep_delay", "carrier"}};
  EXPECT_EQ(described(flights(), after, names),
            (lines{"rename column \"carrier\" to \"dep_delay\"", "rename column \"dep_delay\" to \"carrier\""}));
  EXPECT_EQ(applied(flights(), diff(flights(), after, names)), after);
}

TEST(column_change, a_column_made_again_under_its_name_is_another_column) {
  EXPECT_EQ(described(flights(), flights(), {{"dep_delay", ""}}), (lines{"drop column \"dep_delay\"", "add column \"dep_delay\" integer"}));
}

TEST(column_change, a_renamed_column_can_push_out_one_that_had_its_name) {
  core::shape after = flights();
  after.columns.erase(after.columns.begin() + 1);
  after.columns[1].name = "carrier";
  EXPECT_EQ(described(flights(), after, {{"dep_delay", "carrier"}}),
            (lines{"drop column \"carrier\"", "rename column \"dep_delay\" to \"carrier\""}));
}

TEST(column_change, generated_columns) {
  core::shape before = flights(), after = flights();
  before.columns[2].generated = "(flight_id + 1)";
  before.columns[2].generated_kind = "stored";
  EXPECT_EQ(described(before, after), lines{"alter column \"dep_delay\" generated from (flight_id + 1) to none"});
  after = before;
  after.columns[0].name = "id";
  after.columns[2].generated = "(id + 1)";
  after.constraints[0].columns = {"id"};
  after.constraints[0].definition = "PRIMARY KEY (id)";
  EXPECT_EQ(described(before, after, {{"flight_id", "id"}}), lines{"rename column \"flight_id\" to \"id\""});
}

TEST(column_change, comments) {
  core::shape after = flights();
  after.comment = "all flights";
  after.columns[2].comment = "minutes";
  EXPECT_EQ(described(flights(), after), (lines{"comment on relation", "comment on column \"dep_delay\""}));
}

TEST(column_change, what_does_not_fit_is_refused_as_the_server_would) {
  core::shape s = flights();
  EXPECT_EQ(sqlstate_of([&] { column_dropped{"no"}.apply(s); }), "42703");
  EXPECT_EQ(sqlstate_of([&] { column_retyped{"no", {}, {}}.apply(s); }), "42703");
  EXPECT_EQ(sqlstate_of([&] { not_null_added{"no"}.apply(s); }), "42703");
  EXPECT_EQ(sqlstate_of([&] { column_renamed{"no", "yes"}.apply(s); }), "42703");
  EXPECT_EQ(sqlstate_of([&] { column_renamed{"carrier", "dep_delay"}.apply(s); }), "42701");
  EXPECT_EQ(sqlstate_of([&] { column_added{s.columns[0]}.apply(s); }), "42701");
  EXPECT_EQ(sqlstate_of([&] { columns_reordered{{"carrier"}}.apply(s); }), "22023");
  EXPECT_EQ(sqlstate_of([&] { columns_reordered{{"carrier", "carrier", "dep_delay"}}.apply(s); }), "22023");
  EXPECT_EQ(s, flights()) << "a refused change leaves the shape alone";
}

}  // namespace
}  // namespace accord::change
