// See grouping.hpp.
#include "plan/grouping.hpp"

#include <algorithm>
#include <numeric>

namespace accord::plan {

namespace {

// Disjoint sets over the old columns followed by the new ones.
class forest {
 public:
  explicit forest(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t root(std::size_t node) const {
    while (parent_[node] != node)
      node = parent_[node];
    return node;
  }
  void join(std::size_t a, std::size_t b) { parent_[root(a)] = root(b); }

 private:
  std::vector<std::size_t> parent_;
};

std::optional<std::size_t> index_of(const std::vector<std::string>& names, const std::string& name) {
  auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - names.begin()));
}

}  // namespace

std::vector<transform> grouped(const sides& s) {
  const std::size_t old_count = s.replaced.size();
  forest sets(old_count + s.dual.size());
  for (std::size_t n = 0; n < s.dual.size(); n++)
    for (const auto& name : s.up.at(s.dual[n]).columns)
      if (auto o = index_of(s.replaced, name)) sets.join(*o, old_count + n);
  for (std::size_t o = 0; o < old_count; o++)
    if (auto found = s.down.find(s.replaced[o]); found != s.down.end())
      for (const auto& name : found->second.columns)
        if (auto n = index_of(s.dual, name)) sets.join(o, old_count + *n);

  std::vector<transform> groups;
  auto add = [&](std::size_t root) {
    transform group;
    for (std::size_t n = 0; n < s.dual.size(); n++)
      if (sets.root(old_count + n) == root) {
        group.new_columns.push_back(s.dual[n]);
        group.up.push_back(s.up.at(s.dual[n]).text);
      }
    for (std::size_t o = 0; o < old_count; o++) {
      auto found = s.down.find(s.replaced[o]);
      if (sets.root(o) != root || (found == s.down.end() && group.new_columns.empty())) continue;
      group.old_columns.push_back(s.replaced[o]);
      group.down.push_back(found == s.down.end() ? std::nullopt : std::optional(found->second.text));
    }
    // A column that is computed from columns which both versions share follows them.  Beside a replaced column they are only read.
    bool has_side = !group.old_columns.empty();
    for (const auto& name : group.new_columns)
      if (!has_side)
        for (const auto& read : s.up.at(name).columns)
          if (!index_of(s.replaced, read) && !index_of(group.old_columns, read)) {
            group.old_columns.push_back(read);
            group.down.push_back(std::nullopt);
          }
    if (!group.old_columns.empty() || !group.new_columns.empty()) groups.push_back(std::move(group));
  };

  std::set<std::size_t> done;
  for (std::size_t n = 0; n < s.dual.size(); n++)
    if (done.insert(sets.root(old_count + n)).second) add(sets.root(old_count + n));
  for (std::size_t o = 0; o < old_count; o++)
    if (s.down.contains(s.replaced[o]) && done.insert(sets.root(o)).second) add(sets.root(o));
  return groups;
}

}  // namespace accord::plan
