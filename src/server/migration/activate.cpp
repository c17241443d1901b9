// See activate.hpp.
//
// Invariants: versions become active in the order in which they were staged, since a later one is computed from an earlier one.
//
// Locking: SHARE UPDATE EXCLUSIVE on the table while a constraint is validated; clients read and write.
#include "server/migration/activate.hpp"

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

void activate(const registry::contract& contract, const record& r) {
  auto m = load(contract, r);
  require_kept_in_step(contract, m);
  lock_table(contract.relation, ShareUpdateExclusiveLock, {});
  run(plan::activate_steps(m), contract.relation);
  catalog::execute(
      "UPDATE accord_catalog.migration_relation SET filled = true WHERE migration_id = $1::bigint AND contract_id = $2::bigint",
      {r.id, contract.id});
  set_state(r.id, "active");
  set_version_status(contract.id, m.to, "{preparing}", "active");
  catalog::audit({"activate", contract.id, r.id});
}

}  // namespace

bool try_activate(const registry::contract& contract, std::int64_t looked_through) {
  bool any = false;
  for (const auto& r : migrations_of(contract.id)) {
    if (r.state != "preparing") continue;
    if ((r.id != looked_through && has_pending(contract, r)) || worker::outstanding_jobs(r.id, contract.id, "index").any()) break;
    activate(contract, r);
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
    throw failure(core::sqlstate::migration_refused,
                  fmt::format("migration {} has {} yet", id,
                              has_pending(contract, *now) ? "rows that are not filled" : "index jobs that are not done"),
                  {}, fmt::format("What does it: {}", next_step(contract, *now)));
  return BoolGetDatum(true);
}
