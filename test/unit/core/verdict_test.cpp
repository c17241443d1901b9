// The words of compatibility read back as they are printed, and their order is the order of the
// design.
#include "core/verdict.hpp"

#include <gtest/gtest.h>

#include "core/failure.hpp"

namespace accord::core {
namespace {

TEST(verdict, strictness_reads_back) {
  for (const char* word : {"data", "text", "typed", "prepared", "star", "exact"}) {
    EXPECT_EQ(name_of(parse_strictness(word)), word);
  }
}

TEST(verdict, access_reads_back) {
  for (const char* word : {"read", "write", "read write"}) {
    EXPECT_EQ(name_of(parse_access(word)), word);
  }
}

TEST(verdict, levels_read_back) {
  for (const char* word : {"none", "readers", "writers", "clients", "full", "readers_transitive", "writers_transitive",
                           "clients_transitive", "full_transitive"}) {
    EXPECT_EQ(name_of(parse_level(word)), word);
  }
}

TEST(verdict, confluent_names_are_levels) {
  EXPECT_EQ(name_of(parse_level("BACKWARD")), "writers");
  EXPECT_EQ(name_of(parse_level("FORWARD")), "readers");
  EXPECT_EQ(name_of(parse_level("FULL")), "full");
  EXPECT_EQ(name_of(parse_level("NONE")), "none");
  EXPECT_EQ(name_of(parse_level("BACKWARD_TRANSITIVE")), "writers_transitive");
  EXPECT_EQ(name_of(parse_level("FORWARD_TRANSITIVE")), "readers_transitive");
  EXPECT_EQ(name_of(parse_level("FULL_TRANSITIVE")), "full_transitive");
}

template <class Parse>
void expect_refused(Parse parse, const char* word) {
  try {
    parse(word);
    ADD_FAILURE() << "accepted: " << word;
  } catch (const failure& error) {
    EXPECT_EQ(error.sqlstate, sqlstate::invalid_parameter);
    EXPECT_NE(error.message.find(word), std::string::npos) << "the word is not named";
    EXPECT_FALSE(error.hint.empty()) << "the accepted words are not named";
  }
}

TEST(verdict, other_words_are_refused_by_name) {
  for (const char* word : {"", "TYPED", "typed ", "strict"})
    expect_refused(parse_strictness, word);
  for (const char* word : {"", "READ", "readwrite", "read  write"})
    expect_refused(parse_access, word);
  for (const char* word : {"", "reader", "_transitive", "none_transitive", "full transitive"}) {
    expect_refused(parse_level, word);
  }
}

TEST(verdict, effects_order_from_harmless_to_worst) {
  EXPECT_LT(effect::none, effect::data_dependent);
  EXPECT_LT(effect::data_dependent, effect::silent);
  EXPECT_LT(effect::silent, effect::breaks);
  EXPECT_EQ(name_of(effect::none), "none");
  EXPECT_EQ(name_of(effect::data_dependent), "data-dependent");
  EXPECT_EQ(name_of(effect::silent), "silent");
  EXPECT_EQ(name_of(effect::breaks), "breaks");
}

TEST(verdict, strictness_orders_from_loosest_to_tightest) {
  EXPECT_LT(strictness::data, strictness::text);
  EXPECT_LT(strictness::text, strictness::typed);
  EXPECT_LT(strictness::typed, strictness::prepared);
  EXPECT_LT(strictness::prepared, strictness::star);
  EXPECT_LT(strictness::star, strictness::exact);
}

}  // namespace
}  // namespace accord::core
