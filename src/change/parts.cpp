// Editing the members of a shape, and wording.
#include "change/parts.hpp"

#include <algorithm>

#include "change/names_in_sql.hpp"

namespace accord::change {

// ---- wording ----

std::string column_element(std::string_view column) {
  return core::joined({"column \"", column, "\""});
}

std::string relation_element(const core::qualified_name& relation) {
  return core::joined({"relation \"", relation.display(), "\""});
}

std::string constraint_element(const core::constraint& constraint) {
  const std::string_view noun = constraint.kind == "primary key" || constraint.kind == "unique index" ? "" : " constraint";
  return core::joined({constraint.kind, noun, " \"", constraint.name, "\""});
}

std::string privilege_text(const core::privilege& privilege) {
  return core::joined({privilege.kind, privilege.column.empty() ? "" : core::joined({" (\"", privilege.column, "\")"}), " ", "of", " \"",
                       privilege.grantee, "\"", privilege.grantable ? " with grant option" : ""});
}

std::string privilege_element(const core::privilege& privilege) {
  return core::joined({"privilege ", privilege_text(privilege)});
}

std::string or_none(const std::optional<std::string>& text) {
  return text ? *text : "none";
}
std::string or_none(const std::string& text) {
  return text.empty() ? "none" : text;
}
std::string or_default(const std::string& text) {
  return text.empty() ? "default" : text;
}

// ---- columns ----

core::column& column_of(core::shape& shape, std::string_view name) {
  if (core::column* column = shape.find_column(name)) return *column;
  throw errors::no_such_column(shape.relation, name);
}

void erase_column(core::shape& shape, std::string_view name) {
  if (!erase_named(shape.columns, name)) throw errors::no_such_column(shape.relation, name);
  std::erase_if(shape.constraints, [&](const core::constraint& constraint) { return names_any(constraint, {std::string(name)}); });
  std::erase_if(shape.privileges, [&](const core::privilege& privilege) { return privilege.column == name; });
}

void rename_columns(core::shape& shape, const renames& names) {
  if (names.empty()) return;
  for (const auto& [from, to] : names) {
    if (!shape.find_column(from)) throw errors::no_such_column(shape.relation, from);
    if (shape.find_column(to) && !names.contains(to)) throw errors::column_exists(shape.relation, to);
  }
  const auto follow = [&](std::string& name) {
    if (const auto found = names.find(name); found != names.end()) name = found->second;
  };
  const auto follow_in = [&](std::string& sql) { sql = renamed_in(sql, names); };

  for (core::column& column : shape.columns) {
    follow(column.name);
    if (column.generated) follow_in(*column.generated);
  }
  for (core::constraint& constraint : shape.constraints) {
    for (std::string& name : constraint.columns)
      follow(name);
    if (constraint.kind == "foreign key" && constraint.references != shape.relation.sql()) {
      // What stands behind REFERENCES are columns of another table.
      const std::size_t end = constraint.definition.find(" REFERENCES ");
      const std::string rest = end == std::string::npos ? "" : constraint.definition.substr(end);
      constraint.definition = renamed_in(constraint.definition.substr(0, end), names) + rest;
    } else {
      follow_in(constraint.definition);
    }
  }
  for (core::policy& policy : shape.policies) {
    follow_in(policy.using_expression);
    follow_in(policy.check_expression);
  }
  for (core::privilege& privilege : shape.privileges)
    follow(privilege.column);
  for (core::trigger& trigger : shape.triggers)
    follow_in(trigger.definition);
  follow_in(shape.partition_key);
  canonicalize(shape);
}

void reorder_columns(core::shape& shape, const std::vector<std::string>& order) {
  std::vector<core::column> ordered;
  ordered.reserve(order.size());
  for (const std::string& name : order)
    ordered.push_back(column_of(shape, name));
  std::vector<std::string> once = order;
  std::sort(once.begin(), once.end());
  if (ordered.size() != shape.columns.size() || std::adjacent_find(once.begin(), once.end()) != once.end()) {
    throw errors::wrong_column_order(shape.relation);
  }
  shape.columns = std::move(ordered);
}

void retarget(core::shape& shape, const core::qualified_name& relation) {
  const std::string from = shape.relation.sql(), to = relation.sql();
  shape.relation = relation;
  if (from == to) return;
  for (core::constraint& constraint : shape.constraints) {
    if (constraint.references == from) constraint.references = to;
    constraint.definition = retargeted_in(constraint.definition, from, to);
  }
  for (core::policy& policy : shape.policies) {
    policy.using_expression = retargeted_in(policy.using_expression, from, to);
    policy.check_expression = retargeted_in(policy.check_expression, from, to);
  }
  for (core::trigger& trigger : shape.triggers) {
    trigger.definition = retargeted_in(trigger.definition, from, to);
  }
}

bool same_type(const core::column_type& a, const core::column_type& b) {
  return a.text == b.text && a.base == b.base && a.kind == b.kind && a.category == b.category;
}

bool same_domain(const core::column_type& a, const core::column_type& b) {
  return a.domain_base == b.domain_base && a.domain_not_null == b.domain_not_null && a.domain_default == b.domain_default &&
         a.domain_checks == b.domain_checks;
}

std::vector<type_pair> types_within(const core::column_type& a, const core::column_type& b) {
  std::vector<type_pair> both;
  for (const core::column_type& before : a.within)
    for (const core::column_type& after : b.within)
      if (before.text == after.text && before.kind == after.kind) both.push_back({&before, &after});
  return both;
}

core::column_type& type_within(core::column_type& type, const std::string& name) {
  for (core::column_type& inner : type.within)
    if (inner.text == name) return inner;
  return type;
}

// ---- constraints ----

const core::constraint* find_same(const std::vector<core::constraint>& list, const core::constraint& wanted) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const core::constraint& c) { return c.name == wanted.name && c.kind == wanted.kind; });
  return found == list.end() ? nullptr : &*found;
}

void erase_constraint(core::shape& shape, const core::constraint& constraint) {
  const core::constraint* found = find_same(shape.constraints, constraint);
  if (!found) throw errors::no_such_constraint(shape.relation, constraint.name);
  shape.constraints.erase(shape.constraints.begin() + (found - shape.constraints.data()));
}

bool names_any(const core::constraint& constraint, const std::vector<std::string>& columns) {
  return std::find_first_of(constraint.columns.begin(), constraint.columns.end(), columns.begin(), columns.end()) !=
         constraint.columns.end();
}

}  // namespace accord::change
