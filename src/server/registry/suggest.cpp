// Suggestions.  See suggest.hpp.
#include "server/registry/suggest.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace accord::registry {

namespace {

// Edits (insert, remove, replace a byte) between two names, letters taken as equal in either case: names come wrongly folded.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> previous(b.size() + 1), current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  auto folded = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  for (std::size_t i = 1; i <= a.size(); i++) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); j++)
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (folded(a[i - 1]) == folded(b[j - 1]) ? 0 : 1)});
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

std::string closest_name(std::string_view name, const std::vector<std::string>& choices) {
  std::string best;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const auto& choice : choices) {
    auto edits = distance(name, choice);
    if (edits < least && edits <= std::max<std::size_t>(1, name.size() / 3)) {
      least = edits;
      best = choice;
    }
  }
  return best;
}

std::string name_hint(std::string_view name, std::string_view plural, const std::vector<std::string>& choices) {
  if (auto closest = closest_name(name, choices); !closest.empty()) return fmt::format("Perhaps you meant \"{}\".", closest);
  constexpr std::size_t enough = 20;
  std::string list;
  for (std::size_t i = 0; i < choices.size() && i < enough; i++)
    list += (i ? ", " : "") + fmt::format("\"{}\"", choices[i]);
  if (choices.size() > enough) list += ", ...";
  return list.empty() ? std::string() : fmt::format("The {} are {}.", plural, list);
}

}  // namespace accord::registry
