// The table of type changes by pair: the rule, and from which strictness on readers and writers are
// hit.
#include <gtest/gtest.h>

#include "rule/rule.hpp"
#include "support/flights.hpp"

namespace accord::rule {
namespace {

core::column_type type_of(const std::string& text) {
  if (text == "mood") return test::make_enum({"a", "b"});
  core::column_type type;
  if (text.starts_with("domain ")) {
    type = test::make_type("public.d");
    type.kind = "d";
    type.domain_base = text.substr(7);
    return type;
  }
  type.text = text;
  type.kind = "b";
  const std::size_t open = text.find('('), close = text.find(')');
  type.base = open == std::string::npos ? text : text.substr(0, open) + text.substr(close + 1);
  type.category = text.ends_with("[]") ? "A" : text == "text" || text.starts_with("char") ? "S" : "N";
  return type;
}

core::finding retype(const std::string& from, const std::string& to) {
  core::shape before = test::flights(), after;
  before.columns[2].type = type_of(from);
  after = before;
  after.columns[2].type = type_of(to);
  const auto findings = judge(before, after);
  EXPECT_EQ(findings.size(), 1u) << from << " to " << to;
  return findings.empty() ? core::finding{} : findings[0];
}

struct row {
  const char *from, *to, *rule;
  bool readers_text, writers_any;  // are readers hit who compare text, and writers who send text
};

TEST(types, pairs) {
  const row table[] = {
      {"smallint", "integer", "type-widened", false, false},
      {"integer", "bigint", "type-widened", false, false},
      {"bigint", "integer", "type-narrowed", false, true},
      {"integer", "smallint", "type-narrowed", false, true},
      {"integer", "numeric", "type-changed", false, false},
      {"integer", "double precision", "type-changed", false, false},
      {"integer", "text", "type-changed", false, false},
      {"real", "double precision", "type-text-changed", true, false},
      {"double precision", "real", "type-rounded", true, true},
      {"real", "numeric", "type-changed", false, false},
      {"character varying(10)", "character varying(20)", "type-widened", false, false},
      {"character varying(10)", "character varying", "type-widened", false, false},
      {"character varying(10)", "text", "type-widened", false, false},
      {"character varying(20)", "character varying(10)", "type-narrowed", false, true},
      {"text", "character varying(10)", "type-narrowed", false, true},
      {"text", "character varying", "type-widened", false, false},
      {"character varying(10)", "character(10)", "type-text-changed", true, false},
      {"character varying(10)", "character(4)", "type-text-changed", true, true},
      {"character(10)", "text", "type-text-changed", true, false},
      {"numeric(10,2)", "numeric(12,2)", "type-widened", false, false},
      {"numeric(10,2)", "numeric", "type-widened", false, false},
      {"numeric(10,2)", "numeric(12,4)", "type-text-changed", true, false},
      {"numeric(10,2)", "numeric(10,4)", "type-text-changed", true, true},
      {"numeric(10,2)", "numeric(10,1)", "type-rounded", true, true},
      {"numeric(10,2)", "numeric(8,2)", "type-narrowed", false, true},
      {"numeric", "numeric(10,2)", "type-rounded", true, true},
      {"numeric", "bigint", "type-rounded", true, true},
      {"numeric", "double precision", "type-rounded", true, true},
      {"numeric(10,2)", "double precision", "type-text-changed", true, false},
      {"numeric(10,2)", "real", "type-rounded", true, true},
      {"timestamp without time zone", "timestamp with time zone", "type-reinterpreted", true, true},
      {"timestamp without time zone", "date", "type-rounded", true, true},
      {"timestamp(6) without time zone", "timestamp(3) without time zone", "type-rounded", true, true},
      {"timestamp(3) without time zone", "timestamp(6) without time zone", "type-widened", false, false},
      {"date", "timestamp without time zone", "type-text-changed", true, false},
      {"json", "jsonb", "type-text-changed", true, false},
      {"jsonb", "json", "type-changed", false, false},
      {"json", "text", "type-changed", false, false},
      {"text", "mood", "type-changed", false, true},
      {"mood", "text", "type-changed", false, false},
      {"integer", "integer[]", "type-representation-changed", true, true},
      {"integer[]", "bigint[]", "type-widened", false, false},
      {"character varying(20)[]", "character varying(10)[]", "type-narrowed", false, true},
      {"uuid", "bytea", "type-representation-changed", true, true},
      {"cidr", "inet", "type-widened", false, false},
      {"domain integer", "bigint", "type-widened", false, false},
      {"numeric(10,2)", "domain numeric(10,1)", "type-rounded", true, true},
  };
  for (const row& r : table) {
    const core::finding f = retype(r.from, r.to);
    EXPECT_EQ(f.rule, r.rule) << r.from << " to " << r.to;
    core::subscription reader{{"c"}, 1, std::nullopt, core::access::read, core::strictness::text};
    core::subscription writer{{"c"}, 1, std::nullopt, core::access::write, core::strictness::text};
    EXPECT_EQ(hits(f, reader), r.readers_text) << r.from << " to " << r.to << ", readers";
    EXPECT_EQ(hits(f, writer), r.writers_any) << r.from << " to " << r.to << ", writers";
    reader.strictness = core::strictness::typed;
    EXPECT_TRUE(hits(f, reader)) << r.from << " to " << r.to << " changes the type that drivers are told";
    EXPECT_TRUE(violates(f, {core::level::clients, false})) << r.from << " to " << r.to;
  }
}

TEST(types, with_an_expression_of_the_authors_own_nothing_is_known_about_the_values) {
  const core::shape s = test::flights();
  const core::subscription reader{{"c"}, 1, std::nullopt, core::access::read, core::strictness::data};
  change::column_retyped change{"dep_delay", type_of("integer"), type_of("bigint"), "dep_delay * 60"};
  EXPECT_TRUE(hits(judge(change, s, s)[0], reader));
  change.using_expression = "dep_delay::bigint";
  EXPECT_FALSE(hits(judge(change, s, s)[0], reader));
  const change::column_retyped cut{"carrier", type_of("text"), type_of("character varying(1)"), "carrier::character varying(1)"};
  EXPECT_TRUE(hits(judge(cut, s, s)[0], reader)) << "an explicit cast cuts";
  change.to = change.from;
  change.using_expression = "dep_delay * 60";
  EXPECT_EQ(judge(change, s, s)[0].rule, "type-reinterpreted");
}

}  // namespace
}  // namespace accord::rule
