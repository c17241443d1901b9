// Putting texts together.
#include "core/text.hpp"

#include <algorithm>

namespace accord::core {

std::string joined(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (std::string_view piece : pieces)
    size += piece.size();
  std::string result;
  result.reserve(size);
  for (std::string_view piece : pieces)
    result += piece;
  return result;
}

std::string joined(const std::vector<std::string>& pieces, std::string_view separator) {
  std::string result;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) result += separator;
    result += pieces[i];
  }
  return result;
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool meets(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& text) { return contains(b, text); });
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::string in_quotes(std::string_view name) {
  return joined({"\"", name, "\""});
}

}  // namespace accord::core
