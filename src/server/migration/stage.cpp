// stage and plan: a migration begins, or is only shown.
//
// Everything appears together or not at all: dual columns, triggers, schemas, views, grants and the bookkeeping are one transaction, and what
// stands in the way is refused before a lock is taken that a client could notice.
//
// Locking: SHARE UPDATE EXCLUSIVE on the table first, which keeps other DDL away and lets every client read and write; ACCESS EXCLUSIVE, by
// short tries, only for the changes themselves.
#include <algorithm>
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "pg/scope.hpp"
#include "plan/companion_steps.hpp"
#include "plan/errors.hpp"
#include "plan/steps.hpp"
#include "server/migration/activate.hpp"
#include "server/migration/locking.hpp"
#include "server/migration/preparation.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"
#include "server/migration/trial.hpp"
#include "server/registry/catalog.hpp"
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
  return a;
}

result_rows row_of(const registry::contract& contract, const record& r) {
  result_rows rows;
  auto version = registry::get_version(contract, r.to_version);
  rows.add({std::to_string(r.id), std::to_string(contract.relation), r.from_version, r.to_version, r.state,
            core::qualified_name{r.to_schema, version.shape.relation.name}.sql(), next_step(contract, r)});
  return rows;
}

// An earlier migration that is still live has not renamed its old columns yet: they step aside for the rehearsal of this one's completion.
std::vector<plan::statement> stepping_aside(const registry::contract& contract, const plan::migration& m) {
  std::vector<plan::statement> statements;
  const auto& wanted = m.new_version().columns;
  const auto& own_columns = m.old_version().columns;  // complete itself renames these
  for (const auto& row : catalog::query("SELECT attname FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped",
                                        {contract.relation})) {
    const std::string& physical = row.text(0);
    bool carries = std::any_of(wanted.begin(), wanted.end(), [&](const auto& c) { return c.physical == physical; });
    bool in_the_way =
        std::any_of(wanted.begin(), wanted.end(), [&](const auto& c) { return c.name == physical && c.physical != physical; });
    bool own = std::any_of(own_columns.begin(), own_columns.end(), [&](const auto& c) { return c.physical == physical; });
    if (carries || !in_the_way || own) continue;
    plan::statement s;
    s.sql = fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", contract.name.sql(), core::quote_identifier(physical),
                        core::quote_identifier(core::fitted_name("_accord_aside_", physical)));
    statements.push_back(std::move(s));
  }
  return statements;
}

// What the companions of the migration will be.
void promise_companions(core::shape& shape, const plan::migration& m) {
  for (const auto& c : m.companions) {
    auto captured = std::find_if(shape.constraints.begin(), shape.constraints.end(), [&](const auto& x) { return x.name == c.name; });
    if (captured != shape.constraints.end() && c.validated && !captured->validated) {
      captured->validated = true;
      if (constexpr std::string_view suffix = " NOT VALID"; captured->definition.ends_with(suffix))
        captured->definition.resize(captured->definition.size() - suffix.size());
    }
    bool late = c.late && c.kind == plan::companion_kind::foreign_key;
    if (!late && (!c.has_index() || (c.kind == plan::companion_kind::index && !c.unique))) continue;
    core::constraint promised;
    for (const auto& original : m.old_version().shape.constraints)
      if (!c.added && original.name == c.name) {
        promised = original;
        for (auto& column : promised.columns)
          column = m.successor_of(column);
      }
    for (const auto& planned : m.new_version().shape.constraints)
      if (c.added && planned.name == c.name) promised = planned;
    promised.name = c.name;
    promised.kind = c.kind == plan::companion_kind::index ? "unique index" : std::string(plan::name_of(c.kind));
    if (!late)
      promised.definition = c.kind == plan::companion_kind::index ? fmt::format("ON {} {}", shape.relation.sql(), c.shown) : c.shown;
    shape.constraints.push_back(std::move(promised));
  }
  for (const auto& d : m.dropped)
    std::erase_if(shape.constraints, [&](const auto& x) { return x.name == d.name; });
  core::canonicalize(shape);
}

// The shape that completion will give to the table, as the catalogs will then say it: completed and put back.
core::shape rehearsed_shape(const registry::contract& contract, const plan::migration& m) {
  auto aside = stepping_aside(contract, m);
  // What is not there yet cannot be rehearsed: indexes are built later, and an identity stands on a proven NOT NULL.
  auto rehearsed = m;
  std::erase_if(rehearsed.companions, [](const auto& c) { return c.has_index() || c.kind == plan::companion_kind::statistics; });
  std::erase_if(rehearsed.companions, [](const auto& c) { return c.late; });
  rehearsed.sequences.clear();
  auto steps = plan::complete_steps(rehearsed);
  // NOT NULL is proven only once no row is pending.
  std::erase_if(steps.statements, [](const auto& s) { return s.sql.find(" SET NOT NULL") != std::string::npos; });
  core::shape shape;
  reported_error error;
  bool kept = subtransaction(
      [&] {
        run(aside, contract.relation);
        run(steps.statements, contract.relation);
        shape = registry::capture_shape(contract.relation);
        throw failure("AC000", "rehearsed");
      },
      error);
  if (kept || error.sqlstate != "AC000") throw failure(error.sqlstate, error.message, error.detail, error.hint);

  // In the order of the view, with the promises that could not be rehearsed.
  const auto& planned = m.new_version().shape;
  std::vector<core::column> columns;
  for (const auto& column : planned.columns)
    if (auto* captured = shape.find_column(column.name)) {
      columns.push_back(*captured);
      columns.back().not_null = column.not_null;
      columns.back().identity = column.identity;
    }
  shape.columns = std::move(columns);
  promise_companions(shape, m);
  return shape;
}

// The planned shape has defaults as the user wrote them; the catalogs have them in their own words.
void adopt_texts(plan::live_version& version, const core::shape& promised) {
  for (auto& column : version.shape.columns)
    if (const auto* captured = promised.find_column(column.name)) {
      auto& mapped = *std::find_if(version.columns.begin(), version.columns.end(), [&](const auto& c) { return c.name == column.name; });
      if (mapped.view_default && mapped.view_default == column.default_expression) mapped.view_default = captured->default_expression;
      column.default_expression = captured->default_expression;
    }
}

std::optional<record> identical(const std::vector<record>& live, const stage_arguments& a) {
  for (const auto& r : live)
    if (r.state != "completed" && r.ddl == a.ddl && r.up == a.up && r.down == a.down &&
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
  relation = contract.relation;  // the user may have named a version's view
  require_owner(contract);

  lock_table(relation, ShareUpdateExclusiveLock, limits);
  auto live = migrations_of(contract.id);
  if (auto same = identical(live, asked)) {
    spi::notice(
        fmt::format("migration {} of contract \"{}\" to version {} is staged already", same->id, contract.display(), same->to_version));
    return row_of(contract, *same).finish(fcinfo);
  }
  std::int64_t id = next_migration_id();
  auto plan = prepare(contract, asked, id);
  require_owned_keys(plan.made);
  try_on_rows(contract, plan.made);
  if (!plan.announcements.empty()) {
    std::string sentences;
    for (const auto& announcement : plan.announcements)
      sentences += (sentences.empty() ? "" : "  ") + announcement;
    spi::notice(fmt::format("not everything of contract \"{}\" can be the same in version {}", contract.display(),
                            plan.made.new_version().version.text()),
                sentences);
  }

  lock_for_step(plan.made, relation, {.referenced = ShareRowExclusiveLock}, limits);
  run(plan.expand, relation);
  auto promised = rehearsed_shape(contract, plan.made);
  for (auto& version : plan.made.versions)
    if (version.version.major == plan.made.to) adopt_texts(version, promised);

  record r;
  r.id = id;
  r.ddl = asked.ddl;
  r.up = asked.up;
  r.down = asked.down;
  save_new(plan.made, r, promised);
  start_index_jobs(plan.made, plan::index_builds(plan.made));
  catalog::audit({"stage", contract.id, id});
  if (!plan.touches_rows()) try_activate(contract);
  return row_of(contract, *find_migration(id, contract.id)).finish(fcinfo);
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
  auto contract = registry::get_contract(relation);
  relation = contract.relation;  // the user may have named a version's view
  require_owner(contract);
  pg([&] { LockRelationOid(relation, AccessShareLock); });

  // A number that no migration has: what is shown must not use one up.
  auto last = catalog::query("SELECT coalesce(max(id), 0) + 1 FROM accord_catalog.migration");
  auto plan = prepare(contract, asked, last.front().integer(0));
  const auto& m = plan.made;
  result_rows rows;
  int step = 0;
  auto show = [&](const std::string& phase, const std::string& sql, const std::string& lock, const std::string& note) {
    rows.add({std::to_string(++step), phase, sql, lock.empty() ? std::nullopt : std::optional(lock), note});
  };
  auto show_all = [&](const std::vector<plan::statement>& statements) {
    for (const auto& s : statements)
      show(std::string(plan::name_of(s.phase)), s.sql, s.lock, s.purpose);
  };
  for (const auto& announcement : plan.announcements)
    show("announcement", "", "", announcement);
  show_all(plan.expand);
  if (plan.touches_rows())
    show("backfill", fmt::format("CALL accord.backfill({});", core::quote_literal(contract.name.sql())),
         fmt::format("ROW EXCLUSIVE on {}", m.table.display()), "Fills the new version's columns, batch by batch; no client waits for it.");
  for (const auto& c : m.companions)
    for (const auto& build : plan::index_builds(m, c))
      show_all({build.step});
  show_all(plan::late_key_steps(m));
  show_all(plan::validate_steps(m));
  show_all(plan::activate_steps(m));
  auto complete = plan::complete_steps(m);
  show_all(complete.statements);
  show_all(plan::purge_steps(complete.after));
  return rows.finish(fcinfo);
}
