// descendants.  See descendants.hpp.
#include "server/guard/descendants.hpp"

#include <algorithm>

#include "rule/rows_move.hpp"
#include "server/registry/catalog.hpp"

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

}  // namespace

std::vector<Oid> relations_above(Node* tree, const std::vector<ddl::statement>& named) {
  std::vector<Oid> result;
  if (IsA(tree, AlterTableStmt)) above_altered(result, reinterpret_cast<AlterTableStmt*>(tree));
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

std::map<Oid, child> children_of(Oid relation, Node* tree, const std::vector<ddl::statement>& named) {
  std::map<Oid, child> result;
  List* children = pg([&] { return find_all_inheritors(relation, NoLock, nullptr); });
  for (int i = 0; i < list_length(children); i++) {
    Oid below = list_nth_oid(children, i);
    const char* name = below == relation ? nullptr : pg([&] { return get_rel_name(below); });
    const char* schema = name ? pg([&] { return get_namespace_name(get_rel_namespace(below)); }) : nullptr;
    if (!schema) continue;
    child c{core::qualified_name{schema, name}.sql(), true};
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

std::vector<core::finding> moved_rows(const core::shape& promised, Oid relation, const std::map<Oid, child>& before) {
  std::vector<core::finding> result;
  auto now = children_of(relation, nullptr, {});
  auto listed = [&](const child& c) {
    return std::any_of(promised.partitions.begin(), promised.partitions.end(),
                       [&](const std::string& p) { return p.starts_with(c.name + " "); });
  };
  for (const auto& [below, c] : before) {
    if (now.contains(below)) continue;
    const bool dropped = pg([&] { return get_rel_relkind(below); }) == '\0';
    if ((dropped ? c.dropped_with : has_rows(below)) || listed(c)) result.push_back(rule::rows_move(promised, c.name, false));
  }
  for (const auto& [below, c] : now)
    if (!before.contains(below) && has_rows(below)) result.push_back(rule::rows_move(promised, c.name, true));
  return result;
}

std::vector<core::finding> detached_concurrently(Node* tree, const core::shape& promised) {
  if (!IsA(tree, AlterTableStmt)) return {};
  auto* alter = reinterpret_cast<AlterTableStmt*>(tree);
  for (int i = 0; i < list_length(alter->cmds); i++) {
    auto* command = static_cast<AlterTableCmd*>(list_nth(alter->cmds, i));
    if (command->subtype != AT_DetachPartition) continue;
    auto* partition = reinterpret_cast<PartitionCmd*>(command->def);
    if (partition->concurrent) return {rule::rows_move(promised, partition->name->relname, false)};
  }
  return {};
}

}  // namespace accord::guard
