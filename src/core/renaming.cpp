// See renaming.hpp.
#include "core/renaming.hpp"

#include <algorithm>

namespace accord::core {

rename_list in_safe_order(rename_list wanted, const std::string& temporary) {
  std::erase_if(wanted, [](const auto& r) { return r.first == r.second; });
  rename_list ordered;
  while (!wanted.empty()) {
    auto free = std::find_if(wanted.begin(), wanted.end(), [&](const auto& r) {
      return std::none_of(wanted.begin(), wanted.end(), [&](const auto& other) { return other.first == r.second; });
    });
    if (free == wanted.end()) {  // a circle: park the first column
      ordered.emplace_back(wanted.front().first, temporary);
      wanted.front().first = temporary;
      continue;
    }
    ordered.push_back(*free);
    wanted.erase(free);
  }
  return ordered;
}

}  // namespace accord::core
