// Shapes print to one canonical text and read back equal; what is not a shape is refused with the
// reason.
#include "core/shape.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/failure.hpp"
#include "support/generators.hpp"

namespace accord::core {
namespace {

const char* const flights = R"j({"format":1,"relation":{"schema":"public","name":"flights"},"kind":"table",)j"
                            R"j("persistence":"permanent","columns":[)j"
                            R"j({"name":"flight_id","type":{"text":"bigint","base":"bigint","kind":"b","category":"N"},)j"
                            R"j("not_null":true,"identity":"always"},)j"
                            R"j({"name":"dep_delay","type":{"text":"integer","base":"integer","kind":"b","category":"N"},)j"
                            R"j("default_expression":"0"}],)j"
                            R"j("constraints":[{"name":"flights_pkey","kind":"primary key","columns":["flight_id"],)j"
                            R"j("definition":"PRIMARY KEY (flight_id)"}]})j";

std::string reason(const std::string& json, const std::string& state = sqlstate::internal_error) {
  try {
    parse_shape(json);
  } catch (const failure& error) {
    EXPECT_EQ(error.sqlstate, state);
    return error.detail;
  }
  return "(accepted)";
}

TEST(shape, reads_the_documented_form) {
  const shape s = parse_shape(flights);
  EXPECT_EQ(s.relation.display(), "public.flights");
  EXPECT_EQ(s.kind, "table");
  ASSERT_EQ(s.columns.size(), 2u);
  EXPECT_TRUE(s.columns[0].not_null);
  EXPECT_EQ(s.columns[0].identity, "always");
  EXPECT_EQ(s.columns[1].type.text, "integer");
  EXPECT_EQ(s.columns[1].default_expression, "0");
  EXPECT_FALSE(s.columns[1].generated.has_value());
  ASSERT_EQ(s.constraints.size(), 1u);
  EXPECT_TRUE(s.constraints[0].validated) << "a missing key is the default";
}

TEST(shape, prints_keys_in_fixed_order_and_leaves_defaults_out) {
  EXPECT_EQ(to_json(parse_shape(flights)), flights);
}

TEST(shape, the_order_of_keys_and_of_unordered_lists_does_not_matter) {
  const shape a = parse_shape(R"({"constraints":[{"name":"b"},{"name":"a"}],"kind":"table","triggers":[{"name":"z"},{"name":"y"}]})");
  const shape b = parse_shape(R"({"kind":"table","triggers":[{"name":"y"},{"name":"z"}],"constraints":[{"name":"a"},{"name":"b"}]})");
  EXPECT_EQ(a, b);
  EXPECT_EQ(fingerprint(a), fingerprint(b));
}

TEST(shape, null_stands_for_a_key_that_is_left_out) {
  EXPECT_EQ(parse_shape(R"({"comment":null,"columns":[{"name":"a","default_expression":null}]})"),
            parse_shape(R"({"columns":[{"name":"a"}]})"));
}

TEST(shape, an_empty_default_is_not_a_missing_one) {
  const shape s = parse_shape(R"({"columns":[{"name":"a","default_expression":""}]})");
  EXPECT_TRUE(s.columns[0].default_expression.has_value());
  EXPECT_EQ(parse_shape(to_json(s)), s);
}

TEST(shape, what_is_not_a_shape_is_refused_with_the_reason) {
  EXPECT_EQ(reason(""), "The text is not JSON.");
  EXPECT_EQ(reason("{"), "The text is not JSON.");
  EXPECT_EQ(reason("[]"), "The document is not an object.");
  EXPECT_EQ(reason(R"({"colour":1})"), "The key \"colour\" is not recognized.");
  EXPECT_EQ(reason(R"({"columns":[{"typ":{}}]})"), "The key \"columns.typ\" is not recognized.");
  EXPECT_EQ(reason(R"({"kind":1})"), "The value of \"kind\" is not a string.");
  EXPECT_EQ(reason(R"({"row_security":"t"})"), "The value of \"row_security\" is not a boolean.");
  EXPECT_EQ(reason(R"({"columns":{}})"), "The value of \"columns\" is not an array.");
  EXPECT_EQ(reason(R"({"columns":[1]})"), "The value of \"columns\" is not an object.");
  EXPECT_EQ(reason(R"({"format":"1"})"), "The value of \"format\" is not an integer.");
  EXPECT_EQ(reason(R"({"format":99999999999})"), "The value of \"format\" is not a number in range.");
  EXPECT_EQ(reason("{\"kind\":\"\xFF\"}"), "The text is not JSON.");
}

TEST(shape, a_later_format_is_refused_as_such) {
  EXPECT_EQ(reason(R"({"format":2})", sqlstate::feature_not_supported), "This version of pg_accord reads formats up to 1.");
}

TEST(shape, finds_columns_and_constraints_by_name) {
  shape s = parse_shape(flights);
  ASSERT_NE(s.find_column("dep_delay"), nullptr);
  EXPECT_EQ(s.find_column("dep_delay")->type.text, "integer");
  EXPECT_EQ(s.find_column("Dep_Delay"), nullptr);
  EXPECT_NE(s.find_constraint("flights_pkey"), nullptr);
  EXPECT_EQ(s.find_constraint("dep_delay"), nullptr);
  EXPECT_EQ(std::as_const(s).find_column("flight_id"), &s.columns[0]);
}

TEST(shape, the_fingerprint_is_stored_and_never_changes) {
  EXPECT_EQ(fingerprint(parse_shape(flights)), "d63079d6242d59c2");
}

RC_GTEST_PROP(shape, text_and_parse_are_inverse, (const shape& s)) {
  RC_ASSERT(parse_shape(to_json(s)) == s);
}

RC_GTEST_PROP(shape, equal_fingerprints_are_equal_shapes, (const shape& a, const shape& b)) {
  RC_ASSERT((fingerprint(a) == fingerprint(b)) == (a == b));
}

}  // namespace
}  // namespace accord::core
