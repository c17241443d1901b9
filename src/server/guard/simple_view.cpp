// simple_view.  See simple_view.hpp.
#include "server/guard/simple_view.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <map>

#include "core/name.hpp"
#include "rule/beyond_shape.hpp"
#include "server/registry/contract.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

enum class kind_of_view : std::uint8_t { none, updatable, read_only };

struct passed_on {
  kind_of_view kind = kind_of_view::none;
  bool some_rows = false;  // WHERE
  Oid table = InvalidOid;  // of an updatable one
  int count = 0;
  const char** view_names = nullptr;   // of the view's columns that are the table's, untouched
  const char** table_names = nullptr;  // and what the table calls them
  bool as_invoker = false;
};

// Inside pg().
passed_on read_view(Oid relation) {
  passed_on p;
  Relation view = relation_open(relation, AccessShareLock);
  if (view->rd_rel->relkind == RELKIND_MATVIEW) p.kind = kind_of_view::read_only;
  if (view->rd_rel->relkind == RELKIND_VIEW) {
    Query* query = get_view_query(view);
    p.kind = view_query_is_auto_updatable(query, false) ? kind_of_view::read_only : kind_of_view::updatable;
    if (p.kind == kind_of_view::updatable) {
      auto* from = linitial_node(RangeTblRef, query->jointree->fromlist);
      auto* entry = rt_fetch(from->rtindex, query->rtable);
      p.table = entry->relid;
      p.some_rows = query->jointree->quals != nullptr;
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

// NOT NULL and the ways to fill a column.
void take_over(core::column& column, const core::column& from) {
  column.not_null = from.not_null;
  column.identity = from.identity;
  column.generated = from.generated;
  column.generated_kind = from.generated_kind;
  column.default_expression = from.default_expression;
}

// What happens to rows on their way, but who may see them.
void take_over(core::shape& view, const core::shape& from) {
  view.functions = from.functions;
  view.persistence = from.persistence;
  view.partition_key = from.partition_key;
  view.partition_of = from.partition_of;
  view.partitions = from.partitions;
  view.parents = from.parents;
}

// A relation as it acts, and what to be told of it.
struct behind {
  core::shape shape;
  bool some_rows = false;
  bool read_only = false;
  std::map<std::string, bool> computed;    // columns, and whether they have a default, which no INSERT that leaves them out can store
  std::vector<std::string> default_below;  // columns
  std::string its_defaults;
};

void act_read_only(behind& it, const core::shape& promised) {
  core::shape& view = it.shape;
  it.some_rows = view.kind == "view";  // the kind of a materialized one says it
  take_over(view, promised);
  for (auto& column : view.columns)
    if (const core::column* source = promised.find_column(column.name)) take_over(column, *source);
  for (const auto& constraint : promised.constraints)
    if (std::all_of(constraint.columns.begin(), constraint.columns.end(), [&](const auto& c) { return view.find_column(c) != nullptr; }))
      view.constraints.push_back(constraint);
  view.triggers.insert(view.triggers.end(), promised.triggers.begin(), promised.triggers.end());
  view.policies = promised.policies;
}

void act_for_table(behind& it, const core::shape& promised, const behind& below, const passed_on& p) {
  core::shape& view = it.shape;
  const core::shape& table = below.shape;
  std::map<std::string, std::string> name_of;  // in the table, of the view's column
  for (int i = 0; i < p.count; i++)
    name_of[p.view_names[i]] = p.table_names[i];
  it.some_rows = p.some_rows || below.some_rows;
  take_over(view, table);
  for (auto& column : view.columns) {
    const auto from = name_of.find(column.name);
    const core::column* source = from == name_of.end() ? nullptr : table.find_column(from->second);
    const auto computed = source ? below.computed.find(source->name) : below.computed.end();
    if (!source || computed != below.computed.end()) {
      it.computed[column.name] = column.default_expression || !column.type.domain_default.empty() || (source && computed->second);
      if (const core::column* then = promised.find_column(column.name)) take_over(column, *then);
      continue;
    }
    const auto own = column.default_expression;
    take_over(column, *source);
    column.default_expression = own;
    if (own) continue;
    if (source->default_expression)
      it.its_defaults += fmt::format("{} ALTER COLUMN {} SET DEFAULT {}", it.its_defaults.empty() ? "" : ",",
                                     core::quote_identifier(column.name), *source->default_expression);
    // The domain's own comes before the table's.
    if (!column.type.domain_default.empty()) continue;
    column.default_expression = source->default_expression;
    if (source->default_expression || !source->identity.empty()) it.default_below.push_back(column.name);
  }
  if (!it.its_defaults.empty()) it.its_defaults = fmt::format("ALTER VIEW {}{}", view.relation.sql(), it.its_defaults);
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
  if (!p.as_invoker) {  // the rights that count are those of the view's owner, and there is no row security to make policies for
    view.policies = promised.policies;
    return;
  }
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

using capturing = std::function<core::shape(Oid)>;

behind look_behind(Oid relation, const core::shape& promised, const capturing& capture) {
  behind it{capture(relation), {}, {}, {}, {}, {}};
  const passed_on p = pg([&] { return read_view(relation); });
  if (p.kind == kind_of_view::none) return it;
  const behind below = p.kind == kind_of_view::updatable ? look_behind(p.table, promised, capture) : behind{};
  it.read_only = p.kind == kind_of_view::updatable ? below.read_only : it.shape.triggers.empty();
  if (p.kind == kind_of_view::read_only || below.read_only)
    act_read_only(it, promised);
  else
    act_for_table(it, promised, below, p);
  return it;
}

}  // namespace

acting as_it_acts(Oid relation, const core::shape& promised) {
  return as_it_acts(relation, promised, registry::capture_shape);
}

acting as_it_acts(Oid relation, const core::shape& promised, const capturing& capture) {
  behind it = look_behind(relation, promised, capture);
  acting result{{}, {}, std::move(it.its_defaults)};
  auto add_all = [&](std::vector<core::finding> findings) {
    std::move(findings.begin(), findings.end(), std::back_inserter(result.findings));
  };
  for (const auto& [name, filled] : it.computed)
    if (const core::column* then = promised.find_column(name)) add_all(rule::view_computes(promised, *then, filled));
  for (const auto& name : it.default_below)
    if (const core::column* then = promised.find_column(name)) add_all({rule::default_below(promised, *then)});
  if (it.some_rows) add_all({rule::view_of_some_rows(promised, it.read_only)});
  result.shape = std::move(it.shape);
  core::canonicalize(result.shape);
  return result;
}

std::string missing_defaults(const acting& a, const promise& p, const std::vector<core::finding>& worse) {
  auto needs_more = [&](const core::finding& f) {  // by somebody
    return !f.rule.starts_with("default-") && (f.rule != "relation-kind-changed" || f.columns.empty()) && !consumers_of(p, {f}).empty();
  };
  return std::any_of(worse.begin(), worse.end(), needs_more) ? std::string() : a.its_defaults;
}

}  // namespace accord::guard
