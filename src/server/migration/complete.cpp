// complete: the table gets the shape of the new version; the old version lives on in its view until purge.
//
// One transaction of renames, so there is no moment in which a client finds neither shape.  The old columns stay and are kept in step, so that
// rollback can still put everything back without losing what was written after.
//
// Locking: ACCESS EXCLUSIVE on the tables of the migration, by short tries; no row is read or written.
#include <algorithm>
#include <fmt/format.h>

#include "change/names_in_sql.hpp"
#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
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
#include "server/moves/lost.hpp"
#include "server/moves/pending.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/publish.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

void require_nobody_left(const registry::contract& contract, const record& r, int from) {
  auto names = registry::subscribers(registry::subscriptions(contract.id), [&](const auto& s) { return s.major == from; });
  if (!names.empty()) {
    auto visible = registry::visible_consumers(contract, names);
    std::vector<std::string> shown;
    for (const auto& name : visible)
      shown.push_back(plan::errors::quoted(name));
    throw failure(
        core::sqlstate::version_in_use, fmt::format("version {} of contract \"{}\" is still in use", r.from_version, contract.display()),
        fmt::format("Consumers subscribed to it: {}.", shown.empty() ? std::to_string(names.size()) : plan::errors::listed(shown)),
        fmt::format("Move them first: SELECT accord.switch_version({}, {}, {});", core::quote_literal(contract.name.sql()),
                    core::quote_literal(visible.empty() ? "..." : visible.front()),
                    core::quote_literal(std::to_string(core::parse_version(r.to_version).major))));
  }
  auto sessions = sessions_with_views_of(contract, from);
  if (!sessions.empty())
    throw failure(core::sqlstate::version_in_use,
                  fmt::format("sessions still use version {} of contract \"{}\"", r.from_version, contract.display()),
                  fmt::format("Sessions: {}.", plan::errors::listed(sessions)),
                  "Wait until they end, or end them with pg_terminate_backend; accord.sessions lists them.");
}

void require_no_dependents(const registry::contract& contract, const plan::migration& m) {
  std::vector<std::string> physical, changed_names, retyped_names;
  for (const auto& name : m.replaced_columns()) {
    physical.push_back(m.old_version().find(name)->physical);
    (m.new_version().find(name) ? retyped_names : changed_names).push_back(name);
  }
  for (const auto& column : m.new_version().columns)
    for (const auto& old : m.old_version().columns)
      if (old.physical == column.physical && old.name != column.name) changed_names.push_back(old.name);
  auto objects = dependents_in_tree(contract.relation, m, physical);
  auto functions = functions_in_tree(contract.relation, changed_names);
  for (const auto& f : functions.of_triggers)
    objects.push_back("function " + f);
  if (!objects.empty())
    throw failure(
        core::sqlstate::migration_refused,
        fmt::format("objects depend on columns that version {} does not have", m.new_version().version.text()),
        fmt::format("They stand on the columns of version {}: {}.", m.old_version().version.text(), plan::errors::listed(objects)),
        fmt::format(
            "Create them again on {}, or for the new columns; or complete with force => true, which keeps them on the old columns until "
            "purge.",
            m.new_version().view.sql()));
  auto retyped = functions_in_tree(contract.relation, retyped_names);
  if (!retyped.of_triggers.empty())
    spi::notice(
        fmt::format("functions of triggers name columns whose type or nullability changes: {}", plan::errors::listed(retyped.of_triggers)));
  if (!functions.others.empty())
    spi::notice(fmt::format("functions seem to name columns that version {} does not have: {}", m.new_version().version.text(),
                            plan::errors::listed(functions.others)));
}

void require_earlier_completed(const member& table) {
  for (const auto& other : migrations_of(table.contract.id))
    if (other.id < table.r.id && other.state != "completed")
      throw failure(core::sqlstate::migration_refused, fmt::format("the migration to version {} must be completed first", other.to_version),
                    "Migrations of a table are completed in the order in which they were staged.",
                    fmt::format("The next step is: {}", next_step(table.contract, other)));
}

void tell_of_lost_rows(const plan::migration& m) {
  for (const auto& lost : rows_lost_by_purge(m))
    spi::notice(fmt::format("purge would lose {}", lost.shown()),
                fmt::format("No row of table \"{}\" shows what {}, for example {}.", m.table.name,
                            lost.count == 1 ? "it holds" : "they hold", lost.samples.front()),
                "Keep elsewhere what is needed of them; accord.purge refuses to lose them without force.");
}

// How triggers and policies will read when an earlier migration is purged was written down when it was staged, in the names of then.
void require_names_kept(const member& table, const plan::migration& m) {
  std::vector<std::string> changing;
  for (const auto& column : m.old_version().columns) {
    const auto* same = m.new_version().find(column.name);
    if (!same || same->physical != column.physical) changing.push_back(column.name);
  }
  for (const auto& other : migrations_of(table.contract.id)) {
    if (other.id >= table.r.id || other.state != "completed") continue;
    for (const auto& c : load(table.contract, other).companions)
      for (const auto& name : changing)
        if (change::names_column(c.texts.purged, name))
          throw failure(core::sqlstate::migration_refused,
                        fmt::format("the migration to version {} must be purged first", other.to_version),
                        fmt::format("{} \"{}\" serves both versions of it and reads column \"{}\", which version {} has not by that name.",
                                    c.kind == plan::companion_kind::trigger ? "Trigger" : "Policy", c.name, name, table.r.to_version),
                        fmt::format("The next step is: {}", next_step(table.contract, other)));
  }
}

void complete_table(const member& table) {
  auto m = load(table.contract, table.r);
  auto steps = plan::complete_steps(m);
  publish_new_columns(table.contract.relation, m);
  run(steps.statements, table.contract.relation);
  for (const auto& version : steps.after.versions)
    save_columns(table.contract.id, version);
  refresh_view_defaults(table.contract);
  set_version_status(table.contract.id, m.from, "{active}", "deprecated");
  save_name(table.contract);
}

}  // namespace

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

ACCORD_FUNCTION(accord_complete) {
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  auto to_version = args.optional_text(1);
  bool force = args.optional_boolean(2).value_or(false);
  auto limits = limits_from(fcinfo, 3, 4);
  auto contract = registry::get_contract(relation);
  relation = contract.relation;  // the user may have named a version's view
  rights::require_contract_owner(contract.owner, contract.display());

  auto tables = members_of(choose(contract, to_version, {"active"}, "complete").id);
  require_owner_of_all(tables);
  lock_members(tables, ShareUpdateExclusiveLock, limits);
  auto r = choose(contract, to_version, {"active"}, "complete");
  tables = members_of(r.id);
  for (const auto& table : tables)
    require_earlier_completed(table);
  if (!force) require_dropped_unused(r.id);
  auto loaded = load_all(tables);
  for (std::size_t i = 0; i < tables.size(); i++) {
    require_kept_in_step(tables[i].contract, loaded[i]);
    require_names_kept(tables[i], loaded[i]);
    fill_moved_rows(loaded[i]);
    tell_of_lost_rows(loaded[i]);
    if (force) continue;
    require_nobody_left(tables[i].contract, tables[i].r, loaded[i].from);
    require_no_dependents(tables[i].contract, loaded[i]);
  }

  lock_for_step(step_tables(tables, loaded), {.referencing = AccessExclusiveLock}, limits);
  // Again, now that nobody can subscribe to anything in between unseen.
  for (std::size_t i = 0; i < tables.size() && !force; i++)
    require_nobody_left(tables[i].contract, tables[i].r, loaded[i].from);
  for (const auto& table : tables)
    complete_table(table);
  set_state(r.id, "completed");
  // What compatible DDL has given the table since the migration was staged.
  for (const auto& table : tables)
    registry::publish_minor_if_additive(registry::get_contract(table.contract.relation), "SELECT accord.complete()");
  result_rows rows;
  for (const auto& table : tables) {
    catalog::audit({"complete", table.contract.id, r.id, force ? R"({"force": true})" : "{}"});
    auto done = *find_migration(r.id, table.contract.id);
    rows.add({std::to_string(r.id), std::to_string(table.contract.relation), table.r.from_version, table.r.to_version, done.state,
              next_step(registry::get_contract(table.contract.relation), done)});
  }
  return rows.finish(fcinfo);
}
