// Tables that come into an inheritance tree, or are dropped, while a migration of it is live.
//
// One that is created with INHERITS has the columns of both versions from the start, and gets the triggers that keep them in step in the same
// command.  One that is dropped takes along what is noted of it, and the work on its indexes that no worker has begun.
#include <fmt/format.h>

#include "plan/child_steps.hpp"
#include "plan/companion_steps.hpp"
#include "plan/errors.hpp"
#include "server/ddl/statement.hpp"
#include "server/migration/children.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

[[noreturn]] void refuse(Oid child, const registry::contract& contract, const std::string& why) {
  throw failure(core::sqlstate::object_not_in_prerequisite_state,
                fmt::format("cannot create table \"{}\" below \"{}\" while a migration of it is live",
                            about_child(contract, child).name.name, contract.display()),
                why, "Finish the migration with accord.complete() and accord.purge(), or undo it with accord.rollback().");
}

bool is_ordinary(Oid relation) {
  return pg([&] { return get_rel_relkind(relation) == RELKIND_RELATION && get_rel_persistence(relation) != RELPERSISTENCE_TEMP; });
}

// Twins are made by stage; what a table brings along serves the version whose columns it is on, as what a table gets meanwhile.
void tell_of_indexes(Oid child, const plan::migration& m, bool completed) {
  std::vector<std::string> columns, names;
  for (const auto& [before, after] : m.successions())
    columns.push_back(completed ? m.new_version().find(after)->physical : m.old_version().find(before)->physical);
  for (const auto& row : catalog::query("SELECT DISTINCT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
                                        "  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::smallint[])"
                                        " WHERE i.indrelid = $1::oid AND a.attname = ANY ($2::name[]) ORDER BY 1",
                                        {child, spi::array_literal(columns)}))
    names.push_back(plan::errors::quoted(row.text(0)));
  if (names.empty()) return;
  spi::notice(fmt::format("indexes of a table that is created below a migrating one are those of version {} only: {}",
                          (completed ? m.new_version() : m.old_version()).version.text(), plan::errors::listed(names)),
              completed ? "They go with their columns if the migration is rolled back."
                        : "They go with their columns when the migration is purged; make them again when it is complete.");
}

void adopt(Oid child, Oid above) {
  auto contract = registry::get_contract(above);
  for (const auto& r : migrations_of(contract.id)) {
    if (!r.keeps_in_step) continue;
    if (!is_ordinary(child)) refuse(child, contract, "Rows of a temporary or foreign table cannot be kept in step.");
    auto m = load(contract, r);
    const auto name = about_child(contract, child).name;
    for (const auto& known : m.children)
      if (known.table == name && !is_kept_in_step(child)) run(plan::adopt_steps(known), contract.relation);
    tell_of_indexes(child, m, r.state == "completed");
  }
}

// Each of the parents, since they can be of several trees.
void adopt_created(CreateStmt* create) {
  if (create->inhRelations == NIL || create->partbound) return;
  ddl::catalog_world as_is;
  Oid child = as_is.find(create->relation), found = InvalidOid;
  for (int i = 0; i < list_length(create->inhRelations); i++) {
    Oid above = registry::migrating_table_at(as_is.find(static_cast<RangeVar*>(list_nth(create->inhRelations, i))));
    if (!OidIsValid(above) || above == found) continue;
    if (OidIsValid(found)) refuse(child, registry::get_contract(above), "It inherits from another migrating table too.");
    found = above;
    adopt(child, above);
  }
}

// Indexes by the names that the noted companions of the child have until the version opens.
void forget(Oid child, const std::string& schema) {
  std::vector<std::string> indexes;
  for (const auto& row : catalog::query("SELECT migration_id, kind, name FROM accord_catalog.migration_companion"
                                        " WHERE relation = $1::oid AND role = 'twin'",
                                        {child}))
    indexes.push_back(
        core::qualified_name{schema, plan::twin_name(row.integer(0), plan::companion_kind_of(row.text(1)), row.text(2))}.sql());
  catalog::execute("DELETE FROM accord_catalog.job WHERE kind = 'index' AND state <> 'done' AND argument->>'index' = ANY ($1::text[])",
                   {spi::array_literal(indexes)});
  catalog::execute("DELETE FROM accord_catalog.migration_companion WHERE relation = $1::oid", {child});
  catalog::execute("DELETE FROM accord_catalog.migration_child WHERE relation = $1::oid", {child});
}

}  // namespace

}  // namespace accord::migration

using namespace accord;

ACCORD_FUNCTION(accord_adopt_children) {
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) throw core::failure("39P03", "the function can be called by an event trigger only");
  Node* tree = reinterpret_cast<EventTriggerData*>(fcinfo->context)->parsetree;
  if (own_ddl::active()) PG_RETURN_VOID();
  if (IsA(tree, CreateStmt)) migration::adopt_created(reinterpret_cast<CreateStmt*>(tree));
  if (IsA(tree, CreateForeignTableStmt)) migration::adopt_created(&reinterpret_cast<CreateForeignTableStmt*>(tree)->base);
  PG_RETURN_VOID();
}

ACCORD_FUNCTION(accord_forget_children) {
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) throw core::failure("39P03", "the function can be called by an event trigger only");
  static constinit spi::prepared statement{
      "SELECT DISTINCT d.objid, d.schema_name FROM pg_event_trigger_dropped_objects() d"
      "  JOIN accord_catalog.migration_child c ON c.relation = d.objid"
      " WHERE d.classid = 'pg_class'::regclass AND d.objsubid = 0"};
  for (const auto& row : catalog::run(statement))
    migration::forget(row.oid(0), row.text(1));
  PG_RETURN_VOID();
}
