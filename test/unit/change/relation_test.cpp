// Changes of the relation and of what hangs on it: what a diff finds and what does not fit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "change/change.hpp"
#include "change/errors.hpp"
#include "support/described.hpp"
#include "support/flights.hpp"
#include "support/style.hpp"

namespace accord::change {
namespace {

using test::described;
using test::flights;
using test::make_constraint;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(relation_change, rename_and_move) {
  core::shape before = flights();
  before.constraints.push_back(
      make_constraint("next", "foreign key", {"dep_delay"}, "FOREIGN KEY (dep_delay) REFERENCES public.flights(flight_id)"));
  before.constraints.back().references = "public.flights";
  before.triggers = {{"t", "CREATE TRIGGER t BEFORE INSERT ON public.flights FOR EACH ROW", "origin", {}}};
  core::canonicalize(before);
  core::shape after = before;
  after.relation = {"ops", "Legs"};
  for (core::constraint& constraint : after.constraints) {
    if (constraint.name != "next") continue;
    constraint.references = "ops.\"Legs\"";
    constraint.definition = "FOREIGN KEY (dep_delay) REFERENCES ops.\"Legs\"(flight_id)";
  }
  after.triggers[0].definition = "CREATE TRIGGER t BEFORE INSERT ON ops.\"Legs\" FOR EACH ROW";
  EXPECT_THAT(described(before, after),
              ElementsAre("move relation \"public.flights\" to schema \"ops\"", "rename relation \"ops.flights\" to \"Legs\""));
  EXPECT_EQ(applied(before, diff(before, after)), after);
}

TEST(relation_change, a_relation_with_a_longer_name_is_not_meant) {
  core::shape before = flights();
  before.triggers = {{"t", "public.flights_old, x.public.flights, \"public.flights\", public.flights", "origin", {}}};
  core::shape after = before;
  after.relation.name = "legs";
  after.triggers[0].definition = "public.flights_old, x.public.flights, \"public.flights\", public.legs";
  EXPECT_THAT(described(before, after), ElementsAre("rename relation \"public.flights\" to \"legs\""));
}

TEST(relation_change, a_shape_without_a_name_is_no_relation) {
  const auto changes = diff(flights(), core::shape{});
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(describe(changes[0]), "drop relation \"public.flights\"");
  EXPECT_EQ(applied(flights(), changes), core::shape{});
}

TEST(relation_change, constraints) {
  core::shape after = flights();
  after.constraints = {make_constraint("c", "check", {"dep_delay"}, "CHECK ((dep_delay > 0))")};
  EXPECT_THAT(described(flights(), after), ElementsAre("drop primary key \"flights_pkey\"", "add check \"c\""));
  core::shape more = after;
  more.constraints[0].definition = "CHECK ((dep_delay > 1))";
  EXPECT_THAT(described(after, more), ElementsAre("change check \"c\""));
  more.constraints[0].kind = "unique index";
  EXPECT_THAT(described(after, more), ElementsAre("drop check \"c\"", "add unique index \"c\""));
}

TEST(relation_change, rights_are_compared_and_not_statements) {
  core::shape before = flights(), after = flights();
  before.privileges = {{"billing", "SELECT", "", false}, {"ops", "UPDATE", "carrier", true}};
  after.privileges = {{"ops", "UPDATE", "carrier", false}, {"public", "SELECT", "", false}};
  EXPECT_THAT(described(before, after),
              ElementsAre("revoke SELECT of \"billing\"", "revoke UPDATE (\"carrier\") of \"ops\" with grant option",
                          "grant UPDATE (\"carrier\") of \"ops\"", "grant SELECT of \"public\""));
}

TEST(relation_change, row_security_policies_and_triggers) {
  core::shape before = flights(), after = flights();
  before.policies = {{"old", "all", "public", "true", "", true}, {"p", "all", "public", "true", "", true}};
  after.policies = {{"new", "all", "public", "true", "", true}, {"p", "select", "public", "true", "", true}};
  before.triggers = {{"a", "1", "origin", {}}, {"b", "1", "origin", {}}};
  after.triggers = {{"b", "1", "disabled", {}}, {"c", "1", "origin", {}}};
  after.row_security = true;
  EXPECT_THAT(described(before, after),
              ElementsAre("enable row security", "drop policy \"old\"", "change policy \"p\"", "add policy \"new\"", "drop trigger \"a\"",
                          "change trigger \"b\"", "add trigger \"c\""));
}

TEST(relation_change, structure) {
  core::shape after = flights();
  after.kind = "partitioned table";
  after.partition_key = "RANGE (flight_id)";
  after.parents = {"public.base"};
  after.persistence = "unlogged";
  after.replica_identity = "full";
  EXPECT_THAT(described(flights(), after),
              ElementsAre("relation \"public.flights\" turns from table into partitioned table",
                          "set persistence from permanent to unlogged", "set replica identity from default to full",
                          "partition by RANGE (flight_id) instead of none", "inherit from (public.base) instead of ()"));
}

template <class Change>
std::string refusal(const Change& change) {
  core::shape shape = flights();
  try {
    change.apply(shape);
  } catch (const core::failure& error) {
    return error.sqlstate + " " + error.message;
  }
  return "no error";
}

TEST(relation_change, what_does_not_fit_is_refused) {
  const core::constraint pkey = flights().constraints[0];
  core::constraint other = pkey;
  other.kind = "unique";
  EXPECT_EQ(refusal(constraint_added{pkey}), "42710 constraint \"flights_pkey\" for relation \"flights\" already exists");
  EXPECT_EQ(refusal(constraint_dropped{other}), "42704 constraint \"flights_pkey\" for relation \"flights\" does not exist");
  EXPECT_EQ(refusal(policy_dropped{{"p", "", "", "", "", true}}), "42704 policy \"p\" for relation \"flights\" does not exist");
  EXPECT_EQ(refusal(trigger_changed{{"t", "", "", {}}, {"t", "", "", {}}}), "42704 trigger \"t\" for relation \"flights\" does not exist");
  EXPECT_EQ(refusal(privilege_revoked{{"billing", "SELECT", "", false}}),
            "42704 role \"billing\" has no privilege SELECT on relation \"flights\"");
}

TEST(relation_change, errors_follow_the_style_guide) {
  const core::qualified_name relation{"public", "flights"};
  for (const core::failure& error : {errors::no_such_column(relation, "a"), errors::column_exists(relation, "a"),
                                     errors::no_such_constraint(relation, "a"), errors::constraint_exists(relation, "a"),
                                     errors::no_such_object(relation, "policy", "a"), errors::object_exists(relation, "policy", "a"),
                                     errors::no_such_privilege(relation, "SELECT", "a"), errors::wrong_column_order(relation)}) {
    EXPECT_THAT(test::style_complaints(error), IsEmpty()) << error.message;
  }
}

}  // namespace
}  // namespace accord::change
