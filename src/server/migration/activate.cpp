// See activate.hpp.
//
// Invariants: versions become active in the order in which they were staged, since a later one is computed from an earlier one.
//
// Locking: SHARE UPDATE EXCLUSIVE on the tables while a constraint is validated; clients read and write.  The row of the migration only after
// that, see locking.hpp.
#include "server/migration/activate.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/scope.hpp"
#include "plan/steps.hpp"
#include "server/migration/children.hpp"
#include "server/migration/locking.hpp"
#include "server/migration/members.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"
#include "server/worker/job.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

bool has_pending(const registry::contract& contract, const record& r) {
  if (!r.marker) return false;
  return catalog::as_owner([&] {
    local_settings settings;
    settings.set("row_security", "off");
    return spi::query(fmt::format("SELECT EXISTS (SELECT FROM {} WHERE {})", contract.name.sql(), core::quote_identifier(*r.marker)))
        .front()
        .boolean(0);
  });
}

std::vector<plan::index_build> missing_indexes(const plan::migration& m) {
  auto missing = plan::index_builds(m);
  std::erase_if(missing, [](const auto& build) {
    return !catalog::query("SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND indisvalid AND indisready", {build.index.sql()})
                .empty();
  });
  return missing;
}

bool has_constraint(const std::string& table, const std::string& name) {
  return !catalog::query("SELECT FROM pg_constraint WHERE conrelid = to_regclass($1) AND conname = $2::name", {table, name}).empty();
}

// What is there already goes out of the companion.
bool is_to_be_added(const plan::migration& m, plan::companion& c) {
  if (!c.of_partitioned)
    return (c.late || c.kind == plan::companion_kind::exclusion) && !has_constraint(plan::table_of(m, c), plan::twin_name(m.id, c));
  c.late = true;  // a partition can have come after stage
  std::erase_if(c.partitions, [](const auto& p) { return !p.leaf || has_constraint(p.table.sql(), p.twin); });
  return !c.partitions.empty();
}

// In a transaction of its own, so that the tables are not locked while it is proven.
void add_late_keys(const std::vector<member>& tables, std::vector<plan::migration> loaded) {
  bool any = false, takes_in = false;
  std::vector<std::vector<plan::statement>> taking_in;
  auto keep_missing = [&](plan::migration& m) {
    std::erase_if(m.companions, [&](auto& c) { return !is_to_be_added(m, c); });
    any = any || !m.companions.empty();
  };
  for (auto& m : loaded) {
    taking_in.push_back(plan::take_in_steps(m));
    takes_in = takes_in || !taking_in.back().empty();
    keep_missing(m);
    for (auto& child : m.children)
      keep_missing(child);
  }
  if (takes_in)
    lock_for_step(step_tables(tables, loaded), {ShareRowExclusiveLock, ShareRowExclusiveLock}, {});
  else if (any)
    lock_with_referenced(step_tables(tables, loaded), ShareRowExclusiveLock, {});
  for (std::size_t i = 0; i < tables.size(); i++)
    run(taking_in[i], tables[i].contract.relation);
  for (std::size_t i = 0; i < tables.size(); i++)
    run(plan::late_key_steps(loaded[i]), tables[i].contract.relation);
}

// Only what is not proven yet: an earlier call may have come this far.
void validate(const registry::contract& contract, const plan::migration& m) {
  auto steps = plan::validate_steps(m);
  std::erase_if(steps, [&](const auto& step) {
    if (step.sql.starts_with("SELECT")) return false;
    return catalog::query(
               "SELECT FROM pg_constraint WHERE NOT convalidated AND $1 = format('ALTER TABLE %s VALIDATE CONSTRAINT %I', "
               "conrelid::regclass, conname)",
               {step.sql})
        .empty();
  });
  run(steps, contract.relation);
  catalog::execute(
      "UPDATE accord_catalog.migration_companion SET detail = detail || '{\"proven\": true}'"
      " WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND kind = 'exclusion' AND NOT coalesce((detail->>'proven')::boolean, "
      "false)",
      {m.id, contract.id});
}

void activate(std::int64_t migration, const std::vector<member>& tables) {
  auto loaded = load_all(tables);
  for (std::size_t i = 0; i < tables.size(); i++)
    require_kept_in_step(tables[i].contract, loaded[i]);
  add_late_keys(tables, loaded);
  std::vector<Oid> opened;
  for (std::size_t i = 0; i < tables.size(); i++) {
    validate(tables[i].contract, loaded[i]);
    auto steps = plan::activate_steps(loaded[i]);
    if (std::any_of(steps.begin(), steps.end(), [](const auto& s) { return s.lock.starts_with("ACCESS EXCLUSIVE"); }))
      opened.push_back(tables[i].contract.relation);
  }
  bool makes_keys = std::any_of(loaded.begin(), loaded.end(), [](const auto& m) {
    return std::any_of(m.companions.begin(), m.companions.end(), [](const auto& c) { return c.of_partitioned; });
  });
  if (makes_keys)
    lock_for_step(step_tables(tables, loaded), {ShareRowExclusiveLock, ShareRowExclusiveLock}, {});
  else if (!opened.empty())
    lock_tables(opened, AccessExclusiveLock, {});
  for (std::size_t i = 0; i < tables.size(); i++) {
    run(plan::activate_steps(loaded[i]), tables[i].contract.relation);
    set_version_status(tables[i].contract.id, loaded[i].to, "{preparing}", "active");
    catalog::audit({"activate", tables[i].contract.id, migration});
  }
  catalog::execute("UPDATE accord_catalog.migration_relation SET filled = true WHERE migration_id = $1::bigint", {migration});
  // What is left of the work, also by workers that a crash ended, nobody would take over.
  catalog::execute("DELETE FROM accord_catalog.backfill_claim WHERE migration_id = $1::bigint", {migration});
  // What one worker failed at, another one has done: of two that open the version one can have to give way.
  // Nobody is waited for with the table locked: a rollback cancels the jobs before it wants the table.
  catalog::execute(
      "UPDATE accord_catalog.job SET state = 'done', finished_at = clock_timestamp()"
      " WHERE id IN (SELECT id FROM accord_catalog.job WHERE migration_id = $1::bigint AND kind = 'backfill'"
      "                 AND state IN ('queued', 'running', 'paused', 'failed') FOR UPDATE SKIP LOCKED)",
      {migration});
  set_state(migration, "active");
}

// Filled and indexed, and no earlier migration of the table is behind.
bool is_ready(const member& table, bool looked_through) {
  for (const auto& other : migrations_of(table.contract.id))
    if (other.id < table.r.id && other.state == "preparing") return false;
  if ((!looked_through && has_pending(table.contract, table.r)) || worker::outstanding_jobs(table.r.id, table.contract.id, "index").any())
    return false;
  return missing_indexes(load(table.contract, table.r)).empty();
}

bool are_ready(const std::vector<member>& tables, std::int64_t looked_through_contract) {
  return std::all_of(tables.begin(), tables.end(),
                     [&](const auto& table) { return is_ready(table, table.contract.id == looked_through_contract); });
}

std::optional<record> first_preparing(std::int64_t contract) {
  for (const auto& r : migrations_of(contract))
    if (r.state == "preparing") return r;
  return std::nullopt;
}

std::vector<member> lock_to_open(std::int64_t migration) {
  lock_members(members_of(migration), ShareUpdateExclusiveLock, {});
  lock_migration_row(migration);
  return members_of(migration);
}

// The contracts of the migration that was opened; empty: none.
std::vector<std::int64_t> open_next(std::int64_t contract, std::int64_t looked_through) {
  while (auto r = first_preparing(contract)) {
    if (!are_ready(members_of(r->id), r->id == looked_through ? contract : 0)) return {};
    auto tables = lock_to_open(r->id);
    if (tables.front().r.state != "preparing") continue;  // somebody else was quicker
    activate(r->id, tables);
    std::vector<std::int64_t> contracts;
    for (const auto& table : tables)
      contracts.push_back(table.contract.id);
    return contracts;
  }
  return {};
}

// Whether the new version of a table has indexes, keys or constraints of its own: without any there is no need to load all of it.
bool has_companions(std::int64_t contract, std::int64_t migration) {
  return !catalog::query(
              "SELECT FROM accord_catalog.migration_companion WHERE migration_id = $1::bigint AND contract_id = $2::bigint LIMIT 1",
              {migration, contract})
              .empty();
}

}  // namespace

// An index is quicker to build than to keep: workers begin when the rows are filled.
void start_index_jobs(const plan::migration& m, const std::vector<plan::index_build>& builds) {
  for (const auto& build : builds)
    worker::start_index_job({.migration = m.id,
                             .contract = m.contract,
                             .statement = build.step.sql,
                             .index = build.index,
                             .start = worker::index_start::when_filled});
}

// One asks at a time, and the jobs are read before the indexes: one that ends in between must not be taken for one that was never ordered.
void request_missing_indexes(std::int64_t contract, std::int64_t migration) {
  if (!has_companions(contract, migration)) return;
  auto found = registry::get_contract_by_id(contract);
  auto m = load(found, *find_migration(migration, contract));
  lock_migration_row(migration);
  auto ordered = catalog::query(
      "SELECT argument->>'index' FROM accord_catalog.job"
      " WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND kind = 'index' AND state <> 'done'",
      {migration, contract});
  auto missing = missing_indexes(m);
  for (const auto& row : ordered)
    std::erase_if(missing, [&](const auto& build) { return build.index.sql() == row.text(0); });
  start_index_jobs(m, missing);
}

void add_keys(std::int64_t migration) {
  auto tables = members_of(migration);
  if (std::none_of(tables.begin(), tables.end(), [&](const auto& table) { return has_companions(table.contract.id, migration); })) return;
  tables = lock_to_open(migration);
  if (tables.front().r.state == "preparing") add_late_keys(tables, load_all(tables));
}

void prove_constraints(std::int64_t migration) {
  for (const auto& table : members_of(migration)) {
    if (table.r.state != "preparing") return;
    auto relations = children_of(table.contract.relation);
    relations.push_back(table.contract.relation);
    bool unproven = std::any_of(relations.begin(), relations.end(), [](Oid relation) {
      return !catalog::query("SELECT FROM pg_constraint WHERE conrelid = $1::oid AND NOT convalidated LIMIT 1", {relation}).empty();
    });
    if (!unproven && !has_companions(table.contract.id, migration)) continue;
    lock_table(table.contract.relation, ShareUpdateExclusiveLock, {});
    validate(table.contract, load(table.contract, table.r));
  }
}

void open_versions(std::int64_t contract, std::int64_t looked_through, const std::function<void()>& after_each) {
  std::vector<std::int64_t> left{contract};
  while (!left.empty()) {
    auto opened = open_next(left.back(), left.back() == contract ? looked_through : 0);
    if (opened.empty()) left.pop_back();
    // What waited for this one, also in another table.
    left.insert(left.end(), opened.begin(), opened.end());
    after_each();
  }
}

void open_staged(std::int64_t migration) {
  auto tables = members_of(migration);
  if (are_ready(tables, 0)) activate(migration, tables);
}

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

ACCORD_FUNCTION(accord_activate) {
  arguments args(fcinfo);
  auto id = static_cast<std::int64_t>(DatumGetInt64(args.is_null(0) ? Int64GetDatum(0) : fcinfo->args[0].value));
  auto rows = catalog::query(
      "SELECT r.contract_id, m.state FROM accord_catalog.migration m JOIN accord_catalog.migration_relation r ON r.migration_id = m.id"
      " WHERE m.id = $1::bigint ORDER BY r.contract_id",
      {id});
  if (rows.empty()) throw failure(core::sqlstate::undefined_object, fmt::format("there is no migration {}", id));
  if (rows.front().text(1) != "preparing") return BoolGetDatum(false);
  auto contract = registry::get_contract_by_id(rows.front().integer(0));
  require_owner_of_all(members_of(id));
  open_versions(contract.id, 0, [] {});
  auto now = find_migration(id, contract.id);
  if (now->state == "preparing") {
    auto tables = members_of(id);
    bool pending = std::any_of(tables.begin(), tables.end(), [](const auto& t) { return has_pending(t.contract, t.r); });
    throw failure(core::sqlstate::migration_refused,
                  fmt::format("migration {} has {} yet", id, pending ? "rows that are not filled" : "indexes that are not built"), {},
                  fmt::format("What does it: {}", next_step(contract, *now)));
  }
  return BoolGetDatum(true);
}
