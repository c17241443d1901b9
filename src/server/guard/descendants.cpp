// descendants.  See descendants.hpp.
#include "server/guard/descendants.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/name.hpp"
#include "rule/beyond_shape.hpp"
#include "rule/on_child.hpp"
#include "server/guard/settings.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

void collect(std::vector<Oid>& to, const spi::rows& rows) {
  for (const auto& row : rows)
    if (std::find(to.begin(), to.end(), row.oid(0)) == to.end()) to.push_back(row.oid(0));
}

void add_with_parents(std::vector<Oid>& to, Oid relation) {
  static constinit spi::prepared statement{
      "WITH RECURSIVE up(oid) AS (SELECT $1::oid UNION SELECT i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.oid)"
      " SELECT k.relation::oid FROM up JOIN accord_catalog.contract k ON k.relation = up.oid ORDER BY 1"};
  if (OidIsValid(relation)) collect(to, catalog::run(statement, {relation}));
}

// Of a parent that is not dropped with it.
void add_parents_of(std::vector<Oid>& to, Oid child) {
  if (!OidIsValid(child) || !pg([&] { return has_superclass(child); })) return;
  static constinit spi::prepared statement{"SELECT inhparent FROM pg_inherits WHERE inhrelid = $1::oid ORDER BY 1"};
  for (const auto& row : catalog::run(statement, {child}))
    add_with_parents(to, row.oid(0));
}

void above_altered(std::vector<Oid>& to, AlterTableStmt* alter) {
  ddl::catalog_world as_is;
  for (int i = 0; i < list_length(alter->cmds); i++) {
    auto* command = static_cast<AlterTableCmd*>(list_nth(alter->cmds, i));
    if (command->subtype == AT_AddInherit || command->subtype == AT_DropInherit)
      add_with_parents(to, as_is.find(reinterpret_cast<RangeVar*>(command->def)));
    else if (command->subtype == AT_AttachPartition || command->subtype == AT_DetachPartition ||
             command->subtype == AT_DetachPartitionFinalize)
      add_with_parents(to, as_is.find(alter->relation));
  }
}

bool has_rows(Oid relation) {
  if (pg([&] { return get_rel_relkind(relation); }) == RELKIND_FOREIGN_TABLE) return true;
  static constinit spi::prepared statement{"SELECT pg_relation_size($1::oid::regclass) > 0"};
  auto rows = catalog::run(statement, {relation});
  return !rows.empty() && !rows.front().is_null(0) && rows.front().boolean(0);
}

Oid default_partition_beside(Oid partition) {
  return pg([&] { return get_default_partition_oid(get_partition_parent(partition, true)); });
}

bool creates_tables(Node* tree) {
  return IsA(tree, CreateStmt) || IsA(tree, CreateSchemaStmt);
}

// The parents of partitions that it makes, if rows for them have gone to a default partition until now.
void above_created(std::vector<Oid>& to, Node* tree) {
  if (IsA(tree, CreateSchemaStmt)) {
    List* elements = reinterpret_cast<CreateSchemaStmt*>(tree)->schemaElts;
    for (int i = 0; i < list_length(elements); i++)
      above_created(to, static_cast<Node*>(list_nth(elements, i)));
  }
  if (!IsA(tree, CreateStmt) || !reinterpret_cast<CreateStmt*>(tree)->partbound) return;
  Oid parent = ddl::catalog_world().find(static_cast<RangeVar*>(linitial(reinterpret_cast<CreateStmt*>(tree)->inhRelations)));
  if (OidIsValid(parent) && pg([&] { return OidIsValid(get_default_partition_oid(parent)); })) add_with_parents(to, parent);
}

// Where the rows of a partition are, or one of the places.
Oid place_of_rows(Oid partition) {
  static constinit spi::prepared statement{
      "SELECT t.relid::oid FROM pg_partition_tree($1::oid::regclass) t JOIN pg_class c ON c.oid = t.relid"
      " WHERE t.isleaf AND c.relkind = 'r' ORDER BY t.level, 1 LIMIT 1"};
  auto rows = catalog::run(statement, {partition});
  return rows.empty() ? InvalidOid : rows.front().oid(0);
}

void record_removal(const promise& p, const std::string& partition, const std::string& statement) {
  catalog::audit({"remove partition", p.contract.id, 0, registry::json_detail({{"partition", partition}, {"statement", statement}})});
}

}  // namespace

// Rows of the default partition are of no range that could grow old.
bool retires(Oid relation) {
  return pg([&] { return get_rel_relispartition(relation); }) && default_partition_beside(relation) != relation;
}

std::vector<Oid> relations_above(Node* tree, const std::vector<ddl::statement>& named) {
  std::vector<Oid> result;
  if (IsA(tree, AlterTableStmt)) above_altered(result, reinterpret_cast<AlterTableStmt*>(tree));
  above_created(result, tree);
  if (IsA(tree, DropOwnedStmt)) {
    for (int i = 0; i < list_length(reinterpret_cast<DropOwnedStmt*>(tree)->roles); i++) {
      auto* role = static_cast<RoleSpec*>(list_nth(reinterpret_cast<DropOwnedStmt*>(tree)->roles, i));
      Oid owner = pg([&] { return get_rolespec_oid(role, true); });
      for (const auto& row : catalog::query("SELECT i.inhrelid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                                            " WHERE c.relowner = $1::oid AND c.relkind IN ('r', 'p', 'f') ORDER BY 1",
                                            {owner}))
        add_parents_of(result, row.oid(0));
    }
  }
  if (!IsA(tree, DropStmt)) return result;
  auto* drop = reinterpret_cast<DropStmt*>(tree);
  if (drop->removeType == OBJECT_TABLE || drop->removeType == OBJECT_FOREIGN_TABLE)
    for (const auto& s : named)
      add_parents_of(result, s.relation);
  if (drop->removeType == OBJECT_SCHEMA)
    for (int i = 0; i < list_length(drop->objects); i++)
      for (const auto& row : catalog::query("SELECT i.inhrelid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                                            "  JOIN pg_namespace n ON n.oid = c.relnamespace"
                                            " WHERE n.nspname = $1::name AND c.relkind IN ('r', 'p', 'f') ORDER BY 1",
                                            {static_cast<const char*>(strVal(list_nth(drop->objects, i)))}))
        add_parents_of(result, row.oid(0));
  return result;
}

bool is_inherited_from(Oid relation) {
  return pg([&] { return get_rel_relkind(relation) == RELKIND_RELATION && find_inheritance_children(relation, NoLock) != NIL; });
}

std::map<Oid, child> children_of(Oid relation, Node* tree, const std::vector<ddl::statement>& named) {
  std::map<Oid, child> result;
  List* children = pg([&] { return find_all_inheritors(relation, NoLock, nullptr); });
  for (int i = 0; i < list_length(children); i++) {
    Oid below = list_nth_oid(children, i);
    const char* name = below == relation ? nullptr : pg([&] { return get_rel_name(below); });
    const char* schema = name ? pg([&] { return get_namespace_name(get_rel_namespace(below)); }) : nullptr;
    if (!schema) continue;
    child c{core::qualified_name{schema, name}.sql(), true, retires(below)};
    const bool told = std::any_of(named.begin(), named.end(), [&](const ddl::statement& s) { return s.relation == below; });
    // A verdict waits for nobody: what is locked counts as full.
    if (tree && IsA(tree, DropStmt) && told && pg([&] { return ConditionalLockRelationOid(below, AccessShareLock); })) {
      c.dropped_with = has_rows(below);
      pg([&] { UnlockRelationOid(below, AccessShareLock); });
    }
    result[below] = std::move(c);
  }
  return result;
}

void add_created(Node* tree, watched& before) {
  if (!creates_tables(tree) || !before.children) return;
  for (auto& [below, c] : children_of(before.relation, nullptr, {})) {
    c.dropped_with = false;
    before.children->insert({below, std::move(c)});
  }
}

std::optional<diversion> diverted_to(Oid partition, Oid relation, const std::function<bool(Oid)>& was_below) {
  if (pg([&] { return get_rel_relkind(partition) != RELKIND_RELATION || !get_rel_relispartition(partition); })) return {};
  Oid top = partition;
  for (Oid above = partition; OidIsValid(above) && above != relation && !was_below(above);) {
    top = above;
    above = pg([&] { return get_rel_relispartition(top) ? get_partition_parent(top, true) : InvalidOid; });
  }
  if (!pg([&] { return get_rel_relispartition(top); })) return {};
  const Oid rest = default_partition_beside(top);
  if (!OidIsValid(rest) || rest == top || !was_below(rest)) return {};
  const Oid until_now = place_of_rows(rest);
  return OidIsValid(until_now) ? std::optional(diversion{until_now, partition}) : std::nullopt;
}

void add_moved_rows(charges& c, const promise& p, const watched& before, const std::string& statement) {
  const core::shape& promised = p.version.shape;
  auto now = children_of(before.relation, nullptr, {});
  auto listed = [&](const child& c) {
    return std::any_of(promised.partitions.begin(), promised.partitions.end(),
                       [&](const std::string& partition) { return partition.starts_with(c.name + " "); });
  };
  for (const auto& [below, gone] : *before.children) {
    if (now.contains(below)) continue;
    const bool dropped = pg([&] { return get_rel_relkind(below); }) == '\0';
    if (!(dropped ? gone.dropped_with : has_rows(below)) && !listed(gone)) continue;
    if (gone.retires && p.contract.partitions_may_go) {
      record_removal(p, gone.name, statement);
      continue;
    }
    if (gone.retires) c.hint = retention_hint(p);
    c.add(rule::rows_move(promised, gone.name, false));
  }
  auto old = [&](Oid one) {
    auto known = before.children->find(one);
    return known != before.children->end() && known->second.dropped_with;
  };
  for (const auto& [below, come] : now) {
    if (old(below)) continue;
    if (!before.children->contains(below) && has_rows(below)) c.add(rule::rows_move(promised, come.name, true));
    auto d = restores() ? std::nullopt : diverted_to(below, before.relation, old);
    if (!d) continue;
    for (const auto& finding : rule::diverted(promised, registry::capture_shape(d->from), registry::capture_shape(d->to))) {
      c.add(finding);
      c.hint = hint_to_waive(p);
    }
  }
}

charges detached_concurrently(Node* tree, const promise& p) {
  if (!IsA(tree, AlterTableStmt)) return {};
  auto* alter = reinterpret_cast<AlterTableStmt*>(tree);
  for (int i = 0; i < list_length(alter->cmds); i++) {
    auto* command = static_cast<AlterTableCmd*>(list_nth(alter->cmds, i));
    if (command->subtype != AT_DetachPartition) continue;
    auto* partition = reinterpret_cast<PartitionCmd*>(command->def);
    if (!partition->concurrent) return {};
    ddl::catalog_world as_is;
    const bool old = retires(as_is.find(partition->name));
    if (old && p.contract.partitions_may_go) return {};
    auto c = charged(p, {rule::rows_move(p.version.shape, partition->name->relname, false)});
    if (old) c.hint = retention_hint(p);
    return c;
  }
  return {};
}

std::string retention_hint(const promise& p) {
  std::string contract = core::quote_literal(p.contract.name.sql());
  return fmt::format(
      "If nobody relies on old partitions, let them go from now on: SELECT accord.allow_row_removal({}, reason => '...');  To let this one "
      "through: SELECT accord.waive({}, rule => 'partitioning-changed', reason => '...');",
      contract, contract);
}

}  // namespace accord::guard
