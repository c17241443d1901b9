// What follows from findings: who is hit, what a level promises, what a statement made worse, and
// the size of the next version.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "rule/cases.hpp"
#include "rule/rule.hpp"
#include "support/flights.hpp"
#include "support/generators.hpp"

namespace accord::rule {
namespace {

using core::access, core::effect, core::level, core::strictness;

core::finding make_finding(effect readers, effect writers) {
  core::finding f;
  f.rule = "r";
  f.element = "e";
  f.readers = readers;
  f.writers = writers;
  return f;
}

TEST(hits, only_who_does_what_breaks) {
  const core::finding reading = make_finding(effect::breaks, effect::none);
  const core::finding writing = make_finding(effect::none, effect::data_dependent);
  core::subscription s{{"billing"}, 1, std::nullopt, access::read, strictness::typed};
  EXPECT_TRUE(hits(reading, s));
  EXPECT_FALSE(hits(writing, s));
  s.access = access::write;
  EXPECT_FALSE(hits(reading, s));
  EXPECT_TRUE(hits(writing, s));
  s.access = access::read_write;
  EXPECT_TRUE(hits(reading, s));
  EXPECT_TRUE(hits(writing, s));
  EXPECT_FALSE(hits(make_finding(effect::none, effect::none), s));
}

TEST(hits, only_on_the_columns_that_are_used) {
  core::finding f = make_finding(effect::breaks, effect::breaks);
  core::subscription s;
  s.columns = {"a", "b"};
  EXPECT_TRUE(hits(f, s)) << "a finding without columns concerns everybody";
  f.columns = {"b", "c"};
  EXPECT_TRUE(hits(f, s));
  f.columns = {"c"};
  EXPECT_FALSE(hits(f, s));
  s.columns.reset();
  EXPECT_TRUE(hits(f, s)) << "who names no columns uses all";
}

TEST(hits, only_who_is_strict_enough) {
  core::finding f = make_finding(effect::breaks, effect::none);
  f.readers_at = strictness::star;
  core::subscription s;
  s.strictness = strictness::prepared;
  EXPECT_FALSE(hits(f, s));
  s.strictness = strictness::star;
  EXPECT_TRUE(hits(f, s));
  s.strictness = strictness::exact;
  EXPECT_TRUE(hits(f, s));
}

TEST(violates, what_the_level_promises) {
  const core::finding reading = make_finding(effect::silent, effect::none);
  const core::finding writing = make_finding(effect::none, effect::data_dependent);
  const auto broken = [](const core::finding& f, level l) { return violates(f, {l, false}); };
  EXPECT_FALSE(broken(reading, level::none));
  EXPECT_TRUE(broken(reading, level::readers));
  EXPECT_FALSE(broken(reading, level::writers));
  EXPECT_TRUE(broken(reading, level::clients));
  EXPECT_TRUE(broken(reading, level::full));
  EXPECT_FALSE(broken(writing, level::none));
  EXPECT_FALSE(broken(writing, level::readers));
  EXPECT_TRUE(broken(writing, level::writers));
  EXPECT_TRUE(broken(writing, level::clients));
  EXPECT_TRUE(broken(writing, level::full));
}

TEST(violates, what_only_stricter_clients_notice_is_promised_to_nobody_in_general) {
  core::finding f = make_finding(effect::breaks, effect::none);
  f.readers_at = strictness::prepared;
  EXPECT_FALSE(violates(f, {level::clients, false}));
}

TEST(worse, is_after_without_before) {
  const core::finding a = make_finding(effect::breaks, effect::none);
  core::finding b = a;
  b.element = "other";
  EXPECT_EQ(worse({a, b}, {a}), std::vector{b});
  EXPECT_TRUE(worse({a, b}, {b, a}).empty());
  EXPECT_EQ(worse({a, a}, {a}), std::vector{a}) << "twice is worse than once";
  EXPECT_TRUE(worse({}, {a}).empty()) << "a repair is never refused";
  core::finding harder = a;
  harder.writers = effect::breaks;
  EXPECT_EQ(worse({harder}, {a}), std::vector{harder});
}

core::bump bump_of(void (*edit)(core::shape&)) {
  core::shape after = test::flights();
  edit(after);
  return required_bump(test::flights(), after);
}

TEST(required_bump, breaking_is_major_additive_minor_documentation_patch) {
  using core::bump, core::shape;
  EXPECT_EQ(bump_of([](shape&) {}), bump::none);
  EXPECT_EQ(bump_of([](shape& s) { s.comment = "all flights"; }), bump::patch);
  EXPECT_EQ(bump_of([](shape& s) { s.columns.push_back(test::make_column("n", test::make_type("text", "S"))); }), bump::minor);
  EXPECT_EQ(bump_of([](shape& s) { s.privileges = {{"public", "SELECT", "", false}}; }), bump::minor);
  EXPECT_EQ(bump_of([](shape& s) { s.columns.pop_back(); }), bump::major);
  EXPECT_EQ(bump_of([](shape& s) { s.columns[2].type = test::make_type("bigint"); }), bump::major);
  EXPECT_EQ(bump_of([](shape& s) { s.columns[2].not_null = true; }), bump::major);
  EXPECT_EQ(bump_of([](shape& s) { s.relation.name = "legs"; }), bump::major);
}

TEST(required_bump, a_rename_is_major) {
  core::shape after = test::flights();
  after.columns[1].name = "airline";
  EXPECT_EQ(required_bump(test::flights(), after, {{"carrier", "airline"}}), core::bump::major);
}

RC_GTEST_PROP(required_bump, a_shape_asks_for_no_step_to_itself, (const core::shape& a)) {
  RC_ASSERT(required_bump(a, a) == core::bump::none);
  RC_ASSERT(judge(a, a).empty());
}

TEST(hits, a_key_on_what_a_trigger_sets_is_met_by_every_writer) {
  for (const bool sets : {false, true}) {
    core::shape before = test::flights();
    before.triggers.push_back({"stamp",
                               "CREATE TRIGGER stamp BEFORE INSERT ON flights FOR EACH ROW EXECUTE FUNCTION stamp()",
                               "origin",
                               {sets ? "fills dep_delay" : "none"}});
    core::shape after = before;
    after.constraints.push_back(test::make_constraint("one", "unique", {"dep_delay"}, "UNIQUE (dep_delay)"));
    core::subscription writer;
    writer.access = core::access::write;
    writer.columns = {"carrier"};
    const auto findings = judge(before, after);
    ASSERT_EQ(findings.size(), 1);
    EXPECT_EQ(hits(findings[0], writer), sets);
  }
}

TEST(hits, rows_go_otherwise_where_what_they_refer_to_is_rewritten) {
  for (const char* on_delete : {"no action", "cascade"}) {
    core::shape shape = test::flights();
    shape.constraints.push_back(test::foreign_key(on_delete));
    change::column_retyped rewritten;
    rewritten.column = "carrier";
    rewritten.from = rewritten.to = shape.find_column("carrier")->type;
    rewritten.using_expression = "'AA'::text";
    core::subscription reader;
    reader.columns = {"dep_delay"};
    const auto findings = judge(rewritten, shape, shape);
    const bool hit = std::any_of(findings.begin(), findings.end(), [&](const core::finding& f) { return hits(f, reader); });
    EXPECT_EQ(hit, on_delete == std::string("cascade"));
  }
}

RC_GTEST_PROP(required_bump, is_none_only_between_equal_shapes, (const core::shape& a, const core::shape& b)) {
  RC_ASSERT((required_bump(a, b) == core::bump::none) == (a == b));
}

RC_GTEST_PROP(judging, every_finding_has_a_rule_a_sentence_and_old_names, (const core::shape& a, const core::shape& b)) {
  for (const core::finding& f : judge(a, b)) {
    RC_ASSERT(find_rule(f.rule) != nullptr);
    RC_ASSERT(f.detail.ends_with("."));
    for (const std::string& column : f.columns) {
      RC_LOG() << column << " in " << f.rule << ": " << f.detail << "\n";
      RC_ASSERT(a.find_column(column) || f.rule == "privilege-revoked");
    }
  }
}

RC_GTEST_PROP(judging, a_stricter_client_is_hit_by_whatever_hits_a_looser_one, (const core::shape& a, const core::shape& b)) {
  for (const core::finding& f : judge(a, b)) {
    bool hit = false;
    for (strictness at :
         {strictness::data, strictness::text, strictness::typed, strictness::prepared, strictness::star, strictness::exact}) {
      core::subscription s;
      s.strictness = at;
      RC_ASSERT(!hit || hits(f, s));
      hit = hits(f, s);
    }
  }
}

RC_GTEST_PROP(judging, nothing_is_worse_than_itself, (const core::shape& a, const core::shape& b)) {
  const auto findings = judge(a, b);
  RC_ASSERT(worse(findings, findings).empty());
  RC_ASSERT(worse(findings, {}) == findings);
}

}  // namespace
}  // namespace accord::rule
