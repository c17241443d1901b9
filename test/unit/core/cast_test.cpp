// Casts in hints: those that PostgreSQL has.
#include "core/cast.hpp"

#include <gtest/gtest.h>

namespace accord::core {
namespace {

column_type type(std::string text, std::string category, std::string kind = "b") {
  column_type t;
  t.base = text.substr(0, text.find('('));
  t.text = std::move(text);
  t.category = std::move(category);
  t.kind = std::move(kind);
  return t;
}

TEST(cast_text, is_a_cast_that_exists_or_leaves_it_to_the_author) {
  auto money = type("money", "N"), integer = type("integer", "N"), numeric = type("numeric(8,2)", "N"), text = type("text", "S");
  auto date = type("date", "D"), time = type("time without time zone", "D"), stamp = type("timestamp with time zone", "D");
  EXPECT_EQ(cast_text("Total", numeric, integer), "\"Total\"::integer");
  EXPECT_EQ(cast_text("total", money, numeric), "total::numeric(8,2)");
  EXPECT_EQ(cast_text("total", integer, money), "total::money");
  EXPECT_EQ(cast_text("total", money, integer), "/* integer from money */");
  EXPECT_EQ(cast_text("total", money, text), "total::text");
  EXPECT_EQ(cast_text("at", stamp, date), "at::date");
  EXPECT_EQ(cast_text("at", date, time), "/* time without time zone from date */");
  EXPECT_EQ(cast_text("flag", type("boolean", "B"), integer), "flag::integer");
  EXPECT_EQ(cast_text("doc", type("jsonb", "U"), type("json", "U")), "doc::json");
  EXPECT_EQ(cast_text("id", type("uuid", "U"), type("bytea", "U")), "/* bytea from uuid */");
}

TEST(cast_text, of_enums_goes_through_text) {
  EXPECT_EQ(cast_text("mood", type("mood", "E", "e"), type("public.mood2", "E", "e")), "mood::text::public.mood2");
  auto moods = type("mood[]", "A"), others = type("mood2[]", "A");
  moods.labels = others.labels = {"sad", "ok"};
  EXPECT_EQ(cast_text("moods", moods, others), "moods::text[]::mood2[]");
}

TEST(has_cast, follows_elements_and_domains) {
  EXPECT_TRUE(has_cast(type("integer[]", "A"), type("bigint[]", "A")));
  EXPECT_FALSE(has_cast(type("money[]", "A"), type("integer[]", "A")));
  auto domain = type("positive", "N", "d");
  domain.domain_base = "numeric(8,2)";
  EXPECT_TRUE(has_cast(domain, type("integer", "N")));
  EXPECT_TRUE(has_cast(type("money", "N"), domain));
}

}  // namespace
}  // namespace accord::core
