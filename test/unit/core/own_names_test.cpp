// Names as clients know them, in errors.
#include "core/own_names.hpp"

#include <gtest/gtest.h>
#include <string>

namespace accord::core {
namespace {

std::string stripped(std::string text) {
  strip_own_prefixes(text.data());
  return text.c_str();
}

TEST(own_names, lose_their_prefix) {
  EXPECT_EQ(stripped("duplicate key value violates unique constraint \"_accord_12_old_t_pkey\""),
            "duplicate key value violates unique constraint \"t_pkey\"");
  EXPECT_EQ(stripped("Key (_accord_1_old_a, \"_accord_1_B c\")=(1, 2) already exists."), "Key (a, \"B c\")=(1, 2) already exists.");
  EXPECT_EQ(stripped("~accord_3_positive"), "positive");
  EXPECT_EQ(stripped("_accord_3_old_"), "");
  EXPECT_EQ(stripped("_accord_3__accord_4_x"), "_accord_4_x");
}

TEST(own_names, that_are_no_others_stay) {
  for (const char* text : {"", "_", "_accord", "_accord_", "_accord_x_y", "_accord_7", "my_accord_7_x", "é_accord_7_x", "_accord_7_pending",
                           "_accord_7_not_null_id", "~accord_old_x"})
    EXPECT_EQ(stripped(text), text);
}

}  // namespace
}  // namespace accord::core
