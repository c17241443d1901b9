// Properties of diff and applied on random pairs of shapes.
#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "change/change.hpp"
#include "support/flights.hpp"
#include "support/generators.hpp"

namespace accord::change {
namespace {

// Some of the columns of `before` go on as some of `after`, as the server would say by attribute
// number.
renames any_renames(const core::shape& before, const core::shape& after) {
  const auto from = test::some_of(test::column_names(before), 3);
  const auto to = test::some_of(test::column_names(after), 3);
  renames names;
  for (std::size_t i = 0; i < from.size(); ++i) {
    names[from[i]] = i < to.size() ? to[i] : "";
  }
  return names;
}

RC_GTEST_PROP(diff, a_shape_does_not_differ_from_itself, (const core::shape& a)) {
  RC_ASSERT(diff(a, a).empty());
}

RC_GTEST_PROP(diff, applying_the_difference_gives_the_other_shape, (const core::shape& a, const core::shape& b)) {
  const auto changes = diff(a, b);
  RC_ASSERT(changes.empty() == (a == b));
  RC_ASSERT(applied(a, changes) == b);
}

RC_GTEST_PROP(diff, applying_gives_the_other_shape_also_with_renames, (const core::shape& a, const core::shape& b)) {
  const renames names = any_renames(a, b);
  RC_ASSERT(applied(a, diff(a, b, names)) == b);
}

RC_GTEST_PROP(diff, the_way_there_and_back_ends_where_it_began, (const core::shape& a, const core::shape& b)) {
  RC_ASSERT(applied(applied(a, diff(a, b)), diff(b, a)) == a);
}

TEST(diff, a_way_through_the_name_of_a_table_that_it_refers_to_is_one_step) {
  core::shape a = test::flights(), b;
  a.relation = {"public", "legs"};
  a.constraints.push_back(
      test::make_constraint("of_flight", "foreign key", {"flight_id"}, "FOREIGN KEY (flight_id) REFERENCES public.flights(id)"));
  a.constraints.back().references = "public.flights";
  b = a;
  b.relation = {"ops", "flights"};
  EXPECT_EQ(applied(a, diff(a, b)), b);
  EXPECT_EQ(applied(b, diff(b, a)), a);
}

RC_GTEST_PROP(diff, every_change_says_what_it_is, (const core::shape& a, const core::shape& b)) {
  for (const any_change& change : diff(a, b)) {
    RC_ASSERT(!id(change).empty());
    RC_ASSERT(!describe(change).empty());
    RC_ASSERT(!element(change).empty());
  }
}

RC_GTEST_PROP(diff, each_pair_of_columns_is_found_once, (const core::shape& a, const core::shape& b)) {
  const comparison seen(a, b, any_renames(a, b));
  RC_ASSERT(seen.kept.size() + seen.dropped.size() == a.columns.size());
  RC_ASSERT(seen.kept.size() + seen.added.size() == b.columns.size());
}

template <class... Kinds>
std::vector<std::string_view> all_ids(const std::variant<Kinds...>*) {
  return {Kinds::id...};
}

TEST(change, ids_are_distinct) {
  auto ids = all_ids(static_cast<const any_change*>(nullptr));
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

}  // namespace
}  // namespace accord::change
