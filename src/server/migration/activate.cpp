// See activate.hpp.
//
// Invariants: versions become active in the order in which they were staged, since a later one is computed from an earlier one.
//
// Locking: SHARE UPDATE EXCLUSIVE on the table while a constraint is validated; clients read and write.
#include "server/migration/activate.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/scope.hpp"
#include "plan/steps.hpp"
#include "server/migration/locking.hpp"
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

// In a transaction of its own, so that the tables are not locked while it is proven.
void add_late_keys(const registry::contract& contract, plan::migration m) {
  std::erase_if(m.companions, [&](const auto& c) {
    return !c.late ||
           !catalog::query("SELECT FROM pg_constraint WHERE conrelid = coalesce(to_regclass($1), $2::oid) AND conname = $3::name",
                           {c.kind == plan::companion_kind::inbound_key ? std::optional(c.references) : std::nullopt, contract.relation,
                            plan::twin_name(m.id, c)})
                .empty();
  });
  if (m.companions.empty()) return;
  lock_with_referenced(m, contract.relation, ShareRowExclusiveLock, {});
  run(plan::late_key_steps(m), contract.relation);
}

// Only what is not proven yet: an earlier call may have come this far.
void validate(const registry::contract& contract, const plan::migration& m) {
  auto steps = plan::validate_steps(m);
  std::erase_if(steps, [&](const auto& step) {
    return catalog::query(
               "SELECT FROM pg_constraint WHERE NOT convalidated AND $1 = format('ALTER TABLE %s VALIDATE CONSTRAINT %I', "
               "conrelid::regclass, conname)",
               {step.sql})
        .empty();
  });
  run(steps, contract.relation);
}

void activate(const registry::contract& contract, const record& r, const plan::migration& m) {
  require_kept_in_step(contract, m);
  lock_table(contract.relation, ShareUpdateExclusiveLock, {});
  add_late_keys(contract, m);
  validate(contract, m);
  auto steps = plan::activate_steps(m);
  if (std::any_of(steps.begin(), steps.end(), [](const auto& s) { return s.lock.starts_with("ACCESS EXCLUSIVE"); }))
    lock_table(contract.relation, AccessExclusiveLock, {});
  run(steps, contract.relation);
  catalog::execute(
      "UPDATE accord_catalog.migration_relation SET filled = true WHERE migration_id = $1::bigint AND contract_id = $2::bigint",
      {r.id, contract.id});
  set_state(r.id, "active");
  set_version_status(contract.id, m.to, "{preparing}", "active");
  catalog::audit({"activate", contract.id, r.id});
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

void request_missing_indexes(std::int64_t contract, std::int64_t migration) {
  auto found = registry::get_contract_by_id(contract);
  auto m = load(found, *find_migration(migration, contract));
  auto missing = missing_indexes(m);
  for (const auto& row :
       catalog::query("SELECT argument->>'index' FROM accord_catalog.job"
                      " WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND kind = 'index' AND state <> 'done'",
                      {migration, contract}))
    std::erase_if(missing, [&](const auto& build) { return build.index.sql() == row.text(0); });
  start_index_jobs(m, missing);
}

void add_keys(std::int64_t contract, std::int64_t migration) {
  auto found = registry::get_contract_by_id(contract);
  auto r = find_migration(migration, contract);
  if (r && r->state == "preparing") add_late_keys(found, load(found, *r));
}

void prove_constraints(std::int64_t contract, std::int64_t migration) {
  auto found = registry::get_contract_by_id(contract);
  auto r = find_migration(migration, contract);
  if (!r || r->state != "preparing") return;
  lock_table(found.relation, ShareUpdateExclusiveLock, {});
  validate(found, load(found, *r));
}

bool try_activate(const registry::contract& contract, std::int64_t looked_through) {
  bool any = false;
  for (const auto& r : migrations_of(contract.id)) {
    if (r.state != "preparing") continue;
    if ((r.id != looked_through && has_pending(contract, r)) || worker::outstanding_jobs(r.id, contract.id, "index").any()) break;
    auto m = load(contract, r);
    if (!missing_indexes(m).empty()) break;
    activate(contract, r, m);
    any = true;
  }
  return any;
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
  rights::require_contract_owner(contract.owner, contract.display());
  try_activate(contract);
  auto now = find_migration(id, contract.id);
  if (now->state == "preparing")
    throw failure(
        core::sqlstate::migration_refused,
        fmt::format("migration {} has {} yet", id, has_pending(contract, *now) ? "rows that are not filled" : "indexes that are not built"),
        {}, fmt::format("What does it: {}", next_step(contract, *now)));
  return BoolGetDatum(true);
}
