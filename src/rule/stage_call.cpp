// stage_call.  See stage_call.hpp.
#include "rule/stage_call.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "change/names_in_sql.hpp"
#include "core/cast.hpp"
#include "core/name.hpp"
#include "core/overloaded.hpp"
#include "core/renaming.hpp"
#include "rule/family.hpp"

namespace accord::rule {

namespace {

using core::overloaded;
using core::quote_identifier;

// A value of the type that says nothing, for rows that have none.
std::string neutral_value(const core::column_type& type) {
  if (!type.labels.empty() && type.kind == "e") return core::quote_literal(type.labels.front()) + "::" + type.text;
  if (type.category == "N") return "0";
  if (type.category == "S") return "''";
  if (type.category == "B") return "false";
  if (type.category == "A") return "'{}'";
  if (type.category == "D" && type.base.find("time") != 0) return "'epoch'::" + type.base;
  if (type.category == "T") return "'0'::" + type.base;
  return {};
}

std::string assignment(const std::string& column, const std::string& expression) {
  return quote_identifier(column) + " = " + expression;
}

struct set_lists {
  std::vector<std::string> up, down;
};

void add_expressions(const change::any_change& change, const core::shape& before, set_lists& lists) {
  std::visit(overloaded{
                 [&](const change::column_retyped& c) {
                   if (!c.using_expression && !core::has_cast(c.from, c.to))
                     lists.up.push_back(assignment(c.column, core::cast_text(c.column, c.from, c.to)));
                   lists.down.push_back(assignment(c.column, core::cast_text(c.column, c.to, c.from)));
                 },
                 [&](const change::column_added& c) {
                   if (!c.column.not_null || c.column.default_expression || c.column.generated || !c.column.identity.empty()) return;
                   std::string value = neutral_value(c.column.type);
                   lists.up.push_back(assignment(c.column.name, value.empty() ? "/* a value for rows of the old version */" : value));
                 },
                 [&](const change::column_dropped& c) {
                   const auto* column = before.find_column(c.column);
                   if (!column || !column->not_null || column->default_expression || column->generated || !column->identity.empty()) return;
                   std::string value = neutral_value(column->type);
                   lists.down.push_back(assignment(c.column, value.empty() ? "/* a value for rows of the new version */" : value));
                 },
                 [&](const change::not_null_added& c) {
                   const auto* column = before.find_column(c.column);
                   if (column && column->generated) return;  // computed, so there is nothing to give
                   std::string value = column ? neutral_value(column->type) : std::string();
                   std::string other = value.empty() ? "/* a value for rows without one */" : value;
                   lists.up.push_back(assignment(c.column, "coalesce(" + quote_identifier(c.column) + ", " + other + ")"));
                 },
                 [&](const change::not_null_dropped& c) {
                   const auto* column = before.find_column(c.column);
                   if (column && column->generated) return;  // computed, so there is nothing to give
                   std::string value = column ? neutral_value(column->type) : std::string();
                   std::string other = value.empty() ? "/* a value for rows without one */" : value;
                   lists.down.push_back(assignment(c.column, "coalesce(" + quote_identifier(c.column) + ", " + other + ")"));
                 },
                 [&](const auto&) {},
             },
             change);
}

bool demands_a_value(const change::any_change& change) {
  if (const auto* added = std::get_if<change::column_added>(&change)) return added->column.type.domain_not_null;
  const auto* retyped = std::get_if<change::column_retyped>(&change);
  return retyped && retyped->to.domain_not_null;
}

// The columns that these changes give the new version as its own.
std::vector<std::string> own_columns(std::span<const change::any_change> changes) {
  std::vector<std::string> own;
  for (const auto& change : changes)
    std::visit(overloaded{
                   [&](const change::column_added& c) { own.push_back(c.column.name); },
                   [&](const change::column_retyped& c) { own.push_back(c.column); },
                   [&](const change::not_null_added& c) { own.push_back(c.column); },
                   [&](const change::not_null_dropped& c) { own.push_back(c.column); },
                   [&](const auto&) {},
               },
               change);
  return own;
}

// The column whose values are repaired so that a new constraint holds: best one that may become NULL, and has no default, since an INSERT
// that leaves it out can look like one that writes NULL.  Of an index on expressions, one that they name.
const core::column* repairable(const core::constraint& constraint, const core::shape& before) {
  const core::column* best = nullptr;
  auto trouble = [](const core::column& c) { return (c.default_expression ? 2 : 0) + (c.not_null ? 1 : 0); };
  for (const auto& column : before.columns) {
    const bool is_key = std::find(constraint.columns.begin(), constraint.columns.end(), column.name) != constraint.columns.end();
    if (!is_key && !(constraint.columns.empty() && change::names_column(constraint.definition, column.name))) continue;
    if (column.generated || !column.identity.empty() || change::names_column(before.partition_key, column.name)) continue;
    if (!best || trouble(column) < trouble(*best)) best = &column;
  }
  return best;
}

std::string repaired(const core::constraint& constraint, const core::column& column) {
  const std::string name = quote_identifier(column.name), value = neutral_value(column.type);
  if (disguised_not_null(constraint) == column.name && !value.empty()) return "coalesce(" + name + ", " + value + ")";
  if (constraint.kind == "check" && !column.not_null) {
    std::string check = bare_definition(constraint);
    check = check.substr(check.find('('), check.rfind(')') + 1 - check.find('('));
    return "CASE WHEN " + check + " IS NOT FALSE THEN " + name + " END";
  }
  return name + " /* or what becomes of a value that violates " + quote_identifier(constraint.name) + " */";
}

// Clients of the old version know nothing of a new constraint, so a column that both versions share is none to put it on.  False where there
// is no way to stage it.
bool add_repairs(std::span<const change::any_change> changes, const core::shape& before, set_lists& lists) {
  auto own = own_columns(changes);
  auto is_own = [&](const std::string& name) { return std::find(own.begin(), own.end(), name) != own.end(); };
  for (const auto& change : changes) {
    const auto* added = std::get_if<change::constraint_added>(&change);
    if (!added) continue;
    const auto& constraint = added->constraint;
    if (before.find_constraint(constraint.name)) return false;  // the old version has it until purge
    if (constraint.kind == "exclusion" && before.kind == "partitioned table") return false;
    if (std::any_of(constraint.columns.begin(), constraint.columns.end(), is_own)) continue;
    const auto* column = repairable(constraint, before);
    if (!column) return false;
    lists.up.push_back(assignment(column->name, repaired(constraint, *column)));
    lists.down.push_back(assignment(column->name, quote_identifier(column->name)));
    own.push_back(column->name);
  }
  return true;
}

// What follows ALTER TABLE name; empty where the change has no such form.
std::string subcommand(const change::any_change& change) {
  auto column = [](const std::string& name) { return "ALTER COLUMN " + quote_identifier(name); };
  return std::visit(
      overloaded{
          [&](const change::column_added& c) {
            std::string sql = "ADD COLUMN " + quote_identifier(c.column.name) + " " + c.column.type.text;
            if (!c.column.type.collation.empty()) sql += " COLLATE " + c.column.type.collation;
            if (c.column.generated)
              sql += " GENERATED ALWAYS AS (" + *c.column.generated + ")" + (c.column.generated_kind == "virtual" ? " VIRTUAL" : " STORED");
            if (!c.column.identity.empty())
              sql += c.column.identity == "always" ? " GENERATED ALWAYS AS IDENTITY" : " GENERATED BY DEFAULT AS IDENTITY";
            if (c.column.default_expression) sql += " DEFAULT " + *c.column.default_expression;
            if (c.column.not_null) sql += " NOT NULL";
            return sql;
          },
          [&](const change::column_dropped& c) { return "DROP COLUMN " + quote_identifier(c.column) + (c.cascade ? " CASCADE" : ""); },
          [&](const change::column_retyped& c) {
            std::string sql = column(c.column) + " TYPE " + c.to.text;
            if (!c.to.collation.empty()) sql += " COLLATE " + c.to.collation;
            if (c.using_expression) sql += " USING " + *c.using_expression;
            return sql;
          },
          [&](const change::not_null_added& c) { return column(c.column) + " SET NOT NULL"; },
          [&](const change::not_null_dropped& c) { return column(c.column) + " DROP NOT NULL"; },
          [&](const change::default_changed& c) {
            return column(c.column) + (c.to ? " SET DEFAULT " + *c.to : std::string(" DROP DEFAULT"));
          },
          [&](const change::column_renamed& c) { return "RENAME COLUMN " + quote_identifier(c.column) + " TO " + quote_identifier(c.to); },
          [&](const change::relation_renamed& c) { return "RENAME TO " + quote_identifier(c.to.name); },
          [&](const change::relation_moved& c) { return "SET SCHEMA " + quote_identifier(c.to.schema); },
          [&](const change::constraint_added& c) {
            return "ADD CONSTRAINT " + quote_identifier(c.constraint.name) + " " + c.constraint.definition;
          },
          [&](const change::constraint_dropped& c) { return "DROP CONSTRAINT " + quote_identifier(c.constraint.name); },
          [&](const auto&) { return std::string(); },
      },
      change);
}

// What is a statement of its own; empty where it is part of ALTER TABLE.
std::string own_statement(const core::qualified_name& relation, const change::any_change& change) {
  if (const auto* comment = std::get_if<change::comment_changed>(&change)) {
    std::string sql = comment->column.empty() ? "COMMENT ON TABLE " + relation.sql()
                                              : "COMMENT ON COLUMN " + relation.sql() + "." + quote_identifier(comment->column);
    return sql + " IS " + (comment->to.empty() ? std::string("NULL") : core::quote_literal(comment->to));
  }
  const auto* added = std::get_if<change::constraint_added>(&change);
  if (added && added->constraint.kind == "unique index")
    return "CREATE UNIQUE INDEX " + quote_identifier(added->constraint.name) + " " + added->constraint.definition;
  const auto* dropped = std::get_if<change::constraint_dropped>(&change);
  if (dropped && dropped->constraint.kind == "unique index")
    return "DROP INDEX " + core::qualified_name{relation.schema, dropped->constraint.name}.sql();
  return {};
}

// Columns change names in an order in which each name is free, also where they change places.
std::vector<change::any_change> in_order(std::span<const change::any_change> changes) {
  core::rename_list names;
  for (const auto& change : changes)
    if (const auto* renamed = std::get_if<change::column_renamed>(&change)) names.emplace_back(renamed->column, renamed->to);
  std::vector<change::any_change> ordered;
  for (const auto& change : changes) {
    if (!std::holds_alternative<change::column_renamed>(change)) {
      ordered.push_back(change);
      continue;
    }
    for (auto& [from, to] : core::in_safe_order(std::exchange(names, {}), "accord_swap"))  // all at the place of the first
      ordered.push_back(change::column_renamed{from, to});
  }
  return ordered;
}

// ALTER TABLE takes these alone, not in a list.
bool stands_alone(const change::any_change& change) {
  return std::holds_alternative<change::column_renamed>(change) || std::holds_alternative<change::relation_renamed>(change) ||
         std::holds_alternative<change::relation_moved>(change);
}

}  // namespace

bool can_be_staged(const core::shape& table, std::span<const change::any_change> changes) {
  return (table.kind == "table" || table.kind == "partitioned table") && table.partition_of.empty() &&
         std::none_of(changes.begin(), changes.end(), demands_a_value);
}

std::string ddl_for(const core::qualified_name& relation, std::span<const change::any_change> changes) {
  std::string sql, open;
  auto close = [&] {
    if (!open.empty()) sql += (sql.empty() ? "" : "; ") + open;
    open.clear();
  };
  std::string head = "ALTER TABLE " + relation.sql() + " ";
  auto ordered = in_order(changes);
  for (const auto& change : ordered) {
    if (auto whole = own_statement(relation, change); !whole.empty()) {
      close();
      open = std::move(whole);
      close();
      continue;
    }
    std::string part = subcommand(change);
    if (part.empty()) return {};
    if (stands_alone(change)) close();
    open += (open.empty() ? head : std::string(", ")) + part;
    if (stands_alone(change)) close();
  }
  close();
  return sql;
}

std::string stage_call(const core::qualified_name& relation, const core::shape& before, std::span<const change::any_change> changes) {
  if (!can_be_staged(before, changes)) return {};
  std::string ddl = ddl_for(relation, changes);
  if (ddl.empty()) return {};
  set_lists lists;
  for (const auto& change : changes)
    add_expressions(change, before, lists);
  if (!add_repairs(changes, before, lists)) return {};
  std::string call = "SELECT accord.stage(" + core::quote_literal(relation.sql()) + ", " + core::dollar_quote(ddl);
  if (!lists.up.empty()) call += ", up => " + core::dollar_quote(fmt::format("{}", fmt::join(lists.up, ", ")));
  if (!lists.down.empty()) call += ", down => " + core::dollar_quote(fmt::format("{}", fmt::join(lists.down, ", ")));
  return call + ");";
}

}  // namespace accord::rule
