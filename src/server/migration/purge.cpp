// purge: the end of a migration, after which there is no way back.
//
// The old version's columns, views and triggers go, and what was made with other names while both were there gets the names that it would have had.
//
// Locking: ACCESS EXCLUSIVE on the table, by short tries; no row is read or written.
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "pg/spi.hpp"
#include "plan/errors.hpp"
#include "plan/steps.hpp"
#include "server/migration/consumer_views.hpp"
#include "server/migration/facts.hpp"
#include "server/migration/locking.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// From 18 on NOT NULL has a name, and while both columns were there the new one could not have the name that it would have had alone.
void give_usual_names(Oid relation) {
  std::vector<plan::statement> renames;
  for (const auto& row :
       catalog::query("SELECT format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', $1::oid::regclass, k.conname, u.name)"
                      "  FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum],"
                      // The table may have another name by now than the one that the constraint's was made of.
                      "  LATERAL (SELECT regexp_replace(k.conname, '[0-9]+$', '') AS name) u"
                      " WHERE k.conrelid = $1::oid AND k.contype = 'n' AND u.name <> k.conname"
                      "   AND right(u.name, length(a.attname) + 10) = '_' || a.attname || '_not_null'"
                      "   AND NOT EXISTS (SELECT FROM pg_constraint other WHERE other.conrelid = k.conrelid AND other.conname = u.name)",
                      {relation}))
    renames.push_back({.phase = plan::phase::purge, .sql = row.text(0), .lock = {}, .purpose = {}});
  run(renames, relation);
}

}  // namespace

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

ACCORD_FUNCTION(accord_purge) {
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  auto to_version = args.optional_text(1);
  auto limits = limits_from(fcinfo, 2, 3);
  auto contract = registry::get_contract(relation);
  relation = contract.relation;  // the user may have named a version's view
  rights::require_contract_owner(contract.owner, contract.display());

  lock_table(relation, ShareUpdateExclusiveLock, limits);
  auto r = choose(contract, to_version, {"completed"}, "be purged");
  for (const auto& other : migrations_of(contract.id))
    if (other.id < r.id)
      throw failure(core::sqlstate::migration_refused, fmt::format("the migration to version {} must be purged first", other.to_version),
                    {}, fmt::format("The next step is: {}", next_step(contract, other)));
  auto m = load(contract, r);
  std::vector<std::string> physical;
  for (const auto& name : m.replaced_columns())
    physical.push_back(m.old_version().find(name)->physical);
  release_consumer_views(contract, physical, r.from_version, r.to_version);
  auto objects = dependents(relation, physical, {m.old_version().view});
  if (!objects.empty())
    throw failure("2BP01", fmt::format("cannot purge version {} because other objects depend on it", r.from_version),
                  fmt::format("They stand on its columns or its view: {}.", plan::errors::listed(objects)),
                  "Drop them, or create them again on the new version.");

  lock_for_step(m, relation, {AccessExclusiveLock, AccessExclusiveLock}, limits);
  auto steps = plan::purge_steps(m);
  spare_foreign_objects(steps, m);
  run(steps, relation);
  give_usual_names(relation);
  drop_columns(contract.id, m.from);
  drop_work(r.id, contract.id);
  set_state(r.id, "purged");
  set_version_status(contract.id, m.from, "{active,deprecated}", "retired");
  catalog::audit({"purge", contract.id, r.id});
  if (!physical.empty())
    spi::notice(
        fmt::format("the space of {} dropped {} comes back as rows are rewritten", physical.size(),
                    physical.size() == 1 ? "column" : "columns"),
        {},
        fmt::format(
            "Dropped columns count towards the limit of 1600.  Where the space matters, rewrite the table in a quiet hour: VACUUM FULL {};",
            contract.name.sql()));
  result_rows rows;
  rows.add({std::to_string(r.id), std::to_string(relation), r.from_version, r.to_version, "purged"});
  return rows.finish(fcinfo);
}
