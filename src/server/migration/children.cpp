// See children.hpp.
#include "server/migration/children.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "plan/children.hpp"
#include "server/migration/companions.hpp"
#include "server/migration/facts.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using catalog::query;

// Physical columns of a child that it defines itself too.
std::set<std::string> local_columns(Oid child) {
  std::set<std::string> local;
  for (const auto& row : query("SELECT attname FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped"
                               "   AND attislocal AND attinhcount > 0",
                               {child}))
    local.insert(row.text(0));
  return local;
}

std::set<std::string> local_not_null(Oid child) {
  std::set<std::string> local;
  for (const auto& row :
       query("SELECT a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]"
             " WHERE k.conrelid = $1::oid AND k.contype = 'n' AND k.conislocal AND k.coninhcount > 0",
             {child}))
    local.insert(row.text(0));
  return local;
}

// More often inherited than from parents in the tree.
std::set<std::string> columns_from_elsewhere(Oid child, Oid root) {
  std::set<std::string> found;
  for (const auto& row : query(
           "WITH RECURSIVE tree(oid) AS (SELECT $2::oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)"
           " SELECT a.attname FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount >"
           "        (SELECT count(*) FROM pg_inherits i JOIN tree ON tree.oid = i.inhparent JOIN pg_attribute p ON p.attrelid = i.inhparent"
           "          WHERE i.inhrelid = a.attrelid AND p.attname = a.attname AND NOT p.attisdropped)",
           {child, root}))
    found.insert(row.text(0));
  return found;
}

std::vector<core::qualified_name> parents_of(Oid child, Oid root) {
  std::vector<core::qualified_name> parents;
  for (const auto& row :
       query("WITH RECURSIVE tree(oid) AS (SELECT $2::oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)"
             " SELECT n.nspname, c.relname FROM pg_inherits i JOIN tree ON tree.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhparent"
             "   JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.inhrelid = $1::oid ORDER BY i.inhseqno",
             {child, root}))
    parents.push_back({row.text(0), row.text(1)});
  return parents;
}

std::optional<core::shape> noted_shape(const record& r, std::int64_t contract, Oid child) {
  auto rows = query(
      "SELECT new_shape FROM accord_catalog.migration_child WHERE migration_id = $1::bigint AND contract_id = $2::bigint"
      "   AND relation = $3::oid",
      {r.id, contract, child});
  if (rows.empty()) return std::nullopt;
  return core::parse_shape(rows.front().text(0));
}

// A child that came while the migration was live has what its parents have.
core::shape inherited_shape(const core::shape& of_table, const core::qualified_name& name) {
  core::shape shape;
  shape.relation = name;
  shape.kind = "table";
  shape.columns = of_table.columns;
  for (auto& column : shape.columns)
    column.comment.clear();
  return shape;
}

}  // namespace

std::vector<Oid> children_of(Oid relation) {
  std::vector<Oid> children;
  for (const auto& row : query("WITH RECURSIVE below(oid, level) AS ("
                               "   SELECT i.inhrelid, 1 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = "
                               "$1::oid AND NOT c.relispartition"
                               "   UNION ALL SELECT i.inhrelid, below.level + 1 FROM pg_inherits i JOIN below ON i.inhparent = below.oid)"
                               " SELECT oid FROM below GROUP BY oid ORDER BY max(level), oid",
                               {relation}))
    children.push_back(row.oid(0));
  return children;
}

registry::contract about_child(const registry::contract& contract, Oid child) {
  auto about = contract;
  auto row =
      query("SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid", {child})
          .front();
  about.relation = child;
  about.name = {row.text(0), row.text(1)};
  return about;
}

Oid relation_of(const plan::migration& child) {
  return query("SELECT to_regclass($1)::oid", {child.table.sql()}).front().oid(0);
}

std::vector<plan::child_table> child_tables(const registry::contract& contract, int major, const std::optional<record>& open) {
  std::vector<plan::child_table> tables;
  for (Oid child : children_of(contract.relation)) {
    auto about = about_child(contract, child);
    plan::child_table table;
    table.table = about.name;
    table.parents = parents_of(child, contract.relation);
    table.owner = owner_of(child);
    table.shape = registry::capture_shape(child);
    if (open) {
      auto noted = noted_shape(*open, contract.id, child);
      table.shape = noted ? std::move(*noted) : inherited_shape(registry::get_version(contract, open->to_version).shape, about.name);
    }
    table.local = local_columns(child);
    table.local_not_null = local_not_null(child);
    table.elsewhere = columns_from_elsewhere(child, contract.relation);
    table.defaults = physical_defaults(child);
    table.around = surroundings_of(about, major);
    table.has_contract = registry::find_contract(child).has_value();
    tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<std::string> dependents_in_tree(Oid relation, const plan::migration& m, const std::vector<std::string>& physical,
                                            const std::vector<core::qualified_name>& views) {
  auto objects = dependents(relation, m, physical, views);
  for (const auto& child : m.children)
    for (auto& object : dependents(relation_of(child), child, physical))
      if (std::find(objects.begin(), objects.end(), object) == objects.end()) objects.push_back(std::move(object));
  return objects;
}

functions_naming functions_in_tree(Oid relation, const std::vector<std::string>& columns) {
  auto found = functions_that_name(relation, columns);
  for (Oid child : children_of(relation)) {
    auto more = functions_that_name(child, columns);
    auto add = [](std::vector<std::string>& to, std::vector<std::string>& from) {
      for (auto& name : from)
        if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(std::move(name));
    };
    add(found.of_triggers, more.of_triggers);
    add(found.others, more.others);
  }
  return found;
}

void save_children(const plan::migration& m) {
  for (const auto& child : m.children) {
    Oid relation = relation_of(child);
    catalog::execute(
        "INSERT INTO accord_catalog.migration_child (migration_id, contract_id, relation, old_shape, new_shape)"
        " VALUES ($1::bigint, $2::bigint, $3::oid, $4::jsonb, $5::jsonb)",
        {m.id, m.contract, relation, core::to_json(child.old_version().shape), core::to_json(child.new_version().shape)});
    save_companions(child, relation);
  }
}

void load_children(plan::migration& m, const registry::contract& contract) {
  for (Oid relation : children_of(contract.relation)) {
    auto about = about_child(contract, relation);
    auto noted = query(
        "SELECT old_shape, new_shape FROM accord_catalog.migration_child"
        " WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND relation = $3::oid",
        {m.id, m.contract, relation});
    auto child = noted.empty()
                     ? plan::child_of(m, about.name, inherited_shape(m.old_version().shape, about.name),
                                      inherited_shape(m.new_version().shape, about.name))
                     : plan::child_of(m, about.name, core::parse_shape(noted.front().text(0)), core::parse_shape(noted.front().text(1)));
    child.parents = parents_of(relation, contract.relation);
    child.local = local_columns(relation);
    child.local_not_null = local_not_null(relation);
    child.defaults = physical_defaults(relation);
    load_companions(child, relation, true);
    child.sequences = sequences_of(child, relation);
    m.children.push_back(std::move(child));
  }
}

}  // namespace accord::migration
