// The truth table of compatibility, row by row, and that no rule is without a case and no sentence
// without style.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "rule/cases.hpp"
#include "rule/rule.hpp"
#include "rule/statements.hpp"
#include "support/style.hpp"

namespace accord::rule {
namespace {

struct shapes {
  core::shape before = test::flights(), after;
};

shapes shapes_of(const test::rule_case& row) {
  shapes made;
  row.prepare(made.before);
  canonicalize(made.before);
  made.after = made.before;
  row.edit(made.after);
  canonicalize(made.after);
  return made;
}

std::vector<core::finding> findings_of(const test::rule_case& row) {
  const shapes made = shapes_of(row);
  return judge(made.before, made.after, row.renames);
}

TEST(truth_table, every_row_is_judged_as_written) {
  for (const test::rule_case& row : test::rule_cases()) {
    std::vector<std::string> verdicts;
    for (const core::finding& f : findings_of(row)) {
      verdicts.push_back(f.rule + ": " + std::string(name_of(f.readers)) + "/" + std::string(name_of(f.writers)));
    }
    EXPECT_THAT(verdicts, testing::UnorderedElementsAreArray(row.verdicts)) << row.name;
  }
}

TEST(truth_table, every_rule_of_the_registry_has_a_row_that_finds_it) {
  std::set<std::string> found;
  for (const test::rule_case& row : test::rule_cases()) {
    for (const core::finding& f : findings_of(row))
      found.insert(f.rule);
  }
  // What no change of a shape leads to.
  for (const core::finding& f : {table_truncated("t"), name_rebound("t", "r", ""), membership_revoked("r", "SELECT", true, false),
                                 table_referenced({}, {"t", {"a"}, "no action", "no action"}).front()})
    found.insert(f.rule);
  for (const rule_info* rule : rules()) {
    EXPECT_TRUE(found.contains(std::string(rule->id))) << rule->id << " is found by no row";
  }
}

TEST(truth_table, every_finding_has_its_rule_in_the_registry_and_is_no_worse) {
  for (const test::rule_case& row : test::rule_cases()) {
    for (const core::finding& f : findings_of(row)) {
      const rule_info* rule = find_rule(f.rule);
      ASSERT_NE(rule, nullptr) << f.rule;
      EXPECT_FALSE(f.element.empty()) << row.name;
      EXPECT_LE(f.readers, rule->readers) << row.name << ": " << f.rule;
      EXPECT_LE(f.writers, rule->writers) << row.name << ": " << f.rule;
      if (f.readers != core::effect::none) {
        EXPECT_GE(f.readers_at, rule->readers_at) << row.name << ": " << f.rule;
      }
      if (f.writers != core::effect::none) {
        EXPECT_GE(f.writers_at, rule->writers_at) << row.name << ": " << f.rule;
      }
    }
  }
}

TEST(truth_table, every_change_judged_alone_is_found_too) {
  // The guard judges from the statement, before the shape after is known; it must not miss what the
  // diff finds.
  for (const test::rule_case& row : test::rule_cases()) {
    const shapes made = shapes_of(row);
    std::set<std::string> alone;
    for (const change::any_change& change : change::diff(made.before, made.after, row.renames)) {
      for (const core::finding& f : judge(change, made.before, made.after))
        alone.insert(f.rule);
    }
    for (const core::finding& f : findings_of(row)) {
      if (f.rule == "column-name-reused") continue;  // takes two changes
      EXPECT_TRUE(alone.contains(f.rule)) << row.name << ": " << f.rule;
    }
  }
}

TEST(truth_table, every_sentence_follows_the_style_guide) {
  for (const test::rule_case& row : test::rule_cases()) {
    for (const core::finding& f : findings_of(row)) {
      EXPECT_THAT(test::style_complaints({"AC001", "x", f.detail, {}}), testing::IsEmpty()) << f.detail;
      const bool says = f.detail.find("breaks") != std::string::npos || f.detail.find("break ") != std::string::npos ||
                        f.detail.find("silently changes") != std::string::npos;
      EXPECT_EQ(says, f.readers != core::effect::none || f.writers != core::effect::none) << f.detail;
    }
  }
}

TEST(registry, ids_are_distinct_and_every_rule_is_explained) {
  std::set<std::string_view> ids;
  for (const rule_info* rule : rules()) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
    EXPECT_EQ(find_rule(rule->id), rule);
    EXPECT_TRUE(rule->explanation.ends_with('.')) << rule->id;
    EXPECT_TRUE(rule->safe_way.ends_with('.')) << rule->id;
  }
  EXPECT_EQ(find_rule("no-such-rule"), nullptr);
}

TEST(registry, statements_that_change_no_shape) {
  EXPECT_EQ(table_truncated("flights").detail, "Table \"flights\" is emptied, which silently changes what readers see.");
  EXPECT_EQ(
      name_rebound("flights", "billing", "table \"x.flights\"").detail,
      "Name \"flights\" means table \"x.flights\" to role \"billing\", which silently changes what readers see and what writers store.");
  EXPECT_EQ(name_rebound("flights", "billing", "").detail,
            "Name \"flights\" means nothing to role \"billing\", which breaks readers and writers.");
  EXPECT_EQ(membership_revoked("billing", "SELECT", true, false).detail, "Role \"billing\" loses SELECT, which breaks readers.");
  for (const core::finding& f : {table_truncated("t"), name_rebound("t", "r", ""), membership_revoked("r", "SELECT", true, true)})
    EXPECT_TRUE(violates(f, {core::level::clients, false})) << f.rule;
}

TEST(registry, known_sentences) {
  core::shape after = test::flights();
  after.columns[2].type = test::make_type("text", "S");
  ASSERT_EQ(judge(test::flights(), after).size(), 1u);
  EXPECT_EQ(judge(test::flights(), after)[0].detail,
            "Column \"dep_delay\" changes from integer to text, which breaks readers and writers.");
  EXPECT_EQ(judge(test::flights(), after)[0].element, "column \"dep_delay\"");

  after = test::flights();
  after.columns[2].not_null = true;
  EXPECT_EQ(judge(test::flights(), after)[0].detail,
            "Column \"dep_delay\" becomes NOT NULL, which can break writers, depending on the data.");
}

}  // namespace
}  // namespace accord::rule
