// See view_sql.hpp.
#include "plan/view_sql.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace accord::plan {

using core::quote_identifier;
using core::quote_literal;

namespace {

std::string role_sql(const std::string& grantee) {
  return grantee == "public" ? "PUBLIC" : quote_identifier(grantee);
}

}  // namespace

std::optional<std::string> view_default(const core::column& column, const std::optional<std::string>& physical) {
  if (!column.identity.empty() || column.generated || column.default_expression == physical) return std::nullopt;
  if (column.default_expression) return column.default_expression;
  return fmt::format("CAST(NULLIF('', '') AS {})", column.type.text);
}

std::string required_value(const live_version& version, const core::column& column) {
  return fmt::format("CAST(accord_catalog.missing_value({}, {}) AS {})", quote_literal(version.view.name), quote_literal(column.name),
                     column.type.text);
}

std::string create_view(const core::qualified_name& table, const live_version& version, bool replace) {
  std::string list;
  for (const auto& column : version.columns) {
    if (!list.empty()) list += ", ";
    list += "t." + quote_identifier(column.physical);
    if (column.physical != column.name) list += " AS " + quote_identifier(column.name);
  }
  return fmt::format("CREATE {}VIEW {} WITH (security_invoker = true) AS SELECT {} FROM {} AS t", replace ? "OR REPLACE " : "",
                     version.view.sql(), list, table.sql());
}

std::vector<std::string> describe_view(const live_version& version) {
  std::vector<std::string> statements;
  for (const auto& column : version.columns)
    if (column.view_default)
      statements.push_back(fmt::format("ALTER VIEW {} ALTER COLUMN {} SET DEFAULT {}", version.view.sql(), quote_identifier(column.name),
                                       *column.view_default));
  if (!version.shape.comment.empty())
    statements.push_back(fmt::format("COMMENT ON VIEW {} IS {}", version.view.sql(), quote_literal(version.shape.comment)));
  for (const auto& column : version.columns)
    if (const auto* seen = version.shape.find_column(column.name); seen && !seen->comment.empty())
      statements.push_back(
          fmt::format("COMMENT ON COLUMN {}.{} IS {}", version.view.sql(), quote_identifier(column.name), quote_literal(seen->comment)));
  return statements;
}

std::vector<std::string> grant_view(const live_version& version, const std::vector<core::privilege>& privileges) {
  std::vector<std::string> statements;
  for (const auto& privilege : privileges) {
    if (!privilege.column.empty()) continue;
    if (privilege.kind != "SELECT" && privilege.kind != "INSERT" && privilege.kind != "UPDATE" && privilege.kind != "DELETE") continue;
    statements.push_back(fmt::format("GRANT {} ON {} TO {}{}", privilege.kind, version.view.sql(), role_sql(privilege.grantee),
                                     privilege.grantable ? " WITH GRANT OPTION" : ""));
  }
  return statements;
}

std::vector<std::string> create_schema(const std::string& schema, const std::vector<std::string>& users) {
  std::vector<std::string> statements{fmt::format("CREATE SCHEMA {}", quote_identifier(schema))};
  if (!users.empty()) {
    std::string list;
    for (const auto& user : users)
      list += (list.empty() ? "" : ", ") + role_sql(user);
    statements.push_back(fmt::format("GRANT USAGE ON SCHEMA {} TO {}", quote_identifier(schema), list));
  }
  return statements;
}

std::optional<std::string> set_view_default(const live_version& version, const version_column& column,
                                            const std::optional<std::string>& wanted) {
  if (column.view_default == wanted) return std::nullopt;
  auto head = fmt::format("ALTER VIEW {} ALTER COLUMN {} ", version.view.sql(), quote_identifier(column.name));
  return wanted ? head + "SET DEFAULT " + *wanted : head + "DROP DEFAULT";
}

}  // namespace accord::plan
