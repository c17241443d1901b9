// Rendering of verification queries.  See verify_sql.hpp.
#include "plan/verify_sql.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "plan/row_sql.hpp"

namespace accord::plan {

using core::quote_identifier;
using core::quote_literal;

namespace {

std::string joined(const std::vector<verify_column>& columns) {
  std::string text;
  for (const auto& column : columns)
    text += (text.empty() ? "" : ", ") + column.name;
  return text;
}

// One direction: the LATERAL subquery that computes it, and the condition that it holds.
struct direction {
  std::string lateral, holds;
};

direction make_direction(const std::string& alias, const verify_scope& scope, const std::vector<verify_column>& targets,
                         const std::vector<std::optional<std::string>>& expressions) {
  std::string values;
  direction result;
  for (std::size_t i = 0; i < targets.size(); i++) {
    if (!expressions[i]) continue;
    values += fmt::format("{}CAST(({}) AS {}) AS v{}", values.empty() ? "" : ", ", *expressions[i], targets[i].type, i);
    result.holds += (result.holds.empty() ? "" : " AND ") + equal(targets[i], fmt::format("{}.v{}", alias, i));
  }
  if (!values.empty()) result.lateral = fmt::format(" CROSS JOIN LATERAL (SELECT {} FROM {}) AS {}", values, scope_sql(scope), alias);
  return result;
}

struct mismatch {
  std::string from, condition;
};

mismatch make_mismatch(const verify_table& table, const verify_transform& transform) {
  std::vector<std::optional<std::string>> up(transform.up.begin(), transform.up.end());
  const auto& source = transform.computed ? table.new_version : table.old_version;
  auto forward = make_direction("_accord_up", source, transform.new_columns, up);
  auto backward = make_direction("_accord_down", table.new_version, transform.old_columns, transform.down);
  mismatch result{fmt::format("{} AS _accord_row{}{}", table.name.sql(), forward.lateral, backward.lateral), {}};
  result.condition = table.marker.empty() ? "" : of_row(table.marker) + " IS NOT TRUE AND ";
  result.condition +=
      backward.holds.empty() ? fmt::format("NOT ({})", forward.holds) : fmt::format("NOT (({}) OR ({}))", forward.holds, backward.holds);
  return result;
}

std::string hash_of(const verify_column& column) {
  // format() calls the type's output function and no cast that a user could have made.
  return column.has_hash ? quote_identifier(column.name) : fmt::format("pg_catalog.format('%s', {})", quote_identifier(column.name));
}

std::string view_hash(const core::qualified_name& view, const std::vector<verify_column>& columns) {
  std::string list;
  for (const auto& column : columns)
    list += (list.empty() ? "" : ", ") + hash_of(column);
  return fmt::format(
      "(SELECT pg_catalog.count(*) AS rows, coalesce(pg_catalog.sum(pg_catalog.hash_record_extended(ROW({}), 0)), 0) AS hash FROM {})",
      list, view.sql());
}

}  // namespace

bool can_be_compared(const verify_transform& transform) {
  return !transform.new_columns.empty();
}

bool has_way_back(const verify_transform& transform) {
  return std::any_of(transform.down.begin(), transform.down.end(), [](const auto& e) { return e.has_value(); });
}

std::string check_name(const verify_transform& transform) {
  if (transform.computed) return joined(transform.new_columns);
  return joined(transform.old_columns) + " -> " + joined(transform.new_columns);
}

std::string count_mismatches(const verify_table& table, const verify_transform& transform) {
  auto m = make_mismatch(table, transform);
  return fmt::format("SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE {}), pg_catalog.count(*) FILTER (WHERE {}) FROM {}",
                     table.marker.empty() ? "false" : of_row(table.marker), m.condition, m.from);
}

std::string sample_mismatches(const verify_table& table, const verify_transform& transform, int limit) {
  auto m = make_mismatch(table, transform);
  std::string place;
  for (const auto& column : table.key)
    place += fmt::format("{}pg_catalog.format('%s=%s', {}, {})", place.empty() ? "" : ", ", quote_literal(column), of_row(column));
  place = place.empty() ? "pg_catalog.format('%s %s', _accord_row.tableoid::pg_catalog.regclass, _accord_row.ctid)"
                        : fmt::format("pg_catalog.concat_ws(', ', {})", place);
  return fmt::format("SELECT {} FROM {} WHERE {} LIMIT {}", place, m.from, m.condition, limit);
}

std::string compare_views(const core::qualified_name& old_view, const core::qualified_name& new_view, const verify_scope& old_version,
                          const verify_scope& new_version) {
  std::vector<verify_column> from_old, from_new;
  for (const auto& old_column : old_version.columns)
    for (const auto& new_column : new_version.columns)
      if (old_column.physical == new_column.physical) {
        from_old.push_back(old_column);
        from_new.push_back(new_column);
        break;
      }
  return fmt::format("SELECT o.rows, o.hash, n.rows, n.hash FROM {} AS o, {} AS n", view_hash(old_view, from_old),
                     view_hash(new_view, from_new));
}

}  // namespace accord::plan
