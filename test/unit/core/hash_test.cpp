// The hash is stored, so its values are fixed for ever.
#include "core/hash.hpp"

#include <gtest/gtest.h>

namespace accord::core {
namespace {

TEST(hash, known_values_never_change) {
  EXPECT_EQ(hex_digits(hash_of("")), "efd01f60ba992926");
  EXPECT_EQ(hex_digits(hash_of("flights")), "d1145f4289c74ae8");
  EXPECT_EQ(hex_digits(hash_of("größe")), "2eb895f56869eaa1");
}

TEST(hash, digits_are_padded) {
  EXPECT_EQ(hex_digits(0xabc), "0000000000000abc");
}

}  // namespace
}  // namespace accord::core
