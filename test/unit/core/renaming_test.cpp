// The order of renames.
#include "core/renaming.hpp"

#include <gtest/gtest.h>
#include <map>

namespace accord::core {
namespace {

TEST(renaming, no_name_is_used_while_it_is_taken) {
  for (const rename_list& wanted : {rename_list{{"a", "b"}, {"b", "c"}}, rename_list{{"a", "b"}, {"b", "a"}},
                                    rename_list{{"a", "b"}, {"b", "c"}, {"c", "a"}, {"d", "d"}}}) {
    std::map<std::string, std::string> at;  // name now -> name at first
    for (const auto& [from, to] : wanted)
      at[from] = from;
    for (const auto& [from, to] : in_safe_order(wanted, "tmp")) {
      ASSERT_TRUE(at.contains(from));
      ASSERT_FALSE(at.contains(to));
      at[to] = at[from];
      at.erase(from);
    }
    for (const auto& [from, to] : wanted)
      EXPECT_EQ(at[to], from);
  }
}

}  // namespace
}  // namespace accord::core
