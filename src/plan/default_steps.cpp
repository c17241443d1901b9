// See default_steps.hpp.
#include "plan/default_steps.hpp"

#include <fmt/format.h>
#include <vector>

#include "plan/identity_steps.hpp"
#include "plan/view_sql.hpp"

namespace accord::plan {

using core::quote_identifier;

namespace {

// The column whose place it takes, or that takes its place.
std::string counterpart(const migration& m, const live_version& version, const std::string& name) {
  for (const auto& [before, after] : m.successions()) {
    if (version.version.major == m.to && after == name) return m.old_version().find(before)->physical;
    if (version.version.major == m.from && before == name) return m.new_version().find(after)->physical;
  }
  return {};
}

// A default that gives another value each time is taken once, by the column of the table that has it.
bool is_taken_by_counterpart(migration& m, const live_version& version, const version_column& column,
                             const std::optional<std::string>& wanted) {
  if (!wanted || !m.volatile_defaults.contains(*wanted)) return false;
  auto other = counterpart(m, version, column.name);
  return !other.empty() && m.defaults[other] == wanted;
}

}  // namespace

bool must_be_given(const migration& m, const live_version& version, const version_column& column) {
  const auto& seen = *version.shape.find_column(column.name);
  if (version.version.major != m.to) return false;
  if (!seen.not_null || seen.default_expression || !seen.identity.empty() || seen.generated) return false;
  if (is_without_identity(m, column)) return true;
  if (!m.is_dual(column.name)) return false;
  auto other = counterpart(m, version, column.name);
  for (const auto& old : m.old_version().columns)
    if (old.physical == other) return !m.old_version().shape.find_column(old.name)->not_null;
  return true;
}

void set_table_defaults(script& s, migration& m, const std::map<std::string, std::optional<std::string>>& wanted) {
  std::vector<std::string> actions;
  for (const auto& [physical, expression] : wanted) {
    if (m.defaults[physical] == expression) continue;
    m.defaults[physical] = expression;
    actions.push_back(expression ? fmt::format("ALTER COLUMN {} SET DEFAULT {}", quote_identifier(physical), *expression)
                                 : fmt::format("ALTER COLUMN {} DROP DEFAULT", quote_identifier(physical)));
  }
  s.alter_only(actions, "The defaults of the shape that the table has now.");
}

void set_defaults(script& s, migration& m, const std::map<std::string, std::optional<std::string>>& wanted) {
  set_table_defaults(s, m, wanted);
  for (auto& version : m.versions)
    for (auto& column : version.columns) {
      auto needed = view_default(*version.shape.find_column(column.name), m.defaults[column.physical]);
      if (is_taken_by_counterpart(m, version, column, needed)) needed = std::nullopt;
      if (!needed && must_be_given(m, version, column)) needed = required_value(version, *version.shape.find_column(column.name));
      if (auto sql = set_view_default(version, column, needed))
        s.other(*sql, fmt::format("Version {} keeps its default.", version.version.text()));
      column.view_default = needed;
    }
}

}  // namespace accord::plan
