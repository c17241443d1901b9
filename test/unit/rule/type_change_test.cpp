#include "rule/type_change.hpp"

#include <gtest/gtest.h>

namespace accord::rule {
namespace {

type_pair pair(converted_type from, converted_type to) {
  return {std::move(from), std::move(to)};
}

TEST(type_change, no_needs_a_value) {
  auto f = facts_of(pair({"bigint"}, {"integer"}), {{"1"}, {"9000000000", false}, {"9000000001", false}});
  EXPECT_EQ(f.lossless, false);
  EXPECT_EQ(f.loss_witness, "9000000000");
  EXPECT_EQ(f.same_text, true);
}

TEST(type_change, yes_needs_a_reason) {
  EXPECT_EQ(facts_of(pair({"point"}, {"box"}), {{"(0,0)"}}).lossless, std::nullopt);
  EXPECT_EQ(facts_of(pair({"integer"}, {"bigint"}), {}).lossless, true);
  EXPECT_EQ(facts_of(pair({"boolean"}, {"integer"}), {{"t", true, false}}).lossless, std::nullopt);
  auto all = pair({"boolean"}, {"integer"});
  all.all_tried = true;
  EXPECT_EQ(facts_of(all, {{"t", true, false}, {"f", true, false}}).lossless, true);
}

TEST(type_change, a_value_is_stronger_than_a_reason) {
  auto f = facts_of(pair({"integer"}, {"bigint"}), {{"7", true, false, false, false}});
  EXPECT_EQ(f.lossless, false);
  EXPECT_EQ(f.same_text, false);
  EXPECT_EQ(f.wire_witness, "7");
}

TEST(type_change, modifiers) {
  auto lossless = [](converted_type from, converted_type to) { return facts_of(pair(std::move(from), std::move(to)), {}).lossless; };
  EXPECT_EQ(lossless({"numeric", 8, 2}, {"numeric", 10, 2}), true);
  EXPECT_EQ(lossless({"numeric", 8, 2}, {"numeric", 10, 4}), true);
  EXPECT_EQ(lossless({"numeric", 8, 2}, {"numeric", 9, 4}), std::nullopt);
  EXPECT_EQ(lossless({"numeric", 8, 2}, {"numeric"}), true);
  EXPECT_EQ(lossless({"numeric"}, {"numeric", 8, 2}), std::nullopt);
  EXPECT_EQ(lossless({"character varying", 5}, {"character varying", 9}), true);
  EXPECT_EQ(lossless({"character varying", 5}, {"text"}), true);
  EXPECT_EQ(lossless({"character varying"}, {"character varying", 9}), std::nullopt);
  EXPECT_EQ(lossless({"smallint"}, {"numeric", 6, 1}), true);
  EXPECT_EQ(lossless({"smallint"}, {"numeric", 5, 1}), std::nullopt);
  EXPECT_EQ(lossless({"bigint"}, {"double precision"}), std::nullopt);
  EXPECT_EQ(lossless({"integer"}, {"double precision"}), true);
}

}  // namespace
}  // namespace accord::rule
