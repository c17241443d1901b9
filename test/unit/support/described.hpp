// The changes between two shapes, as they are described.
#pragma once

#include <string>
#include <vector>

#include "change/change.hpp"

namespace accord::test {

inline std::vector<std::string> described(const core::shape& before, const core::shape& after, const change::renames& names = {}) {
  std::vector<std::string> lines;
  for (const change::any_change& one : change::diff(before, after, names))
    lines.push_back(change::describe(one));
  return lines;
}

}  // namespace accord::test
