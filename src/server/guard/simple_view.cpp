// simple_view.  See simple_view.hpp.
#include "server/guard/simple_view.hpp"

#include <algorithm>
#include <map>

#include "server/registry/contract.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

struct passed_on {
  Oid table = InvalidOid;
  int count = 0;
  const char** view_names = nullptr;   // of the view's columns that are the table's, untouched
  const char** table_names = nullptr;  // and what the table calls them
  bool as_invoker = false;
};

// Inside pg().
passed_on read_view(Oid relation) {
  passed_on p;
  Relation view = relation_open(relation, AccessShareLock);
  if (view->rd_rel->relkind == RELKIND_VIEW) {
    Query* query = get_view_query(view);
    bool simple = !view_query_is_auto_updatable(query, false) && !query->jointree->quals && list_length(query->jointree->fromlist) == 1;
    auto* from = simple ? static_cast<Node*>(linitial(query->jointree->fromlist)) : nullptr;
    if (from && IsA(from, RangeTblRef)) {
      auto* entry = rt_fetch(reinterpret_cast<RangeTblRef*>(from)->rtindex, query->rtable);
      p.table = entry->relid;
      p.as_invoker = RelationHasSecurityInvoker(view);
      auto size = sizeof(char*) * static_cast<Size>(list_length(query->targetList) + 1);
      p.view_names = static_cast<const char**>(palloc0(size));
      p.table_names = static_cast<const char**>(palloc0(size));
      ListCell* cell;
      foreach (cell, query->targetList) {
        auto* target = static_cast<TargetEntry*>(lfirst(cell));
        if (target->resjunk || !IsA(target->expr, Var) || reinterpret_cast<Var*>(target->expr)->varattno <= 0) continue;
        p.view_names[p.count] = pstrdup(target->resname);
        p.table_names[p.count++] = get_attname(entry->relid, reinterpret_cast<Var*>(target->expr)->varattno, false);
      }
    }
  }
  relation_close(view, NoLock);
  return p;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

core::shape shape_as_it_acts(Oid relation) {
  core::shape view = registry::capture_shape(relation);
  passed_on p = pg([&] { return read_view(relation); });
  if (!OidIsValid(p.table)) return view;
  core::shape table = registry::capture_shape(p.table);
  if (table.row_security && !p.as_invoker) return view;  // whose rows they are depends on the view's owner
  std::map<std::string, std::string> name_of;            // in the table, of the view's column
  for (int i = 0; i < p.count; i++)
    name_of[p.view_names[i]] = p.table_names[i];

  for (auto& column : view.columns) {
    auto from = name_of.find(column.name);
    const core::column* source = from == name_of.end() ? nullptr : table.find_column(from->second);
    if (!source) continue;
    column.not_null = source->not_null;
    column.identity = source->identity;
    column.generated = source->generated;
    column.generated_kind = source->generated_kind;
    if (!column.default_expression) column.default_expression = source->default_expression;
  }
  auto shown = [&](const std::string& column) {
    auto same = name_of.find(column);
    return same != name_of.end() && same->second == column;
  };
  for (const auto& constraint : table.constraints)
    if (std::all_of(constraint.columns.begin(), constraint.columns.end(), shown)) {
      view.constraints.push_back(constraint);
      replace_all(view.constraints.back().definition, table.relation.sql(), view.relation.sql());
    }
  for (const auto& trigger : table.triggers) {
    view.triggers.push_back(trigger);
    replace_all(view.triggers.back().definition, table.relation.sql(), view.relation.sql());
  }
  view.functions = table.functions;
  view.persistence = table.persistence;
  if (p.as_invoker) {
    view.row_security = table.row_security;
    view.force_row_security = table.force_row_security;
    view.policies = table.policies;
    // Both are asked for.
    std::erase_if(view.privileges, [&](const core::privilege& held) {
      return std::none_of(table.privileges.begin(), table.privileges.end(), [&](const core::privilege& other) {
        return other.grantee == held.grantee && other.kind == held.kind && (other.column.empty() || other.column == held.column);
      });
    });
  }
  core::canonicalize(view);
  return view;
}

}  // namespace accord::guard
