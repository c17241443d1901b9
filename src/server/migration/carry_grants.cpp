// What GRANT gives on a migrating table reaches the views of its versions, as if it had been given before the table was staged; what GRANT and
// REVOKE say of a replaced column reaches the column that stands in for it.
//
// For a version view REVOKE needs nothing more: it is security_invoker, so that the table's own rights count as well.
#include <algorithm>

#include "plan/view_sql.hpp"
#include "server/ddl/statement.hpp"
#include "server/ddl/tree.hpp"
#include "server/migration/children.hpp"
#include "server/migration/facts.hpp"
#include "server/migration/release_views.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// Those of the statement's tables that have a contract.
std::vector<registry::contract> granted_contracts(GrantStmt* grant) {
  std::vector<registry::contract> found;
  if (grant->objtype != OBJECT_TABLE) return found;
  if (grant->targtype == ACL_TARGET_OBJECT) {
    ddl::catalog_world as_is;
    for (const auto& statement : ddl::concerned(reinterpret_cast<Node*>(grant), as_is))
      if (OidIsValid(statement.relation))
        if (auto contract = registry::find_contract(statement.relation)) found.push_back(std::move(*contract));
  } else if (grant->targtype == ACL_TARGET_ALL_IN_SCHEMA) {
    for (const auto& row : catalog::query("SELECT k.id FROM accord_catalog.contract k JOIN pg_class c ON c.oid = k.relation"
                                          "  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY ($1::name[])",
                                          {spi::array_literal(ddl::strings(grant->objects))}))
      found.push_back(registry::get_contract_by_id(row.integer(0)));
  }
  return found;
}

// A column has the rights of the one that it stands in for: before completion that of the old version can be named, after it the new one.
void carry_to_columns(const registry::contract& contract) {
  for (const auto& r : migrations_of(contract.id)) {
    auto m = load(contract, r);
    std::vector<plan::statement> statements;
    for (const auto& t : m.transforms) {
      if (t.old_columns.size() != 1 || t.new_columns.size() != 1) continue;
      const auto& old_column = m.old_version().find(t.old_columns[0])->physical;
      const auto& new_column = m.new_version().find(t.new_columns[0])->physical;
      bool completed = r.state == "completed";
      for (const auto& row : catalog::query(
               "WITH rights AS (SELECT a.attname, e.privilege_type AS kind, CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE "
               "quote_ident(pg_get_userbyid(e.grantee)) END AS role, e.is_grantable"
               "    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) e"
               "   WHERE a.attrelid = $1::oid AND a.attname IN ($2::name, $3::name) AND e.grantee <> c.relowner),"
               " wanted AS (SELECT kind, role, is_grantable FROM rights WHERE attname = $2::name),"
               " had AS (SELECT kind, role, is_grantable FROM rights WHERE attname = $3::name)"
               "SELECT format('REVOKE %s (%I) ON %s FROM %s CASCADE', kind, $3::name, $4::text, role), 1 FROM (TABLE had EXCEPT TABLE "
               "wanted) x"
               " UNION ALL SELECT format('GRANT %s (%I) ON %s TO %s%s', kind, $3::name, $4::text, role, CASE WHEN is_grantable THEN ' WITH "
               "GRANT OPTION' ELSE '' END), 2 FROM (TABLE wanted EXCEPT TABLE had) x ORDER BY 2, 1",
               {contract.relation, completed ? new_column : old_column, completed ? old_column : new_column, contract.name.sql()}))
        statements.push_back({.sql = row.text(0), .runner = plan::runner::owner});
    }
    run(statements, contract.relation);
  }
}

// Tables below a migrating one have column privileges of their own.
std::vector<registry::contract> granted_children(GrantStmt* grant) {
  std::vector<registry::contract> found;
  if (grant->objtype != OBJECT_TABLE || grant->targtype != ACL_TARGET_OBJECT) return found;
  ddl::catalog_world as_is;
  for (const auto& statement : ddl::concerned(reinterpret_cast<Node*>(grant), as_is))
    if (Oid above = registry::migrating_table_above(statement.relation); OidIsValid(above))
      found.push_back(about_child(registry::get_contract(above), statement.relation));
  return found;
}

void carry(const registry::contract& contract) {
  if (migrations_of(contract.id).empty()) return;
  const auto privileges = table_privileges(contract.relation);
  for (const auto& version : live_versions(contract)) {
    // The next version is closed until its rows are filled; accord.activate opens it.
    auto status = catalog::query(
        "SELECT to_regclass($3)::oid FROM accord_catalog.contract_version"
        " WHERE contract_id = $1::bigint AND major = $2::integer AND status IN ('active', 'deprecated')",
        {contract.id, version.version.major, version.view.sql()});
    if (status.empty() || status.front().is_null(0)) continue;
    auto had = table_privileges(status.front().oid(0));
    std::vector<core::privilege> missing;
    for (const auto& privilege : privileges)
      if (std::find(had.begin(), had.end(), privilege) == had.end()) missing.push_back(privilege);
    std::vector<plan::statement> statements;
    for (auto& sql : plan::grant_view(version, missing))
      statements.push_back({.sql = std::move(sql)});
    run(statements, contract.relation);
  }
}

}  // namespace

}  // namespace accord::migration

using namespace accord;

ACCORD_FUNCTION(accord_carry_grants) {
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) throw core::failure("39P03", "the function can be called by an event trigger only");
  Node* tree = reinterpret_cast<EventTriggerData*>(fcinfo->context)->parsetree;
  if (own_ddl::active() || !IsA(tree, GrantStmt)) PG_RETURN_VOID();
  auto* grant = reinterpret_cast<GrantStmt*>(tree);
  for (const auto& contract : migration::granted_contracts(grant)) {
    if (grant->is_grant) {
      migration::carry(contract);
      migration::carry_to_releases(contract);
    }
    migration::carry_to_columns(contract);
  }
  for (const auto& child : migration::granted_children(grant))
    migration::carry_to_columns(child);
  PG_RETURN_VOID();
}
