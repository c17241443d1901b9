// The bookkeeping of a backfill.  See backfill_job.hpp.
#include "server/migration/backfill_job.hpp"

#include <fmt/format.h>

#include "core/name.hpp"
#include "core/version.hpp"
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

constinit spi::prepared update_progress{
    "INSERT INTO accord_catalog.backfill_range AS b (migration_id, contract_id, relation, storage, blocks, next_block, rows_done,"
    "                                                rows_skipped, done, rows_per_second, blocks_per_second)"
    " VALUES ($1::bigint, $2::bigint, $3::oid, $4, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::boolean, $10::float8, $11::float8)"
    " ON CONFLICT (migration_id, contract_id, relation) DO UPDATE"
    "   SET storage = excluded.storage, blocks = excluded.blocks, next_block = excluded.next_block, rows_done = excluded.rows_done,"
    "       rows_skipped = excluded.rows_skipped, done = excluded.done, rows_per_second = excluded.rows_per_second,"
    "       blocks_per_second = excluded.blocks_per_second, updated_at = clock_timestamp(), waiting_for = NULL"};

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

std::optional<heap_progress> read_progress(const backfill_job& job, Oid heap) {
  auto rows = catalog::query(
      "SELECT storage, blocks, next_block, rows_done, rows_skipped, done, rows_per_second, blocks_per_second"
      "  FROM accord_catalog.backfill_range WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND relation = $3::oid",
      {job.migration, job.contract, heap});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows[0];
  return heap_progress{row.text(0),    row.integer(1), row.integer(2),         row.integer(3),
                       row.integer(4), row.boolean(5), std::stod(row.text(6)), std::stod(row.text(7))};
}

void write_progress(const backfill_job& job, Oid heap, const heap_progress& p) {
  catalog::run(update_progress, {job.migration, job.contract, heap, p.storage, p.blocks, p.next_block, p.rows_done, p.rows_skipped, p.done,
                                 fmt::format("{}", p.rows_per_second), fmt::format("{}", p.blocks_per_second)});
}

void write_waiting_for(const backfill_job& job, Oid heap, const std::optional<std::string>& reason) {
  catalog::execute(
      "UPDATE accord_catalog.backfill_range SET waiting_for = $4, updated_at = clock_timestamp()"
      " WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND relation = $3::oid AND waiting_for IS DISTINCT FROM $4",
      {job.migration, job.contract, heap, reason});
}

void forget_vanished_heaps(const backfill_job& job) {
  catalog::execute(
      "DELETE FROM accord_catalog.backfill_range b WHERE migration_id = $1::bigint AND contract_id = $2::bigint"
      "   AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = b.relation)",
      {job.migration, job.contract});
}

void mark_filled(const backfill_job& job) {
  catalog::execute(
      "UPDATE accord_catalog.migration_relation SET filled = true WHERE migration_id = $1::bigint AND contract_id = $2::bigint",
      {job.migration, job.contract});
}

}  // namespace accord::migration
