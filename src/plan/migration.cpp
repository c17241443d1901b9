// Look-ups in a migration.  See migration.hpp.
#include "plan/migration.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/failure.hpp"
#include "core/text.hpp"

namespace accord::plan {

namespace {

const live_version& version_of(const std::vector<live_version>& versions, int major) {
  auto found = std::find_if(versions.begin(), versions.end(), [&](const auto& v) { return v.version.major == major; });
  if (found == versions.end())
    throw core::failure(core::sqlstate::internal_error, fmt::format("version {} of a migration is not live", major));
  return *found;
}

bool carries(const live_version& version, std::string_view physical) {
  return std::any_of(version.columns.begin(), version.columns.end(), [&](const auto& c) { return c.physical == physical; });
}

}  // namespace

const version_column* live_version::find(std::string_view name) const {
  auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

const live_version& migration::old_version() const {
  return version_of(versions, from);
}
const live_version& migration::new_version() const {
  return version_of(versions, to);
}

std::vector<std::string> migration::added_columns() const {
  std::vector<std::string> added;
  for (const auto& column : new_version().columns)
    if (!carries(old_version(), column.physical)) added.push_back(column.physical);
  return added;
}

std::vector<std::string> migration::replaced_columns() const {
  std::vector<std::string> replaced;
  for (const auto& column : old_version().columns)
    if (!carries(new_version(), column.physical)) replaced.push_back(column.name);
  return replaced;
}

std::vector<std::pair<std::string, std::string>> migration::successions() const {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& t : transforms)
    for (std::size_t i = 0; i < t.origins.size(); i++)
      if (!t.origins[i].empty()) found.emplace_back(t.origins[i], t.new_columns[i]);
  return found;
}

std::string migration::successor_of(const std::string& column) const {
  const auto& physical = old_version().find(column)->physical;
  for (const auto& c : new_version().columns)
    if (c.physical == physical) return c.name;
  for (const auto& [from, to] : successions())
    if (from == column) return to;
  return {};
}

std::string migration::old_name(std::string_view column) const {
  return core::fitted_name(fmt::format("_accord_{}_old_", id), column);
}

bool migration::is_dual(std::string_view name) const {
  return std::any_of(transforms.begin(), transforms.end(), [&](const auto& t) { return core::contains(t.new_columns, name); });
}

std::string_view name_of(phase p) {
  switch (p) {
    case phase::expand:
      return "expand";
    case phase::activate:
      return "activate";
    case phase::complete:
      return "complete";
    case phase::undo:
      return "undo";
    case phase::rollback:
      return "rollback";
    case phase::purge:
      return "purge";
  }
  return "";
}

}  // namespace accord::plan
