// See release_views.hpp.
#include "server/migration/release_views.hpp"

#include <fmt/format.h>

#include "plan/errors.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// Views of the contract $1, whose table is $2, with the version that each shows.
constexpr const char* over_contract =
    "SELECT DISTINCT v.oid, format('%I.%I', n.nspname, v.relname) AS name, s.major, s.is_release"
    "  FROM (SELECT r.schema_name, k.major, true FROM accord_catalog.release_contract k JOIN accord_catalog.release r ON r.id = "
    "k.release_id"
    "         WHERE k.contract_id = $1::bigint"
    "        UNION ALL SELECT g.schema_name, (g.versions ->> $1::text)::integer, false FROM accord_catalog.generation g"
    "         WHERE g.versions ? $1::text) s(schema_name, major, is_release)"
    "  JOIN pg_namespace n ON n.nspname = s.schema_name JOIN pg_class v ON v.relnamespace = n.oid AND v.relkind = 'v'"
    "  JOIN pg_rewrite w ON w.ev_class = v.oid"
    "  JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass"
    "   AND d.refobjid = $2::oid";

}  // namespace

void require_no_release(const registry::contract& contract, int major, const std::string& version, const std::string& verb) {
  std::vector<std::string> names;
  std::string first;
  for (const auto& row :
       catalog::query("SELECT r.name FROM accord_catalog.release_contract k JOIN accord_catalog.release r ON r.id = k.release_id"
                      " WHERE k.contract_id = $1::bigint AND k.major = $2::integer ORDER BY r.id",
                      {contract.id, major})) {
    if (names.empty()) first = row.text(0);
    names.push_back(plan::errors::quoted(row.text(0)));
  }
  if (names.empty()) return;
  throw failure(core::sqlstate::version_in_use,
                fmt::format("cannot {} version {} of contract \"{}\" because releases show it", verb, version, contract.display()),
                fmt::format("Releases: {}.", plan::errors::listed(names)),
                fmt::format("When no client uses it any more: SELECT accord.drop_release({});", core::quote_literal(first)));
}

std::vector<Oid> views_over(const registry::contract& contract) {
  std::vector<Oid> views;
  for (const auto& row :
       catalog::query(fmt::format("SELECT oid FROM ({}) x GROUP BY oid ORDER BY oid", over_contract), {contract.id, contract.relation}))
    views.push_back(row.oid(0));
  return views;
}

void refresh_view_defaults(const registry::contract& contract) {
  own_ddl ours;
  for (const auto& row : catalog::query(
           fmt::format("SELECT x.name, quote_ident(c.name), c.default_expression FROM ({}) x"
                       "  JOIN accord_catalog.version_column c ON c.contract_id = $1::bigint AND c.major = x.major"
                       "  JOIN pg_attribute a ON a.attrelid = x.oid AND a.attname = c.name"
                       "  LEFT JOIN pg_attrdef f ON f.adrelid = x.oid AND f.adnum = a.attnum"
                       " WHERE pg_get_expr(f.adbin, f.adrelid) IS DISTINCT FROM c.default_expression ORDER BY x.name, c.position",
                       over_contract),
           {contract.id, contract.relation}))
    catalog::execute(fmt::format("ALTER VIEW {} ALTER COLUMN {} {}", row.text(0), row.text(1),
                                 row.is_null(2) ? "DROP DEFAULT" : "SET DEFAULT " + row.text(2)));
}

void carry_to_releases(const registry::contract& contract) {
  own_ddl ours;
  for (const auto& row :
       catalog::query(fmt::format("SELECT format('GRANT %s ON %s TO %s%s', p.kind, x.name, p.role, CASE WHEN p.grantable THEN ' WITH GRANT "
                                  "OPTION' ELSE '' END)"
                                  "  FROM ({}) x, LATERAL ("
                                  "       SELECT e.privilege_type, CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE "
                                  "quote_ident(pg_get_userbyid(e.grantee)) END, e.is_grantable"
                                  "         FROM pg_class c, aclexplode(c.relacl) e"
                                  "        WHERE c.oid = $2::oid AND e.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')"
                                  "       EXCEPT"
                                  "       SELECT e.privilege_type, CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE "
                                  "quote_ident(pg_get_userbyid(e.grantee)) END, e.is_grantable"
                                  "         FROM pg_class c, aclexplode(c.relacl) e WHERE c.oid = x.oid) p(kind, role, grantable)"
                                  " WHERE x.is_release ORDER BY 1",
                                  over_contract),
                      {contract.id, contract.relation}))
    catalog::execute(row.text(0));
}

}  // namespace accord::migration
