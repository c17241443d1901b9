// See dependents.hpp.
#include "server/migration/dependents.hpp"

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

std::vector<std::string> dependents_of_view(const core::qualified_name& view) {
  std::vector<std::string> found;
  for (const auto& row : catalog::query(
           "SELECT DISTINCT CASE WHEN d.classid = 'pg_rewrite'::regclass THEN pg_describe_object('pg_class'::regclass, r.ev_class, 0)"
           "                     ELSE pg_describe_object(d.classid, d.objid, 0) END AS object"
           "  FROM pg_class v JOIN pg_namespace n ON n.oid = v.relnamespace"
           "  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid AND d.deptype = 'n'"
           "  LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid"
           " WHERE n.nspname = $1::name AND v.relname = $2::name AND r.ev_class IS DISTINCT FROM v.oid ORDER BY 1",
           {view.schema, view.name}))
    found.push_back(row.text(0));
  return found;
}

}  // namespace

std::vector<std::string> dependents(Oid relation, const plan::migration& m, const std::vector<std::string>& physical,
                                    const std::vector<core::qualified_name>& views) {
  std::vector<std::string> alone = m.added_columns();  // publications follow those that one version has in place of the other's
  for (const auto& [before, after] : m.successions())
    std::erase(alone, m.new_version().find(after)->physical);
  for (const auto& name : m.replaced_columns())
    if (m.successor_of(name).empty()) alone.push_back(m.old_version().find(name)->physical);
  std::vector<std::string> found, triggers, policies;
  for (const auto& c : m.companions) {
    if (c.kind == plan::companion_kind::trigger) triggers.push_back(c.name);
    if (c.kind == plan::companion_kind::policy) policies.push_back(c.name);
  }
  for (const auto& row : catalog::query(
           "SELECT DISTINCT CASE WHEN d.classid = 'pg_rewrite'::regclass AND r.rulename = '_RETURN'"
           "                     THEN pg_describe_object('pg_class'::regclass, r.ev_class, 0)"
           "                     ELSE pg_describe_object(d.classid, d.objid, 0) END AS object"
           "  FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
           "  LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid"
           "  LEFT JOIN pg_class v ON v.oid = r.ev_class LEFT JOIN pg_namespace n ON n.oid = v.relnamespace"
           " WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND a.attname = ANY ($2::name[])"
           "   AND (d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass)"
           "        OR d.classid = 'pg_publication_rel'::regclass AND a.attname = ANY ($5::name[]))"
           "   AND NOT EXISTS (SELECT FROM pg_trigger g WHERE d.classid = 'pg_trigger'::regclass AND g.oid = d.objid AND g.tgname = ANY "
           "($3::name[]))"
           "   AND NOT EXISTS (SELECT FROM pg_policy y WHERE d.classid = 'pg_policy'::regclass AND y.oid = d.objid AND y.polname = ANY "
           "($4::name[]))"
           // Our own views: those of versions, of consumers and of releases.
           "   AND NOT coalesce(n.nspname IN (SELECT from_schema FROM accord_catalog.migration_relation WHERE from_schema IS NOT NULL"
           "                                  UNION SELECT to_schema FROM accord_catalog.migration_relation WHERE to_schema IS NOT NULL"
           "                                  UNION SELECT schema_name FROM accord_catalog.generation"
           "                                  UNION SELECT schema_name FROM accord_catalog.release), false)"
           " ORDER BY 1",
           {relation, spi::array_literal(physical), spi::array_literal(triggers), spi::array_literal(policies), spi::array_literal(alone)}))
    found.push_back(row.text(0));
  for (const auto& view : views)
    for (auto& object : dependents_of_view(view))
      found.push_back(std::move(object));
  return found;
}

functions_naming functions_that_name(Oid relation, const std::vector<std::string>& columns) {
  functions_naming found;
  if (columns.empty()) return found;
  for (const auto& row : catalog::query(
           "WITH word AS (SELECT '\\m' || regexp_replace(name, '([^[:alnum:]_])', '\\\\\\1', 'g') || '\\M' AS pattern FROM "
           "unnest($2::text[]) AS name)"
           "SELECT format('%s', p.oid::regprocedure), t.oid IS NOT NULL"
           "  FROM pg_proc p LEFT JOIN (SELECT DISTINCT tgfoid AS oid FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal) t ON "
           "t.oid = p.oid"
           "  JOIN pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('internal', 'c')"
           "  JOIN pg_class c ON c.oid = $1::oid"
           " WHERE p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'accord'::regnamespace, "
           "'accord_catalog'::regnamespace)"
           "   AND EXISTS (SELECT FROM word WHERE p.prosrc ~ word.pattern)"
           "   AND (t.oid IS NOT NULL OR p.prosrc ~ ('\\m' || regexp_replace(c.relname, '([^[:alnum:]_])', '\\\\\\1', 'g') || '\\M'))"
           " ORDER BY 1",
           {relation, spi::array_literal(columns)}))
    (row.boolean(1) ? found.of_triggers : found.others).push_back(row.text(0));
  return found;
}

}  // namespace accord::migration
