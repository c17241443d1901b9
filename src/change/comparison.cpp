// Pairing the columns of two shapes.
#include "change/comparison.hpp"

#include <algorithm>
#include <set>

#include "change/parts.hpp"

namespace accord::change {

comparison::comparison(const core::shape& old_shape, const core::shape& new_shape, const renames& names)
    : before(old_shape), after(new_shape), moved(old_shape) {
  std::set<std::string_view> taken;  // names in after that a rename leads to
  for (const auto& [from, to] : names) {
    if (from != to && before.find_column(from) && after.find_column(to)) taken.insert(to);
  }
  for (const core::column& old : before.columns) {
    const auto named = names.find(old.name);
    const bool told = named != names.end() && named->second != old.name;
    const std::string& name = told ? named->second : old.name;
    const core::column* now = after.find_column(name);
    if (!now || (!told && taken.contains(name))) {
      dropped.push_back(old.name);
    } else {
      kept.push_back({&old, now});
      if (old.name != name) renamed.emplace(old.name, name);
    }
  }
  for (const core::column& now : after.columns) {
    const bool old = std::any_of(kept.begin(), kept.end(), [&](const pair& both) { return both.after == &now; });
    if (!old) added.push_back(&now);
  }

  retarget(moved, after.relation);
  for (const std::string& name : dropped)
    erase_column(moved, name);
  rename_columns(moved, renamed);
}

}  // namespace accord::change
