// See children.hpp.
#include "plan/children.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "plan/errors.hpp"
#include "plan/refusals.hpp"

namespace accord::plan {

namespace {

using core::contains;
using names = std::vector<std::string>;

bool goes_with_parents(const change::any_change& change) {
  if (const auto* added = std::get_if<change::constraint_added>(&change)) return added->constraint.kind == "primary key";  // NOT NULL
  return std::holds_alternative<change::column_added>(change) || std::holds_alternative<change::column_dropped>(change) ||
         std::holds_alternative<change::column_renamed>(change) || std::holds_alternative<change::column_retyped>(change) ||
         std::holds_alternative<change::not_null_added>(change) || std::holds_alternative<change::not_null_dropped>(change) ||
         std::holds_alternative<change::default_changed>(change) || std::holds_alternative<change::generated_changed>(change);
}

draft followed(const core::shape& shape, std::span<const change::any_change> changes) {
  std::vector<change::any_change> reaching;
  for (const auto& change : changes)
    if (goes_with_parents(change)) reaching.push_back(change);
  auto result = follow(shape, reaching);
  result.added.clear();
  return result;
}

// Physical columns of the old version that get another name, lose theirs, or go.
names touched_columns(const migration& m) {
  names touched;
  for (const auto& column : m.old_version().columns) {
    auto kept = std::find_if(m.new_version().columns.begin(), m.new_version().columns.end(),
                             [&](const auto& c) { return c.physical == column.physical; });
    if (kept == m.new_version().columns.end() || kept->name != column.name) touched.push_back(column.physical);
  }
  return touched;
}

names new_names(const migration& m) {
  names result;
  for (const auto& column : m.new_version().columns)
    if (!m.old_version().find(column.name)) result.push_back(column.name);
  return result;
}

// As the child calls the physical columns of its table; those that it has for itself keep their names.
std::vector<version_column> columns_of_child(const live_version& of_table, const live_version& other, const core::shape& shape) {
  std::vector<version_column> columns;
  for (const auto& column : of_table.columns)
    if (shape.find_column(column.name)) columns.push_back({column.name, column.physical, std::nullopt});
  for (const auto& column : shape.columns)
    if (!of_table.find(column.name) && !other.find(column.name)) columns.push_back({column.name, column.name, std::nullopt});
  return columns;
}

}  // namespace

void check_tree(const request& r, const migration& m, const names& removed) {
  const auto touched = touched_columns(m);
  for (const auto& column : m.old_version().columns)
    if (contains(touched, column.physical) && r.around.inherited.contains(column.physical))
      throw errors::is_inherited(column.name, m.table.name, r.around.parents);
  const bool adds = !m.added_columns().empty() || m.marker.has_value();
  if (!adds && touched.empty()) return;
  if (!r.around.migrating_parent.empty()) throw errors::parent_migrates(m.table.name, r.around.migrating_parent);
  if (r.children.empty()) return;
  if (!m.moves.empty()) throw errors::moves_from_tree(m.table.name);
  for (const auto& child : r.children) {
    if (child.has_contract) throw errors::child_has_contract(child.table.name);
    if (child.shape.persistence == "temporary") throw errors::child_not_followed(child.table.name, "It is a temporary table.");
    if (child.shape.kind != "table" && m.keeps_in_step())
      throw errors::child_not_followed(child.table.name, fmt::format("It is a {}, whose rows cannot be kept in step.", child.shape.kind));
    if (child.owner != r.owner)
      throw errors::child_not_followed(child.table.name, fmt::format("It belongs to another owner: {}.", errors::quoted(child.owner)));
    for (const auto& column : m.old_version().columns)
      if (contains(touched, column.physical) && child.elsewhere.contains(column.physical))
        throw errors::inherited_elsewhere(column.name, child.table.name);
    for (const auto& name : new_names(m))
      if (child.shape.find_column(name))
        throw core::failure("42701", fmt::format("column \"{}\" of relation \"{}\" already exists", name, child.table.name),
                            fmt::format("The table inherits from \"{}\".", m.table.name));
    check_around(child.around, m, adds, removed, child.table.name);
  }
}

migration child_of(const migration& root, const core::qualified_name& table, core::shape before, core::shape after) {
  migration child;
  child.id = root.id;
  child.contract = root.contract;
  child.owner = root.owner;
  child.from = root.from;
  child.to = root.to;
  child.transforms = root.transforms;
  child.marker = root.marker;
  child.other_migrations = root.other_migrations;
  child.makes_triggers = root.makes_triggers;
  child.table = table;
  const auto &old_version = root.old_version(), &new_version = root.new_version();
  auto old_columns = columns_of_child(old_version, new_version, before), new_columns = columns_of_child(new_version, old_version, after);
  child.versions.push_back({old_version.version, std::move(before), std::move(old_columns), {}});
  child.versions.push_back({new_version.version, std::move(after), std::move(new_columns), {}});
  return child;
}

std::vector<migration> plan_children(const request& r, const migration& root, const sorted_columns& sorted, names& announcements) {
  std::vector<migration> children;
  for (const auto& c : r.children) {
    auto d = followed(c.shape, r.changes);
    for (auto& column : d.columns)
      if (const auto* old = column.origin ? root.old_version().find(*column.origin) : nullptr;
          old && c.local_not_null.contains(old->physical))
        column.column.not_null = true;
    auto after = c.shape;
    after.columns.clear();
    for (const auto& column : d.columns)
      after.columns.push_back(column.column);
    auto child = child_of(root, c.table, c.shape, std::move(after));
    child.parents = c.parents;
    child.local = c.local;
    child.local_not_null = c.local_not_null;
    child.defaults = c.defaults;
    // A column that the child keeps takes what stands on it along.
    auto own = sorted;
    std::erase_if(own.removed, [&](const auto& name) { return c.local.contains(root.old_version().find(name)->physical); });
    request about = r;
    about.around = c.around;
    about.added_indexes.clear();
    about.dropped_indexes.clear();
    about.comments.clear();
    choose_companions(about, d, own, child, announcements);
    copy_traits(about, d, own.retyped, child);
    auto has = [](const migration& m, const companion& check) {
      return std::any_of(m.companions.begin(), m.companions.end(),
                         [&](const auto& c) { return c.kind == companion_kind::check && !c.added && c.name == check.name; });
    };
    for (auto& check : child.companions)  // one that the DDL drops from the parents stays with the child
      check.merged = check.merged && (has(root, check) ||
                                      std::any_of(children.begin(), children.end(), [&](const auto& other) { return has(other, check); }));
    children.push_back(std::move(child));
  }
  return children;
}

}  // namespace accord::plan
