// Semantic versions: what users write, how versions are ordered, and the size of a step.
#include "core/version.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/failure.hpp"

namespace accord::core {
namespace {

semantic_version any_version() {
  const auto part = rc::gen::inRange(0, 4);
  return {*part, *part, *part};
}

TEST(version, reads_what_users_write) {
  EXPECT_EQ(parse_version("2"), (semantic_version{2, 0, 0}));
  EXPECT_EQ(parse_version("2.1"), (semantic_version{2, 1, 0}));
  EXPECT_EQ(parse_version("2.1.13"), (semantic_version{2, 1, 13}));
  EXPECT_EQ(parse_version("0.0.0"), (semantic_version{}));
  EXPECT_EQ(parse_version("999999999"), (semantic_version{999999999, 0, 0}));
}

TEST(version, refuses_what_is_not_a_version) {
  for (const char* text : {"", " ", "v2", "2.", ".2", "2..1", "2.1.0.0", "-1", "+1", "2.1.x", "02", "2 ", " 2", "1e3", "2.1.0-rc1", "2.01",
                           "99999999999", "1.1234567890"}) {
    try {
      parse_version(text);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const failure& error) {
      EXPECT_EQ(error.sqlstate, sqlstate::invalid_parameter) << text;
    }
  }
}

TEST(version, a_pattern_matches_every_version_it_leaves_open) {
  EXPECT_TRUE(parse_version_pattern("2").matches({2, 7, 1}));
  EXPECT_FALSE(parse_version_pattern("2").matches({3, 0, 0}));
  EXPECT_TRUE(parse_version_pattern("2.1").matches({2, 1, 9}));
  EXPECT_FALSE(parse_version_pattern("2.1").matches({2, 0, 9}));
  EXPECT_TRUE(parse_version_pattern("2.1.0").matches({2, 1, 0}));
  EXPECT_FALSE(parse_version_pattern("2.1.0").matches({2, 1, 1}));
}

TEST(version, a_pattern_prints_as_it_was_written) {
  for (const char* text : {"2", "2.1", "2.1.0"})
    EXPECT_EQ(parse_version_pattern(text).text(), text);
}

TEST(version, next_resets_the_smaller_parts) {
  const semantic_version v{2, 1, 3};
  EXPECT_EQ(v.next(bump::none), v);
  EXPECT_EQ(v.next(bump::patch).text(), "2.1.4");
  EXPECT_EQ(v.next(bump::minor).text(), "2.2.0");
  EXPECT_EQ(v.next(bump::major).text(), "3.0.0");
}

TEST(version, steps_have_names) {
  EXPECT_EQ(name_of(bump::none), "none");
  EXPECT_EQ(name_of(bump::patch), "patch");
  EXPECT_EQ(name_of(bump::minor), "minor");
  EXPECT_EQ(name_of(bump::major), "major");
}

TEST(version, versions_order_by_number_and_not_by_text) {
  EXPECT_LT(parse_version("2.9.0"), parse_version("2.10.0"));
  EXPECT_LT(parse_version("9.0.0"), parse_version("10.0.0"));
}

RC_GTEST_PROP(version, text_and_parse_are_inverse, ()) {
  const semantic_version v = any_version();
  RC_ASSERT(parse_version(v.text()) == v);
}

RC_GTEST_PROP(version, the_next_version_is_later_by_exactly_that_step, ()) {
  const semantic_version v = any_version();
  const bump step = *rc::gen::element(bump::patch, bump::minor, bump::major);
  RC_ASSERT(v < v.next(step));
  RC_ASSERT(step_between(v, v.next(step)) == step);
  RC_ASSERT(step_between(v.next(step), v) == bump::none);
}

RC_GTEST_PROP(version, order_is_total_and_transitive, ()) {
  const semantic_version a = any_version(), b = any_version(), c = any_version();
  RC_ASSERT((a < b) + (b < a) + (a == b) == 1);
  RC_ASSERT(!(a < b && b < c) || a < c);
}

RC_GTEST_PROP(version, steps_add_up_to_the_largest, ()) {
  std::array versions = {any_version(), any_version(), any_version()};
  std::sort(versions.begin(), versions.end());
  const auto& [a, b, c] = versions;
  RC_ASSERT(step_between(a, c) == std::max(step_between(a, b), step_between(b, c)));
}

}  // namespace
}  // namespace accord::core
