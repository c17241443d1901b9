// See whole_tables.hpp.
#include "server/migration/whole_tables.hpp"

#include <fmt/format.h>

#include "pg/scope.hpp"
#include "plan/errors.hpp"
#include "server/ddl/statement.hpp"
#include "server/migration/other_table.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/own_ddl.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// Only what is called as it was: under another name it is somebody's own.
spi::rows tables_of(std::int64_t migration, const char* role) {
  return catalog::query(
      "SELECT t.relation::oid, t.schema_name, t.table_name FROM accord_catalog.migration_table t"
      "  JOIN pg_class c ON c.oid = t.relation AND c.relname = t.table_name AND c.relkind IN ('r', 'p')"
      "  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = t.schema_name"
      " WHERE t.migration_id = $1::bigint AND t.role = $2 ORDER BY t.relation::oid",
      {migration, role});
}

// Dropping a foreign key locks the table that it references.
std::vector<Oid> with_referenced(const std::vector<Oid>& relations) {
  std::vector<Oid> all;
  for (const auto& row : catalog::query(
           "SELECT unnest($1::oid[]) AS relation UNION SELECT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY "
           "($1::oid[]) ORDER BY relation",
           {spi::oid_array(relations)}))
    all.push_back(row.oid(0));
  return all;
}

}  // namespace

void require_may_drop(const std::vector<Oid>& relations) {
  ddl::catalog_world as_is;
  for (Oid relation : relations) {
    auto name = as_is.name_of(relation).sql();
    if (!rights::owns_relation(relation))
      throw failure(core::sqlstate::insufficient_privilege, fmt::format("must be owner of table {}", name));
    if (auto contract = registry::find_contract(relation)) {
      rights::require_contract_owner(contract->owner, contract->display());
      registry::require_no_live_migration(contract->id, fmt::format("drop table {}", name));
    }
    std::vector<std::string> keys;
    for (const auto& row : catalog::query("SELECT format('foreign key \"%s\" of table %s', conname, conrelid::regclass) FROM pg_constraint"
                                          " WHERE contype = 'f' AND confrelid = $1::oid AND conrelid <> ALL ($2::oid[]) ORDER BY 1",
                                          {relation, spi::oid_array(relations)}))
      keys.push_back(row.text(0));
    if (!keys.empty())
      throw plan::errors::change_not_staged(fmt::format("DROP TABLE {}", name),
                                            fmt::format("Other tables reference it: {}.", plan::errors::listed(keys)),
                                            "Drop these foreign keys first, or drop the tables too.");
  }
}

std::vector<Oid> create_tables(const sorted_script& script, const lock_limits& limits) {
  if (!script.creating.empty()) {  // a foreign key of theirs locks the table that it refers to, and would wait as long as it takes
    std::vector<Oid> relations;
    for (const auto& one : script.by_table)
      relations.push_back(one.contract.relation);
    lock_tables(relations, ShareRowExclusiveLock, limits);
  }
  for (const auto& statement : script.creating)
    spi::execute(statement);
  std::vector<Oid> created;
  for (const auto& name : script.created)
    created.push_back(relation_called(name));
  return created;
}

void beside_new_tables(const sorted_script& script, const std::function<void()>& prepare, const std::function<void()>& f) {
  if (script.creating.empty() && !prepare) return f();
  reported_error error;
  bool kept = subtransaction(
      [&] {
        create_tables(script, {});
        if (prepare) prepare();
        f();
        throw failure("AC000", "shown");
      },
      error);
  if (kept || error.sqlstate != "AC000") throw failure(error.sqlstate, error.message, error.detail, error.hint);
}

void save_whole_tables(std::int64_t migration, const std::vector<Oid>& created, const std::vector<Oid>& dropped) {
  for (const auto& [relations, role] : {std::pair(&created, "created"), std::pair(&dropped, "dropped")})
    for (Oid relation : *relations)
      catalog::execute(
          "INSERT INTO accord_catalog.migration_table SELECT $1::bigint, c.oid, n.nspname, c.relname, $3 FROM pg_class c"
          "  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $2::oid",
          {migration, relation, role});
}

void require_dropped_unused(std::int64_t migration) {
  for (const auto& row : tables_of(migration, "dropped")) {
    auto contract = registry::find_contract(row.oid(0));
    if (!contract) continue;
    auto names = registry::subscribers(registry::subscriptions(contract->id), [](const auto&) { return true; });
    if (names.empty()) continue;
    std::vector<std::string> shown;
    for (const auto& name : registry::visible_consumers(*contract, names))
      shown.push_back(plan::errors::quoted(name));
    throw failure(
        core::sqlstate::version_in_use, fmt::format("contract \"{}\", whose table goes, is still in use", contract->display()),
        fmt::format("Consumers subscribed to it: {}.", shown.empty() ? std::to_string(names.size()) : plan::errors::listed(shown)),
        "End their subscriptions with accord.unsubscribe.");
  }
}

void drop_whole_tables(std::int64_t migration, const char* role, const lock_limits& limits) {
  auto rows = tables_of(migration, role);
  std::vector<Oid> relations;
  for (const auto& row : rows)
    relations.push_back(row.oid(0));
  if (!relations.empty()) {
    lock_tables(with_referenced(relations), AccessExclusiveLock, limits);
    std::string list;
    for (const auto& row : rows)
      list += (list.empty() ? "" : ", ") + core::qualified_name{row.text(1), row.text(2)}.sql();
    own_ddl ours;
    pinned_search_path path;
    as_user identity(extension_owner());
    spi::execute("DROP TABLE " + list);
  }
  for (const auto& row : rows)
    registry::relation_dropped(row.oid(0), {row.text(1), row.text(2)});
  catalog::execute("DELETE FROM accord_catalog.migration_table WHERE migration_id = $1::bigint", {migration});
}

}  // namespace accord::migration
