// Life of a contract.  See lifecycle.hpp.
#include "server/registry/lifecycle.hpp"

#include <fmt/format.h>

#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"

#include "pg/pg.h"

namespace accord::registry {

namespace {

void remember_name(const contract& c) {
  catalog::execute(
      "UPDATE accord_catalog.contract SET last_schema = $2::name, last_name = $3::name"
      " WHERE id = $1::bigint AND (last_schema, last_name) IS DISTINCT FROM ($2::name, $3::name)",
      {c.id, c.name.schema, c.name.name});
}

}  // namespace

void relation_renamed(Oid relation) {
  if (auto c = find_contract(relation)) remember_name(*c);
}

void schema_renamed(Oid schema) {
  catalog::execute(
      "UPDATE accord_catalog.contract c SET last_schema = n.nspname, last_name = r.relname"
      "  FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace"
      " WHERE n.oid = $1::oid AND c.relation = r.oid",
      {schema});
}

void relation_dropped(Oid relation, const core::qualified_name& last) {
  auto c = find_contract(relation);
  if (!c) return;
  if (!last.name.empty()) c->name = last;
  remember_name(*c);
  catalog::execute("UPDATE accord_catalog.contract SET relation = NULL WHERE id = $1::bigint", {c->id});
  catalog::audit({"relation_dropped", c->id, 0, json_detail({{"relation", c->name.display()}})});
}

void lock_contract(std::int64_t contract) {
  auto rows = catalog::query("SELECT FROM accord_catalog.contract WHERE id = $1::bigint FOR NO KEY UPDATE", {contract});
  if (rows.empty()) throw failure(core::sqlstate::undefined_object, "the contract was dropped by a concurrent transaction");
}

std::vector<live_migration> live_migrations(std::int64_t contract) {
  static constinit spi::prepared statement{
      "SELECT m.id, m.state, r.from_version, r.to_version"
      "  FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
      " WHERE r.contract_id = $1::bigint AND m.state IN ('preparing', 'active', 'completed') ORDER BY m.id"};
  std::vector<live_migration> result;
  for (const auto& row : catalog::run(statement, {contract}))
    result.push_back({row.integer(0), row.text(1), row.text(2), row.text(3)});
  return result;
}

bool has_views(std::int64_t contract) {
  return !live_migrations(contract).empty() ||
         !catalog::query("SELECT FROM accord_catalog.generation WHERE retired_at IS NULL AND versions ? ($1::bigint)::text LIMIT 1",
                         {contract})
              .empty();
}

Oid migrating_table_at(Oid relation) {
  static constinit spi::prepared statement{
      "WITH RECURSIVE up(oid) AS (SELECT $1::oid UNION SELECT i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.oid)"
      " SELECT k.relation::oid FROM up JOIN accord_catalog.contract k ON k.relation = up.oid"
      "   JOIN accord_catalog.migration_relation r ON r.contract_id = k.id JOIN accord_catalog.migration m ON m.id = r.migration_id"
      "  WHERE m.state IN ('preparing', 'active', 'completed')"
      "    AND (r.marker IS NOT NULL OR EXISTS (SELECT FROM accord_catalog.version_column v"
      "                                          WHERE v.contract_id = k.id AND starts_with(v.physical, '_accord_')))"
      "  ORDER BY 1 LIMIT 1"};
  auto rows = catalog::run(statement, {relation});
  return rows.empty() ? InvalidOid : rows.front().oid(0);
}

Oid migrating_table_above(Oid relation) {
  bool is_child = OidIsValid(relation) && pg([&] { return has_superclass(relation) && !get_rel_relispartition(relation); });
  Oid found = is_child ? migrating_table_at(relation) : InvalidOid;
  return found == relation ? InvalidOid : found;
}

void require_no_live_migration(std::int64_t contract, const std::string& action) {
  auto live = live_migrations(contract);
  if (live.empty()) return;
  const auto& m = live.front();
  throw failure(core::sqlstate::migration_refused, fmt::format("cannot {} because migration {} is live", action, m.id),
                fmt::format("The migration from {} to {} is {}.", m.from_version, m.to_version, m.state),
                "Complete it and purge its old columns, or roll it back.");
}

}  // namespace accord::registry
