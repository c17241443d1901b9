// See refusals.hpp.
#include "plan/refusals.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "plan/children.hpp"
#include "plan/errors.hpp"

namespace accord::plan {

namespace {

using core::contains;
using core::meets;
using names = std::vector<std::string>;

names physical_of(const live_version& version, const names& visible) {
  names result;
  for (const auto& name : visible)
    if (const auto* column = version.find(name)) result.push_back(column->physical);
  return result;
}

// On a column that is replaced they pass to the new one; on one that goes they have no place to go.
void check_triggers(const surroundings& around, const migration& m, const names& removed) {
  names specific, outside;
  auto affected = physical_of(m.old_version(), removed);
  for (const auto& trigger : around.triggers) {
    if (meets(trigger.columns, affected)) specific.push_back(trigger.name);
    if (trigger.name.starts_with("!accord_move_") && trigger.name.ends_with("_lock")) throw errors::is_moved_to(m.table.name);
    if (trigger.before && (trigger.name < "!accord_sync" || trigger.name > "~accord_sync")) outside.push_back(trigger.name);
  }
  if (!specific.empty()) throw errors::column_triggers(specific, removed);
  names policies;
  for (const auto& policy : around.policies)
    if (meets(policy.columns, affected)) policies.push_back(policy.name);
  if (!policies.empty()) throw errors::policies_on(policies, removed);
  if (m.keeps_in_step() && !outside.empty()) throw errors::trigger_sorts_outside(outside);
}

// They follow a column that is replaced.
void check_published_columns(const surroundings& around, const migration& m, const names& removed, std::string_view table) {
  names found;
  auto affected = physical_of(m.old_version(), removed);
  for (const auto& published : around.published_columns)
    if (meets(published.columns, affected) && !contains(found, published.publication)) found.push_back(published.publication);
  if (!found.empty()) throw errors::published_columns(found, removed, table);
  if (m.marker && !around.not_updatable.empty()) throw errors::not_updatable(table, around.not_updatable);
}

void check_publications(const surroundings& around) {
  names found, with_lists;
  for (const auto& publication : around.publications) {
    found.push_back(publication.name);
    if (!publication.with_list.empty()) with_lists.push_back(publication.with_list);
  }
  if (!found.empty()) throw errors::published(found, with_lists, with_lists.size() < found.size());
}

void check_privileges(const surroundings& around, names& announcements) {
  names roles;
  for (const auto& [column, grantees] : around.grantees)
    for (const auto& role : grantees)
      if (!contains(roles, errors::quoted(role))) roles.push_back(errors::quoted(role));
  if (!roles.empty())
    announcements.push_back(fmt::format(
        "The version views are out of reach for roles with privileges on single columns, who keep the table: {}.", errors::listed(roles)));
}

}  // namespace

void check_around(const surroundings& around, const migration& m, bool adds_columns, const names& removed, std::string_view table) {
  check_triggers(around, m, removed);
  // What is dropped is there under another name from completion until purge.
  if (adds_columns || !removed.empty()) check_publications(around);
  check_published_columns(around, m, removed, table);
}

void check_surroundings(const request& r, const migration& m, const names& dual, const names& removed, names& announcements) {
  const auto& around = r.around;
  const auto& old = m.old_version();
  if (old.shape.kind != "table" && old.shape.kind != "partitioned table") throw errors::not_a_table(m.table.name, old.shape.kind);
  if (around.is_partition) throw errors::is_partition(m.table.name);
  bool adds_columns = !m.added_columns().empty() || m.marker.has_value();

  check_around(around, m, adds_columns, removed, m.table.name);
  check_tree(r, m, removed);
  if (m.new_version().shape.relation.schema != old.shape.relation.schema)
    for (const auto& sequence : around.sequences)
      if (!sequence.identity) throw errors::sequence_moves_along(m.table.name, sequence.column, sequence.name);
  if (adds_columns && !around.star_consumers.empty()) throw errors::star_consumers(m.table.name, around.star_consumers);
  check_privileges(around, announcements);

  names up_nulls, computed_nulls, down_nulls;
  auto never_null = [&](const std::string& expression) {  // a column of the old version, as it is
    return std::any_of(old.shape.columns.begin(), old.shape.columns.end(),
                       [&](const auto& c) { return c.not_null && core::quote_identifier(c.name) == expression; });
  };
  for (const auto& group : m.transforms) {
    for (std::size_t i = 0; i < group.new_columns.size(); i++)
      if (const core::column& column = *m.new_version().shape.find_column(group.new_columns[i]);
          column.not_null && contains(dual, column.name) && !never_null(group.up[i]))
        (column.generated ? computed_nulls : up_nulls).push_back(errors::quoted(column.name));
    bool takes_null = std::any_of(group.new_columns.begin(), group.new_columns.end(),
                                  [&](const auto& name) { return !m.new_version().shape.find_column(name)->not_null; });
    for (std::size_t i = 0; i < group.old_columns.size(); i++)
      if (takes_null && group.down[i] && old.shape.find_column(group.old_columns[i])->not_null)
        down_nulls.push_back(errors::quoted(group.old_columns[i]));
  }
  auto announce = [&](const names& columns, const char* clients, const char* list) {
    if (!columns.empty())
      announcements.push_back(fmt::format("Clients of the {} version get an error where \"{}\" gives NULL for {} {}.", clients, list,
                                          columns.size() == 1 ? "column" : "columns", errors::listed(columns)));
  };
  announce(up_nulls, "old", "up");
  if (!computed_nulls.empty())
    announcements.push_back(fmt::format("Clients of the old version get an error where generated {} {} would be NULL.",
                                        computed_nulls.size() == 1 ? "column" : "columns", errors::listed(computed_nulls)));
  announce(down_nulls, "new", "down");
}

}  // namespace accord::plan
