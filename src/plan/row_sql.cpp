// See row_sql.hpp.
#include "plan/row_sql.hpp"

#include <fmt/format.h>

namespace accord::plan {

using core::quote_identifier;

std::string of_row(const std::string& physical) {
  return "_accord_row." + quote_identifier(physical);
}

std::string scope_sql(const verify_scope& scope) {
  std::string list;
  for (const auto& column : scope.columns)
    list += fmt::format("{}{} AS {}", list.empty() ? "" : ", ", of_row(column.physical), quote_identifier(column.name));
  return fmt::format("(SELECT {}) AS {}", list, quote_identifier(scope.qualifier));
}

std::string equal(const verify_column& column, const std::string& value) {
  std::string stored = of_row(column.physical);
  if (!column.has_equality) return same_image(stored, value);
  return fmt::format("{} IS NOT DISTINCT FROM {}", stored, column.collation.empty() ? value : value + " COLLATE " + column.collation);
}

std::string same_image(const std::string& a, const std::string& b) {
  return fmt::format("CAST(ROW({}) AS pg_catalog.record) OPERATOR(pg_catalog.*=) CAST(ROW({}) AS pg_catalog.record)", a, b);
}

}  // namespace accord::plan
