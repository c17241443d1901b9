// See column_mapping.hpp.
#include "plan/column_mapping.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace accord::plan {

namespace {

using core::contains;

const version_columns* find(const std::vector<version_columns>& versions, int major) {
  for (const auto& version : versions)
    if (version.major == major) return &version;
  return nullptr;
}

std::vector<std::string> in_order_of(const version_columns& version, const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const auto& [name, physical] : version.columns)
    if (contains(names, name)) result.push_back(name);
  return result;
}

std::vector<std::string> one_step(const std::vector<std::string>& columns, const version_columns& from, const version_columns& to,
                                  const std::vector<column_group>& groups, bool forward) {
  std::vector<std::string> result;
  for (const auto& column : columns) {
    for (const auto& group : groups) {
      if (!contains(forward ? group.old_columns : group.new_columns, column)) continue;
      for (const auto& other : forward ? group.new_columns : group.old_columns)
        result.push_back(other);
    }
    // A column that only another one's expression reads may be there unchanged as well.
    for (const auto& [name, physical] : from.columns) {
      if (name != column) continue;
      for (const auto& [other, other_physical] : to.columns)
        if (other_physical == physical) result.push_back(other);
    }
  }
  return in_order_of(to, result);
}

}  // namespace

std::vector<std::string> map_columns(const std::vector<std::string>& columns, int from, int to,
                                     const std::vector<version_columns>& versions, const std::vector<version_step>& steps) {
  std::vector<std::string> current = columns;
  for (int major = from; major != to;) {
    bool forward = to > major;
    auto step = std::find_if(steps.begin(), steps.end(), [&](const version_step& s) {
      return forward ? s.from == major && s.to <= to : s.to == major && s.from >= to;
    });
    const version_columns* here = find(versions, major);
    int next = step == steps.end() ? to : forward ? step->to : step->from;
    const version_columns* there = find(versions, next);
    if (step == steps.end() || !here || !there) return there ? in_order_of(*there, current) : current;
    current = one_step(current, *here, *there, step->groups, forward);
    major = next;
  }
  return current;
}

}  // namespace accord::plan
