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

void require_no_live_migration(std::int64_t contract, const std::string& action) {
  auto live = live_migrations(contract);
  if (live.empty()) return;
  const auto& m = live.front();
  throw failure(core::sqlstate::migration_refused, fmt::format("cannot {} because migration {} is live", action, m.id),
                fmt::format("The migration from {} to {} is {}.", m.from_version, m.to_version, m.state),
                "Complete it and purge its old columns, or roll it back.");
}

}  // namespace accord::registry
