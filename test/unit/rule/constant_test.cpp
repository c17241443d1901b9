// What is known of a default that is a constant: sure, or not at all.
#include "rule/constant.hpp"

#include <gtest/gtest.h>

#include "support/flights.hpp"

namespace accord::rule {
namespace {

core::column with_default(core::column_type type, const std::string& text) {
  core::column column = test::make_column("c", std::move(type));
  column.default_expression = text;
  return column;
}

TEST(constant, a_check_that_compares_with_constants_admits_a_default_or_does_not) {
  const auto text = with_default(test::make_type("text", "S"), "'b2'::text");
  EXPECT_TRUE(admits_default("CHECK ((c <> 'a1'::text))", text));
  EXPECT_TRUE(admits_default("CHECK ((c = ANY (ARRAY['a1'::text, 'b2'::text])))", text));
  EXPECT_FALSE(admits_default("CHECK ((c <> 'b2'::text))", text));
  EXPECT_FALSE(admits_default("CHECK ((c = ANY (ARRAY['a1'::text, 'b'::text])))", text));
  const auto limited = with_default(test::make_type("character varying(10)", "S"), "'b2'::character varying");
  EXPECT_TRUE(admits_default("CHECK (((c)::text <> 'a1'::text))", limited));
  const auto number = with_default(test::make_type("integer"), "7");
  EXPECT_TRUE(admits_default("CHECK ((c > 0))", number));
  EXPECT_TRUE(admits_default("CHECK ((c <> '-7'::integer))", number));
  EXPECT_TRUE(admits_default("CHECK ((VALUE <= 7))", number));
  EXPECT_FALSE(admits_default("CHECK ((c < 7))", number));
}

TEST(constant, what_is_not_understood_admits_nothing) {
  const auto number = with_default(test::make_type("integer"), "7");
  for (const char* check :
       {"CHECK (((c > 0) AND (d > 0)))", "CHECK (((c > 0) OR (d > 0)))", "CHECK ((c > d))", "CHECK ((length(c) > 3))",
        "CHECK ((NOT (c > 0)))", "CHECK ((c IS NOT NULL))", "CHECK (((c % 2) = 0))", "CHECK (((c + 1) > 0))", "CHECK ((cc > 0))"})
    EXPECT_FALSE(admits_default(check, number)) << check;
  for (const char* expression : {"f(7)", "(7 + 1)", "'7'::text || 'x'", "nextval('s'::regclass)"})
    EXPECT_FALSE(admits_default("CHECK ((c > 0))", with_default(test::make_type("integer"), expression))) << expression;
  // 1 January in two ways, a real that is no 0.1, letters that a collation takes for the same
  EXPECT_FALSE(admits_default("CHECK ((c <> '2020-01-01'::date))", with_default(test::make_type("date", "D"), "'2020-01-02'::date")));
  EXPECT_FALSE(admits_default("CHECK ((c <= 0.1))", with_default(test::make_type("real"), "0.1")));
  auto collated = with_default(test::make_type("text", "S"), "'a'::text");
  collated.type.collation = "public.blind";
  EXPECT_FALSE(admits_default("CHECK ((c <> 'A'::text))", collated));
}

TEST(constant, a_constant_survives_where_its_digits_do) {
  EXPECT_TRUE(survives("2.5", test::make_type("numeric(10,1)")));
  EXPECT_FALSE(survives("2.55", test::make_type("numeric(10,1)")));
  EXPECT_TRUE(survives("'2.5'::double precision", test::make_type("real")));
  EXPECT_FALSE(survives("'0.1'::double precision", test::make_type("real")));
  EXPECT_TRUE(survives("2.5", test::make_type("double precision")));
  EXPECT_FALSE(survives("4.00", test::make_type("double precision")));
  EXPECT_FALSE(survives("2.50", test::make_type("real")));
  EXPECT_TRUE(survives("'02:03:04.5'::interval", test::make_type("time without time zone", "D")));
  EXPECT_FALSE(survives("'3 years'::interval", test::make_type("time without time zone", "D")));
  EXPECT_TRUE(survives("'2021-02-03 04:05:06.789'::timestamp without time zone", test::make_type("timestamp(3) without time zone", "D")));
  EXPECT_FALSE(survives("'2021-02-03 04:05:06.7891'::timestamp without time zone", test::make_type("timestamp(3) without time zone", "D")));
  EXPECT_TRUE(survives("'2021-02-03 00:00:00'::timestamp without time zone", test::make_type("date", "D")));
  EXPECT_FALSE(survives("'2021-02-03 04:05:06'::timestamp without time zone", test::make_type("date", "D")));
  EXPECT_FALSE(survives("now()", test::make_type("date", "D")));
}

}  // namespace
}  // namespace accord::rule
