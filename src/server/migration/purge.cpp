// purge: the end of a migration, after which there is no way back.
//
// The old version's columns, views and triggers go, and what was made with other names while both were there gets the names that it would have had.
//
// Locking: ACCESS EXCLUSIVE on the tables of the migration, by short tries; no row is read or written, but where columns have
// moved between tables and two clients have met on a row, and where a table that goes can have rows that no other one shows.
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "pg/spi.hpp"
#include "plan/errors.hpp"
#include "plan/steps.hpp"
#include "server/migration/children.hpp"
#include "server/migration/consumer_views.hpp"
#include "server/migration/facts.hpp"
#include "server/migration/locking.hpp"
#include "server/migration/members.hpp"
#include "server/migration/release_views.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"
#include "server/migration/whole_tables.hpp"
#include "server/moves/lost.hpp"
#include "server/moves/pending.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// From 18 on NOT NULL has a name.  ALTER TABLE leaves it as it is, so the column that stays gets that of the one that goes; where complete has
// given that away already, it is one of ours.
struct not_null_names {
  std::vector<Oid> relations;
  std::vector<std::string> columns, names;
};

not_null_names not_null_names_in(const std::vector<Oid>& relations, const plan::migration& m) {
  std::vector<std::string> before, after;
  for (const auto& [old, successor] : m.successions()) {
    before.push_back(m.old_version().find(old)->physical);
    after.push_back(successor);
  }
  not_null_names found;
  for (const auto& row : catalog::query("SELECT k.conrelid, s.after, k.conname FROM pg_constraint k"
                                        "  JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]"
                                        "  JOIN unnest($2::name[], $3::name[]) AS s (before, after) ON s.before = a.attname"
                                        " WHERE k.conrelid = ANY ($1::oid[]) AND k.contype = 'n' AND NOT starts_with(k.conname, '~accord_')"
                                        " ORDER BY array_position($1::oid[], k.conrelid)",
                                        {spi::oid_array(relations), spi::array_literal(before), spi::array_literal(after)})) {
    found.relations.push_back(row.oid(0));
    found.columns.push_back(row.text(1));
    found.names.push_back(row.text(2));
  }
  return found;
}

// What is inherited gets its name together with that of the parent.
void give_back(const not_null_names& kept, Oid table) {
  if (kept.relations.empty()) return;
  std::vector<plan::statement> renames;
  for (const auto& row :
       catalog::query("SELECT format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', k.conrelid::regclass, k.conname, n.name)"
                      "  FROM unnest($1::oid[], $2::name[], $3::name[]) WITH ORDINALITY AS n (relation, attname, name, place)"
                      "  JOIN pg_attribute a ON a.attrelid = n.relation AND a.attname = n.attname"
                      "  JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.conkey = ARRAY[a.attnum] AND k.contype = 'n'"
                      " WHERE k.coninhcount = 0 AND k.conname <> n.name ORDER BY n.place",
                      {spi::oid_array(kept.relations), spi::array_literal(kept.columns), spi::array_literal(kept.names)}))
    renames.push_back({.phase = plan::phase::purge, .sql = row.text(0), .lock = {}, .purpose = {}});
  run(renames, table);
}

// A table that was created below, LIKE one of the tree, while both versions had their checks has copied those of the new one by their names.
void name_copied_checks(Oid child, const plan::migration& m) {
  std::vector<plan::statement> renames;
  for (const auto& c : m.companions)
    if (c.kind == plan::companion_kind::check)
      for (const auto& row :
           catalog::query("SELECT format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', k.conrelid::regclass, k.conname, $3::text)"
                          "  FROM pg_constraint k WHERE k.conrelid = $1::oid AND k.conname = $2::name"
                          "   AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conrelid = k.conrelid AND o.conname = $3::name)",
                          {child, plan::twin_name(m.id, c), c.name}))
        renames.push_back({.phase = plan::phase::purge, .sql = row.text(0), .lock = {}, .purpose = {}});
  run(renames, child);
}

// RENAME COLUMN of a table leaves the columns of its indexes as they are called; they show in \\d+ and in names that LIKE makes of them.
void name_index_columns(Oid relation, const plan::migration& m) {
  std::vector<std::string> from, to;
  for (const auto& column : m.new_version().columns) {
    from.push_back(core::fitted_name(fmt::format("_accord_{}_", m.id), column.name));
    to.push_back(column.physical);
  }
  std::vector<plan::statement> renames;
  // An index of a partitioned table takes those of its partitions along.
  for (const auto& row :
       catalog::query("SELECT format('ALTER TABLE %s RENAME COLUMN %I TO %I', i.indexrelid::regclass, u.old, u.new)"
                      "  FROM (SELECT relid FROM pg_partition_tree($1::oid::regclass) UNION SELECT $1::oid::regclass) t"
                      "  JOIN pg_index i ON i.indrelid = t.relid JOIN pg_attribute a ON a.attrelid = i.indexrelid"
                      "  JOIN unnest($2::name[], $3::name[]) u(old, new) ON u.old = a.attname"
                      " WHERE NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)"
                      "   AND NOT EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = i.indexrelid AND o.attname = u.new)"
                      " ORDER BY i.indexrelid, a.attnum",
                      {relation, spi::array_literal(from), spi::array_literal(to)}))
    renames.push_back({.phase = plan::phase::purge, .sql = row.text(0), .lock = {}, .purpose = {}});
  run(renames, relation);
}

void require_earliest(const member& table) {
  for (const auto& other : migrations_of(table.contract.id))
    if (other.id < table.r.id)
      throw failure(core::sqlstate::migration_refused, fmt::format("the migration to version {} must be purged first", other.to_version),
                    {}, fmt::format("The next step is: {}", next_step(table.contract, other)));
}

void require_nobody_on_old(const member& table, const plan::migration& m) {
  require_no_release(table.contract, m.from, table.r.from_version, "purge");
  std::vector<std::string> physical;
  for (const auto& name : m.replaced_columns())
    physical.push_back(m.old_version().find(name)->physical);
  release_consumer_views(table.contract, physical, table.r.from_version, table.r.to_version);
  auto objects = dependents_in_tree(table.contract.relation, m, physical, {m.old_version().view});
  if (!objects.empty())
    throw failure("2BP01", fmt::format("cannot purge version {} because other objects depend on it", table.r.from_version),
                  fmt::format("They stand on its columns or its view: {}.", plan::errors::listed(objects)),
                  "Drop them, or create them again on the new version.");
}

void require_nothing_lost(const plan::migration& m, bool locked) {
  for (const auto& lost : rows_lost_by_purge(m, locked))
    throw failure(
        core::sqlstate::migration_refused, fmt::format("purge would lose {}", lost.shown()),
        fmt::format("No row of table \"{}\" shows what {}: {}{}.", m.table.name, lost.count == 1 ? "it holds" : "they hold",
                    plan::errors::listed(lost.samples), lost.samples.size() < static_cast<std::size_t>(lost.count) ? " and others" : ""),
        fmt::format("Keep elsewhere what is needed of them, and let them go: SELECT accord.purge({}, force => true);",
                    core::quote_literal(m.table.sql())));
}

void advise(const registry::contract& table, std::size_t dropped) {
  if (dropped == 0) return;
  spi::notice(
      fmt::format("the space of {} dropped {} comes back as rows are rewritten", dropped, dropped == 1 ? "column" : "columns"), {},
      fmt::format(
          "Dropped columns count towards the limit of 1600.  Where the space matters, rewrite the table in a quiet hour: VACUUM FULL {};",
          table.name.sql()));
}

}  // namespace

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

ACCORD_FUNCTION(accord_purge) {
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  auto to_version = args.optional_text(1);
  bool force = args.optional_boolean(2).value_or(false);
  auto limits = limits_from(fcinfo, 3, 4);
  auto contract = registry::get_contract(relation);
  relation = contract.relation;  // the user may have named a version's view
  rights::require_contract_owner(contract.owner, contract.display());

  auto tables = members_of(choose(contract, to_version, {"completed"}, "be purged").id);
  require_owner_of_all(tables);
  lock_members(tables, ShareUpdateExclusiveLock, limits);
  auto r = choose(contract, to_version, {"completed"}, "be purged");
  tables = members_of(r.id);
  for (const auto& table : tables)
    require_earliest(table);
  auto loaded = load_all(tables);
  for (std::size_t i = 0; i < tables.size(); i++)
    require_nobody_on_old(tables[i], loaded[i]);
  for (const auto& m : loaded) {
    fill_moved_rows(m);
    if (!force) require_nothing_lost(m, false);
  }

  lock_for_step(step_tables(tables, loaded), {AccessExclusiveLock, AccessExclusiveLock}, limits);
  for (const auto& m : loaded) {
    if (was_left_pending()) fill_moved_rows(m);
    if (!force) require_nothing_lost(m, true);
  }
  for (std::size_t i = 0; i < tables.size(); i++)
    run(plan::drop_key_steps(loaded[i], plan::phase::purge), tables[i].contract.relation);
  result_rows rows;
  for (std::size_t i = 0; i < tables.size(); i++) {
    const auto& [table, own] = tables[i];
    auto steps = plan::purge_steps(loaded[i]);
    spare_foreign_objects(steps, loaded[i]);
    auto relations = children_of(table.relation);
    relations.insert(relations.begin(), table.relation);
    const auto not_null = not_null_names_in(relations, loaded[i]);
    run(steps, table.relation);
    give_back(not_null, table.relation);
    for (Oid one : relations) {
      if (one != table.relation) name_copied_checks(one, loaded[i]);
      name_index_columns(one, loaded[i]);
    }
    drop_columns(table.id, loaded[i].from);
    drop_work(r.id, table.id);
    set_version_status(table.id, loaded[i].from, "{active,deprecated}", "retired");
    catalog::audit({"purge", table.id, r.id, force ? R"({"force": true})" : "{}"});
    advise(table, loaded[i].replaced_columns().size());
    rows.add({std::to_string(r.id), std::to_string(table.relation), own.from_version, own.to_version, "purged"});
  }
  drop_whole_tables(r.id, "dropped", limits);
  set_state(r.id, "purged");
  return rows.finish(fcinfo);
}
