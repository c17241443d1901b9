// See run_steps.hpp.
#include "server/migration/run_steps.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/scope.hpp"
#include "plan/errors.hpp"
#include "server/migration/children.hpp"
#include "server/migration/facts.hpp"
#include "server/moves/store.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::migration {

void run(const std::vector<plan::statement>& statements, Oid relation) {
  own_ddl ours;
  pinned_search_path path;
  // What IF EXISTS does not find is no news.
  if (client_min_messages < WARNING) path.set("client_min_messages", "warning");
  for (const auto& statement : statements) {
    bool by_owner = statement.runner == plan::runner::owner;
    as_user identity(by_owner ? owner_oid(relation) : extension_owner(), by_owner);
    spi::execute(statement.sql);
  }
}

void spare_foreign_objects(std::vector<plan::statement>& statements, const plan::migration& m) {
  for (const auto& version : m.versions) {
    auto drop = "DROP SCHEMA " + core::quote_identifier(version.view.schema);
    auto found = std::find_if(statements.begin(), statements.end(), [&](const auto& s) { return s.sql == drop; });
    if (found == statements.end()) continue;
    // Other than the version's view: its row type and its rule come and go with it.
    auto rows = catalog::query(
        "SELECT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid AND d.deptype = 'n'"
        "                  AND NOT (d.classid = 'pg_class'::regclass AND d.objid = (SELECT c.oid FROM pg_class c WHERE c.relnamespace = "
        "n.oid"
        "                                                                              AND c.relname = $2::name)))"
        "  FROM pg_namespace n WHERE n.nspname = $1::name",
        {version.view.schema, version.view.name});
    if (rows.empty() || rows.front().boolean(0)) statements.erase(found);
  }
}

void require_kept_in_step(const registry::contract& contract, const plan::migration& m) {
  if (!m.keeps_in_step()) return;
  if (auto lost = lost_triggers(m.id, contract.id, contract.name); !lost.empty())
    throw failure(core::sqlstate::migration_refused,
                  fmt::format("table \"{}\" and those with which it exchanges columns are not kept in step", contract.name.name),
                  fmt::format("Disabled or gone: {}.", plan::errors::listed(lost)),
                  fmt::format("Go back to the old version: SELECT accord.rollback({});", core::quote_literal(contract.name.sql())));
  auto relations = children_of(contract.relation);
  relations.insert(relations.begin(), contract.relation);
  auto broken = std::find_if_not(relations.begin(), relations.end(), is_kept_in_step);
  if (broken == relations.end()) return;
  throw failure(
      core::sqlstate::migration_refused, fmt::format("the versions of contract \"{}\" are not kept in step", contract.display()),
      fmt::format("The triggers \"!accord_sync\" and \"~accord_sync\" of {} are disabled or gone.",
                  *broken == contract.relation ? "the table" : fmt::format("table \"{}\"", about_child(contract, *broken).display())),
      fmt::format("Go back to the old version: SELECT accord.rollback({});", core::quote_literal(contract.name.sql())));
}

record choose(const registry::contract& contract, const std::optional<std::string>& to_version, const std::vector<std::string>& states,
              const std::string& verb) {
  auto live = migrations_of(contract.id);
  if (live.empty())
    throw failure(core::sqlstate::object_not_in_prerequisite_state,
                  fmt::format("contract \"{}\" has no live migration", contract.display()), {}, "Stage one with accord.stage.");
  std::vector<record> named;
  for (const auto& r : live)
    if (!to_version || core::parse_version_pattern(*to_version).matches(core::parse_version(r.to_version))) named.push_back(r);
  std::vector<std::string> choices;
  for (const auto& r : live)
    choices.push_back(fmt::format("{} ({})", r.to_version, r.state));
  if (named.empty())
    throw failure(core::sqlstate::undefined_object,
                  fmt::format("contract \"{}\" has no live migration to version {}", contract.display(), *to_version),
                  fmt::format("Live migrations lead to: {}.", plan::errors::listed(choices)));
  std::vector<record> due;
  for (const auto& r : named)
    if (std::find(states.begin(), states.end(), r.state) != states.end()) due.push_back(r);
  if (due.size() == 1) return due.front();
  if (due.size() > 1)
    throw failure(core::sqlstate::invalid_parameter,
                  fmt::format("contract \"{}\" has more than one migration to {}", contract.display(), verb),
                  fmt::format("Live migrations lead to: {}.", plan::errors::listed(choices)), "Name one with to_version.");
  auto next = next_step(contract, named.front());
  throw failure(core::sqlstate::migration_refused,
                fmt::format("the migration of contract \"{}\" to version {} is {} and cannot {}", contract.display(),
                            named.front().to_version, named.front().state, verb),
                {}, next.empty() ? "" : fmt::format("The next step is: {}", next));
}

std::string next_step(const registry::contract& contract, const record& r) {
  auto table = core::quote_literal(contract.name.sql());
  auto live = migrations_of(contract.id);
  bool several = std::count_if(live.begin(), live.end(), [&](const auto& other) { return other.state == r.state; }) > 1;
  auto version = std::to_string(core::parse_version(r.to_version).major);
  auto which = several ? fmt::format(", {}", core::quote_literal(version)) : "";
  if (r.state == "preparing") return fmt::format("CALL accord.backfill({}{});", table, which);
  if (r.state == "active") {
    auto waiting = catalog::query(
        "SELECT c.name FROM accord_catalog.subscription s JOIN accord_catalog.consumer c ON c.id = s.consumer_id"
        " WHERE s.contract_id = $1::bigint AND s.major = $2::integer ORDER BY c.name COLLATE \"C\"",
        {contract.id, core::parse_version(r.from_version).major});
    if (!waiting.empty()) {
      auto names = registry::visible_consumers(contract, {waiting.front().text(0)});
      return fmt::format("SELECT accord.switch_version({}, {}, {});", table,
                         core::quote_literal(names.empty() ? "a consumer" : names.front()), core::quote_literal(version));
    }
    return fmt::format("SELECT accord.complete({}{});", table, which);
  }
  if (r.state == "completed") return fmt::format("SELECT accord.purge({}{});", table, which);
  return "";
}

}  // namespace accord::migration
