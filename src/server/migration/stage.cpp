// stage and plan: a migration begins, or is only shown.
//
// Everything appears together or not at all: dual columns, triggers, schemas, views, grants and the bookkeeping are one transaction, and what
// stands in the way is refused before a lock is taken that a client could notice.
//
// Locking: SHARE UPDATE EXCLUSIVE on the tables first, in the order of their numbers, which keeps other DDL away and lets every client read and
// write; ACCESS EXCLUSIVE, by short tries for all of them at once, only for the changes themselves.
#include <algorithm>
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "pg/scope.hpp"
#include "plan/companion_steps.hpp"
#include "plan/errors.hpp"
#include "plan/joint_keys.hpp"
#include "plan/steps.hpp"
#include "server/ddl/statement.hpp"
#include "server/migration/activate.hpp"
#include "server/migration/children.hpp"
#include "server/migration/dependents.hpp"
#include "server/migration/locking.hpp"
#include "server/migration/members.hpp"
#include "server/migration/needs.hpp"
#include "server/migration/preparation.hpp"
#include "server/migration/publications.hpp"
#include "server/migration/rehearsal.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"
#include "server/migration/table_scripts.hpp"
#include "server/migration/trial.hpp"
#include "server/migration/whole_tables.hpp"
#include "server/migration/written_steps.hpp"
#include "server/registry/carried_keys.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/reserved_names.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

void require_owner(const registry::contract& contract) {
  rights::require_contract_owner(contract.owner, contract.display());
  // The expressions run as the table's owner, so nobody else may write them.
  if (!rights::owns_relation(contract.relation))
    throw failure(core::sqlstate::insufficient_privilege, fmt::format("must be owner of table \"{}\"", contract.display()));
}

// A foreign key of another table passes to the new version's columns, which is for that table's owner to allow.
void require_owned_keys(const plan::migration& m) {
  for (const auto& child : m.children)
    require_owned_keys(child);
  for (const auto& c : m.companions) {
    if (c.kind != plan::companion_kind::inbound_key) continue;
    Oid table = catalog::query("SELECT to_regclass($1)::oid", {c.references}).front().oid(0);
    if (!rights::owns_relation(table))
      throw failure(core::sqlstate::insufficient_privilege, fmt::format("must be owner of table {}", c.references),
                    fmt::format("Its foreign key \"{}\" references columns that the migration replaces.", c.name));
  }
}

stage_arguments read_arguments(const arguments& args) {
  stage_arguments a;
  a.ddl = args.text(1, "ddl");
  a.up = args.optional_text(2);
  a.down = args.optional_text(3);
  a.to_version = args.optional_text(4);
  if (auto insert_null = args.optional_text(5)) {
    if (*insert_null != "default")
      throw failure(core::sqlstate::invalid_parameter, fmt::format("unrecognized value for insert_null: \"{}\"", *insert_null), {},
                    "Use default: a NULL that a client writes on purpose then counts as a column left out.");
    a.null_means_default = true;
  }
  a.steps = args.optional_json(8);
  return a;
}

result_rows rows_of(std::int64_t migration) {
  result_rows rows;
  for (const auto& [contract, r] : members_of(migration)) {
    auto version = registry::get_version(contract, r.to_version);
    rows.add({std::to_string(r.id), std::to_string(contract.relation), r.from_version, r.to_version, r.state,
              core::qualified_name{r.to_schema, version.shape.relation.name}.sql(), next_step(contract, r)});
  }
  return rows;
}

// New tables to which columns move from that of the contract.
std::vector<core::qualified_name> move_targets(const sorted_script& sorted, const registry::contract& named) {
  std::vector<core::qualified_name> targets;
  for (const auto& script : sorted.by_table)
    for (const auto& move : script.arguments.moves)
      if (script.contract.id == named.id && !OidIsValid(move.going) && !OidIsValid(move.existing)) targets.push_back(move.target);
  return targets;
}

struct planned_table {
  registry::contract contract;
  plan::plan plan;
};

// A refusal of one table of several names it.
plan::plan prepare_one_of(const table_script& script, bool is_named, std::int64_t id, const std::vector<std::string>& schemas) {
  try {
    return prepare(script.contract, script.arguments, id, schemas);
  } catch (failure& f) {
    auto about = fmt::format("This is about table \"{}\".", script.contract.display());
    f.detail = f.detail.empty() ? about : about + "  " + f.detail;
    if (!is_named && (f.hint.find("up => ") != std::string::npos || f.hint.find("down => ") != std::string::npos))
      f.hint += fmt::format("  Qualify the column with the table: {}.", core::quote_identifier(script.contract.name.name));
    throw;
  }
}

// What complete will refuse for.
void announce_dependents(planned_table& table) {
  const auto& m = table.plan.made;
  std::vector<std::string> physical;
  for (const auto& name : m.replaced_columns())
    physical.push_back(m.old_version().find(name)->physical);
  auto objects = dependents_in_tree(table.contract.relation, m, physical);
  if (!objects.empty())
    table.plan.announcements.push_back(fmt::format(
        "Completing it is refused until these are made again on {} or for its columns, since they stand on columns of version {}: {}.",
        m.new_version().view.sql(), m.old_version().version.text(), plan::errors::listed(objects)));
}

// Each table by itself, then what joins them.
std::vector<planned_table> plan_tables(const registry::contract& named, const std::vector<table_script>& scripts, std::int64_t id) {
  std::vector<planned_table> tables;
  std::vector<std::string> schemas;
  for (const auto& script : scripts) {
    tables.push_back({script.contract, scripts.size() == 1 ? prepare(script.contract, script.arguments, id)
                                                           : prepare_one_of(script, script.contract.id == named.id, id, schemas)});
    for (const auto& version : tables.back().plan.made.versions)
      schemas.push_back(version.view.schema);
  }
  std::vector<plan::migration*> migrations;
  for (auto& table : tables) {
    announce_dependents(table);
    migrations.push_back(&table.plan.made);
    for (auto& child : table.plan.made.children)
      migrations.push_back(&child);
  }
  if (migrations.size() == 1) return tables;
  plan::join_keys(migrations);
  for (auto& table : tables)
    table.plan.expand = plan::expand_steps(table.plan.made);
  return tables;
}

void announce(const planned_table& table) {
  if (table.plan.announcements.empty()) return;
  std::string sentences;
  for (const auto& announcement : table.plan.announcements)
    sentences += (sentences.empty() ? "" : "  ") + announcement;
  spi::notice(fmt::format("not everything of contract \"{}\" can be the same in version {}", table.contract.display(),
                          table.plan.made.new_version().version.text()),
              sentences);
}

bool same_steps(std::int64_t migration, const std::optional<std::string>& steps) {
  return catalog::query("SELECT m.options->'steps' IS NOT DISTINCT FROM $2::jsonb FROM accord_catalog.migration m WHERE m.id = $1::bigint",
                        {migration, steps})
      .front()
      .boolean(0);
}

std::optional<record> identical(const std::vector<record>& live, const stage_arguments& a) {
  for (const auto& r : live)
    if (r.state != "completed" && r.ddl == a.ddl && r.up == a.up && r.down == a.down && same_steps(r.id, a.steps) &&
        (!a.to_version || core::parse_version_pattern(*a.to_version).matches(core::parse_version(r.to_version))))
      return r;
  return std::nullopt;
}

}  // namespace

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

ACCORD_FUNCTION(accord_stage) {
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  auto asked = read_arguments(args);
  auto limits = limits_from(fcinfo, 6, 7);
  auto contract = registry::get_contract(relation);
  require_owner(contract);
  auto sorted = scripts_by_table(contract, asked);
  const auto& scripts = sorted.by_table;
  require_may_drop(sorted.dropping);
  std::vector<Oid> relations;
  for (const auto& script : scripts) {
    require_owner(script.contract);
    relations.push_back(script.contract.relation);
  }

  lock_tables(relations, ShareUpdateExclusiveLock, limits);
  auto live = migrations_of(contract.id);
  if (auto same = identical(live, asked)) {
    spi::notice(
        fmt::format("migration {} of contract \"{}\" to version {} is staged already", same->id, contract.display(), same->to_version));
    return rows_of(same->id).finish(fcinfo);
  }
  for (const auto& script : scripts)
    registry::require_own_names(script.contract.relation);
  record r;
  r.id = next_migration_id();
  r.ddl = asked.ddl;
  r.up = asked.up;
  r.down = asked.down;
  carried_keys carried(contract.relation, move_targets(sorted, contract));
  auto created = create_tables(sorted, limits);
  if (asked.steps) run_written_steps(contract.relation, *asked.steps);
  auto tables = plan_tables(contract, scripts, r.id);
  std::vector<step_table> locked;
  for (const auto& table : tables) {
    require_owned_keys(table.plan.made);
    try_on_rows(table.contract, table.plan.made);
    announce(table);
    locked.push_back({table.contract.relation, &table.plan.made});
  }

  lock_for_step(locked, {.referenced = ShareRowExclusiveLock}, limits);
  save_new(r);
  save_whole_tables(r.id, created, sorted.dropping);
  bool touches_rows = false;
  for (auto& [one, plan] : tables) {
    run(plan.expand, one.relation);
    auto promised = rehearsed_shape(one, plan.made, locked);
    adopt_texts(plan.made, promised);
    save_table(plan.made, r, promised);
    start_index_jobs(plan.made, plan::index_builds(plan.made));
    catalog::audit({"stage", one.id, r.id});
    touches_rows = touches_rows || plan.touches_rows();
  }
  if (asked.steps) save_written_steps(contract.relation, r.id, *asked.steps);
  if (!touches_rows) open_staged(r.id);
  return rows_of(r.id).finish(fcinfo);
}

ACCORD_FUNCTION(accord_plan) {
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  stage_arguments asked;
  asked.ddl = args.text(1, "ddl");
  asked.up = args.optional_text(2);
  asked.down = args.optional_text(3);
  asked.to_version = args.optional_text(4);
  asked.null_means_default = true;
  asked.steps = args.optional_json(5);
  auto contract = registry::get_contract(relation);
  require_owner(contract);
  auto sorted = scripts_by_table(contract, asked);
  const auto& scripts = sorted.by_table;
  require_may_drop(sorted.dropping);
  for (const auto& script : scripts) {
    require_owner(script.contract);
    Oid other = script.contract.relation;
    pg([&] { LockRelationOid(other, AccessShareLock); });
    registry::require_own_names(other);
  }

  // A number that no migration has: what is shown must not use one up.
  auto last = catalog::query("SELECT coalesce(max(id), 0) + 1 FROM accord_catalog.migration");
  std::vector<planned_table> tables;
  std::function<void()> run_steps;
  if (asked.steps) run_steps = [&] { run_written_steps(contract.relation, *asked.steps); };
  carried_keys carried(contract.relation, move_targets(sorted, contract));
  beside_new_tables(sorted, run_steps, [&] { tables = plan_tables(contract, scripts, last.front().integer(0)); });
  result_rows rows;
  int step = 0;
  needs need;
  auto show = [&](const std::string& phase, const std::string& sql, const std::string& lock, const std::string& note,
                  const std::vector<Oid>& on = {}, needs::kind kind = needs::kind::catalog) {
    std::vector<std::optional<std::string>> row{std::to_string(++step), phase, sql, lock.empty() ? std::nullopt : std::optional(lock),
                                                note};
    for (auto& field : need.of(on, kind, lock))
      row.push_back(std::move(field));
    rows.add(std::move(row));
  };
  auto show_all = [&](Oid table, const std::vector<plan::statement>& statements, needs::kind kind = needs::kind::catalog) {
    for (const auto& s : statements)
      show(std::string(plan::name_of(s.phase)), s.sql, s.lock, s.purpose, {table}, kind);
  };
  auto show_each = [&](auto steps_of, needs::kind kind = needs::kind::catalog) {
    for (const auto& table : tables)
      show_all(table.contract.relation, steps_of(table.plan.made), kind);
  };
  bool touches_rows = false;
  for (const auto& table : tables) {
    for (const auto& announcement : table.plan.announcements)
      show("announcement", "", "", announcement);
    touches_rows = touches_rows || table.plan.touches_rows();
  }
  for (const auto& statement : sorted.creating)
    show("expand", statement, "", "The table comes with the new version, and goes with a rollback.");
  if (asked.steps)
    for (const auto& step : written_steps_in(*asked.steps))
      show("expand", step.sql, "", fmt::format("A step of your own.  A rollback takes it back: {}", step.undo));
  for (const auto& table : tables)
    show_all(table.contract.relation, table.plan.expand);
  if (touches_rows) {
    std::vector<std::string> names;
    std::vector<Oid> filled;
    for (const auto& table : tables)
      if (table.plan.touches_rows()) {
        names.push_back(table.contract.name.display());
        filled.push_back(table.contract.relation);
      }
    show("backfill", fmt::format("CALL accord.backfill({});", core::quote_literal(contract.name.sql())),
         fmt::format("ROW EXCLUSIVE on {}", plan::errors::listed(names)),
         "Fills the new version's columns, batch by batch; no client waits for it.", filled, needs::kind::backfill);
  }
  auto index_steps = [](const auto& m) {
    std::vector<plan::statement> statements;
    for (auto& build : plan::index_builds(m))
      statements.push_back(std::move(build.step));
    return statements;
  };
  show_each(index_steps, needs::kind::index);
  show_each(plan::take_in_steps);
  show_each(plan::late_key_steps);
  show_each(plan::validate_steps, needs::kind::proof);
  show_each(plan::activate_steps);
  std::vector<plan::migration> completed;
  for (const auto& table : tables) {
    auto complete = plan::complete_steps(table.plan.made);
    show_all(table.contract.relation, publication_steps(table.contract.relation, table.plan.made));
    show_all(table.contract.relation, complete.statements);
    completed.push_back(std::move(complete.after));
  }
  for (std::size_t i = 0; i < tables.size(); i++)
    show_all(tables[i].contract.relation, plan::drop_key_steps(completed[i], plan::phase::purge));
  for (std::size_t i = 0; i < tables.size(); i++)
    show_all(tables[i].contract.relation, plan::purge_steps(completed[i]));
  ddl::catalog_world as_is;
  for (Oid dropped : sorted.dropping) {
    auto name = as_is.name_of(dropped).sql();
    show("purge", "DROP TABLE " + name, "ACCESS EXCLUSIVE on " + name, "The new version has no need of it.", {dropped});
  }
  return rows.finish(fcinfo);
}
