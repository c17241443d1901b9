// Putting texts together.
//
// Most texts here are a few pieces in a row. The formatting library can do that too, but it is
// compiled into every file that uses it, which made half the build time of the many small files in
// src/change and src/rule.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace accord::core {

std::string joined(std::initializer_list<std::string_view> pieces);
std::string joined(const std::vector<std::string>& pieces, std::string_view separator);

bool contains(const std::vector<std::string>& list, std::string_view text);
// Have the two lists an element in common?
bool meets(const std::vector<std::string>& a, const std::vector<std::string>& b);
bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words);

// A name as messages show it: "dep_delay", with the quotes.
std::string in_quotes(std::string_view name);

// Of an expression, as the server writes it.
inline bool says_null(std::string_view expression) {
  return expression == "NULL" || expression.starts_with("NULL::");
}

}  // namespace accord::core
