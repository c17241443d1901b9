// rollback: the table as it was before stage, at any time before purge.
//
// The old version's columns have been written by its own clients all the time, and by those of the new version through `down`, so nothing has
// to be copied back: the new version's columns, views and triggers go, and after completion the names go back first.
//
// Locking: ACCESS EXCLUSIVE on the tables of the migration, by short tries; no row is read or written.
#include <algorithm>
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "pg/scope.hpp"
#include "plan/errors.hpp"
#include "plan/steps.hpp"
#include "server/migration/children.hpp"
#include "server/migration/consumer_views.hpp"
#include "server/migration/locking.hpp"
#include "server/migration/members.hpp"
#include "server/migration/publications.hpp"
#include "server/migration/release_views.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"
#include "server/migration/whole_tables.hpp"
#include "server/migration/written_steps.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"
#include "server/worker/job.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

void require_no_dependents(const registry::contract& contract, const plan::migration& m, const record& r) {
  std::vector<core::qualified_name> views{m.new_version().view};
  if (m.old_view_is_ours && !m.other_migrations) views.push_back(m.old_version().view);
  auto objects = dependents_in_tree(contract.relation, m, m.added_columns(), views);
  if (!objects.empty())
    throw failure("2BP01",
                  fmt::format("cannot roll back to version {} because other objects depend on version {}", r.from_version, r.to_version),
                  fmt::format("They stand on its columns or on the views of the versions: {}.", plan::errors::listed(objects)),
                  "Drop them, or create them again on the table.");
}

// A consumer that was moved to the version would be left with views of something that is no longer promised.
void require_no_subscribers(const registry::contract& contract, const record& r) {
  int major = core::parse_version(r.to_version).major;
  auto names = registry::subscribers(registry::subscriptions(contract.id), [&](const auto& s) { return s.major == major; });
  if (names.empty()) return;
  std::vector<std::string> shown;
  auto visible = registry::visible_consumers(contract, names);
  for (const auto& name : visible)
    shown.push_back(plan::errors::quoted(name));
  throw failure(core::sqlstate::version_in_use,
                fmt::format("version {} of contract \"{}\" is still in use", r.to_version, contract.display()),
                fmt::format("Consumers subscribed to it: {}.", shown.empty() ? std::to_string(names.size()) : plan::errors::listed(shown)),
                fmt::format("Move them back first: SELECT accord.switch_version({}, {}, {});", core::quote_literal(contract.name.sql()),
                            core::quote_literal(visible.empty() ? "..." : visible.front()),
                            core::quote_literal(std::to_string(core::parse_version(r.from_version).major))));
}

void forget(const registry::contract& contract, const plan::migration& m, const record& r) {
  drop_columns(contract.id, m.to);
  if (m.old_view_is_ours && !m.other_migrations) drop_columns(contract.id, m.from);
  drop_work(r.id, contract.id);
  // What was never published is no history.
  catalog::execute(
      "DELETE FROM accord_catalog.contract_version WHERE contract_id = $1::bigint AND major = $2::integer AND status = 'preparing'",
      {contract.id, m.to});
  set_version_status(contract.id, m.to, "{active,deprecated}", "retired");
}

void require_latest(const member& table) {
  for (const auto& other : migrations_of(table.contract.id))
    if (other.id > table.r.id)
      throw failure(core::sqlstate::migration_refused,
                    fmt::format("the migration to version {} must be rolled back first", other.to_version),
                    fmt::format("It starts from version {}.", other.from_version),
                    fmt::format("SELECT accord.rollback({}, {});", core::quote_literal(table.contract.name.sql()),
                                core::quote_literal(std::to_string(core::parse_version(other.to_version).major))));
}

void undo_table(const member& table) {
  auto m = load(table.contract, table.r);
  auto undo = plan::undo_steps(m);
  run(undo.statements, table.contract.relation);
  publish_old_columns(table.contract.relation, undo.after);
  for (const auto& version : undo.after.versions)
    save_columns(table.contract.id, version);
  refresh_view_defaults(table.contract);
  set_version_status(table.contract.id, m.from, "{deprecated}", "active");
}

}  // namespace

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

ACCORD_FUNCTION(accord_rollback) {
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  auto to_version = args.optional_text(1);
  auto limits = limits_from(fcinfo, 2, 3);
  auto contract = registry::get_contract(relation);
  relation = contract.relation;  // the user may have named a version's view
  rights::require_contract_owner(contract.owner, contract.display());

  std::vector<std::string> states{"preparing", "active", "completed"};
  auto tables = members_of(choose(contract, to_version, states, "roll back").id);
  require_owner_of_all(tables);
  // A worker of its own would keep it from the table.
  for (const auto& table : tables)
    worker::cancel_jobs(table.r.id, table.contract.id, nullptr);
  lock_members(tables, ShareUpdateExclusiveLock, limits);
  auto r = choose(contract, to_version, states, "roll back");
  tables = members_of(r.id);
  for (const auto& table : tables)
    require_latest(table);
  auto loaded = load_all(tables);
  for (std::size_t i = 0; i < tables.size(); i++) {
    require_no_subscribers(tables[i].contract, tables[i].r);
    require_no_release(tables[i].contract, loaded[i].to, tables[i].r.to_version, "roll back");
    release_consumer_views(tables[i].contract, loaded[i].added_columns(), tables[i].r.to_version, tables[i].r.from_version);
    require_no_dependents(tables[i].contract, loaded[i], tables[i].r);
  }

  lock_for_step(step_tables(tables, loaded), {AccessExclusiveLock, AccessExclusiveLock}, limits);
  if (r.state == "completed")
    for (const auto& table : tables)
      undo_table(table);
  tables = members_of(r.id);  // as they are called now
  loaded = load_all(tables);
  for (std::size_t i = 0; i < tables.size(); i++)
    run(plan::drop_key_steps(loaded[i], plan::phase::rollback), tables[i].contract.relation);
  result_rows rows;
  for (std::size_t i = 0; i < tables.size(); i++) {
    auto steps = plan::rollback_steps(loaded[i]);
    spare_foreign_objects(steps, loaded[i]);
    run(steps, tables[i].contract.relation);
    forget(tables[i].contract, loaded[i], tables[i].r);
    save_name(tables[i].contract);
    catalog::audit({"rollback", tables[i].contract.id, r.id, fmt::format(R"({{"state": "{}"}})", r.state)});
    rows.add({std::to_string(r.id), std::to_string(tables[i].contract.relation), tables[i].r.from_version, tables[i].r.to_version,
              "rolled back"});
  }
  undo_written_steps(r.id);
  drop_whole_tables(r.id, "created", limits);
  set_state(r.id, "rolled back");
  return rows.finish(fcinfo);
}
