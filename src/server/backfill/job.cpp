// The bookkeeping of a backfill.  See job.hpp.
#include "server/backfill/job.hpp"

#include <fmt/format.h>

#include "core/name.hpp"
#include "core/version.hpp"
#include "server/migration/members.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/contract.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constexpr const char* live_migrations =
    "SELECT m.id, m.state, r.to_version, r.marker, r.filled"
    "  FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
    " WHERE r.contract_id = $1::bigint AND m.state IN ('preparing', 'active', 'completed') ORDER BY m.id";

constinit spi::prepared state_query{"SELECT state FROM accord_catalog.migration WHERE id = $1::bigint"};

constinit spi::prepared orders_query{
    "SELECT r.paused, (SELECT j.state FROM accord_catalog.job j WHERE j.id = $3::bigint) = 'cancelled'"
    "  FROM accord_catalog.migration_relation r WHERE r.migration_id = $1::bigint AND r.contract_id = $2::bigint"};

}  // namespace

backfill_job find_backfill_job(Oid relation, const std::optional<std::string>& to_version, bool prefer_unfilled) {
  auto contract = registry::get_contract(relation);
  std::string name = contract.display();
  rights::require_contract_owner(contract.owner, name);
  auto rows = catalog::query(live_migrations, {contract.id});
  std::optional<core::version_pattern> wanted;
  if (to_version) wanted = core::parse_version_pattern(*to_version);
  std::string choices;
  std::vector<const spi::row*> found, unfilled;
  for (const auto& row : rows) {
    choices += (choices.empty() ? "" : ", ") + row.text(2);
    if (wanted && !wanted->matches(core::parse_version(row.text(2)))) continue;
    found.push_back(&row);
    if (!row.boolean(4)) unfilled.push_back(&row);
  }
  if (found.empty()) {
    if (wanted && !rows.empty())
      throw failure(core::sqlstate::undefined_object, fmt::format("contract \"{}\" has no migration to version {}", name, *to_version),
                    fmt::format("Live migrations lead to: {}.", choices));
    throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("contract \"{}\" has no live migration", name), {},
                  "Stage one with accord.stage.");
  }
  if (prefer_unfilled && found.size() > 1 && unfilled.size() == 1) found = unfilled;
  if (found.size() > 1)
    throw failure(core::sqlstate::invalid_parameter, fmt::format("contract \"{}\" has several live migrations", name),
                  fmt::format("They lead to: {}.", choices), "Say which one with to_version.");
  const auto& row = *found.front();
  return {row.integer(0), contract.id, contract.relation, name, row.text(2), row.text(1), row.optional(3), row.boolean(4)};
}

std::string migration_state(std::int64_t migration) {
  auto rows = catalog::run(state_query, {migration});
  return rows.empty() ? std::string() : rows[0].text(0);
}

backfill_orders read_orders(const backfill_job& job, std::int64_t worker_job) {
  auto rows = catalog::run(orders_query, {job.migration, job.contract, worker_job});
  if (rows.empty()) return {};
  return {rows[0].boolean(0), !rows[0].is_null(1) && rows[0].boolean(1)};
}

bool is_under_way(const backfill_job& job) {
  return catalog::query(
             "SELECT EXISTS (SELECT FROM accord_catalog.live_backfill WHERE contract_id = $1::bigint)"
             "    OR EXISTS (SELECT FROM accord_catalog.job j WHERE j.contract_id = $1::bigint AND j.kind = 'backfill'"
             "                  AND (j.id IN (SELECT id FROM accord_catalog.coming_job)"
             "                       OR j.state = 'running' AND j.id IN (SELECT id FROM accord_catalog.live_job)))",
             {job.contract})
      .front()
      .boolean(0);
}

void refuse_second(const backfill_job& job) {
  throw failure("55006", fmt::format("another backfill of \"{}\" is running", job.contract_name), {}, "See accord.progress.");
}

std::vector<Oid> heaps_of(Oid relation) {
  std::vector<Oid> heaps;
  auto rows = catalog::query(
      "WITH RECURSIVE tree(relid) AS (SELECT $1::oid UNION"
      "   SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree ON i.inhparent = tree.relid)"
      " SELECT c.oid, c.relkind FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.relid ORDER BY c.oid",
      {relation});
  for (const auto& row : rows) {
    const std::string& kind = row.text(1);
    if (kind == "f")
      throw failure(core::sqlstate::feature_not_supported,
                    fmt::format("cannot backfill foreign table \"{}\"", relation_display(row.oid(0))),
                    "A foreign table has no blocks to walk and no triggers that all its writers pass.");
    if (kind == "r" || kind == "m") heaps.push_back(row.oid(0));
  }
  return heaps;
}

std::string relation_display(Oid relation) {
  auto rows = catalog::query(
      "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.oid = $1::oid",
      {relation});
  if (rows.empty()) return {};
  return rows[0].text(0) == "public" ? rows[0].text(1) : rows[0].text(0) + "." + rows[0].text(1);
}

std::string storage_of(Oid heap) {
  struct identity {
    unsigned long long system;
    Oid database;
    unsigned file;
  };
  auto id = pg([&] {
    Relation rel = table_open(heap, NoLock);
    identity id{GetSystemIdentifier(), MyDatabaseId, accord_relation_file_number(rel)};
    table_close(rel, NoLock);
    return id;
  });
  return fmt::format("{}/{}/{}", id.system, id.database, id.file);
}

std::int64_t blocks_of(Oid heap) {
  return pg([&] {
    Relation rel = table_open(heap, NoLock);
    auto blocks = static_cast<std::int64_t>(RelationGetNumberOfBlocks(rel));
    table_close(rel, NoLock);
    return blocks;
  });
}

bool mark_filled(const backfill_job& job) {
  lock_migration_row(job.migration);
  catalog::execute(
      "UPDATE accord_catalog.migration_relation SET filled = true WHERE migration_id = $1::bigint AND contract_id = $2::bigint",
      {job.migration, job.contract});
  return catalog::query(
             "SELECT FROM accord_catalog.migration_relation WHERE migration_id = $1::bigint AND marker IS NOT NULL AND NOT filled",
             {job.migration})
      .empty();
}

std::vector<std::int64_t> contracts_of_migration(std::int64_t migration) {
  std::vector<std::int64_t> contracts;
  for (const auto& row : catalog::query(
           "SELECT contract_id FROM accord_catalog.migration_relation WHERE migration_id = $1::bigint ORDER BY contract_id", {migration}))
    contracts.push_back(row.integer(0));
  return contracts;
}

std::vector<backfill_job> jobs_of_migration(const backfill_job& job) {
  std::vector<backfill_job> jobs;
  if (job.marker) jobs.push_back(job);
  for (const auto& row : catalog::query("SELECT c.relation::oid, r.to_version FROM accord_catalog.migration_relation r"
                                        "  JOIN accord_catalog.contract c ON c.id = r.contract_id"
                                        " WHERE r.migration_id = $1::bigint AND r.contract_id <> $2::bigint AND r.marker IS NOT NULL"
                                        " ORDER BY c.relation::oid",
                                        {job.migration, job.contract}))
    jobs.push_back(find_backfill_job(row.oid(0), row.text(1), false));
  if (jobs.empty()) jobs.push_back(job);
  return jobs;
}

}  // namespace accord::migration
