// closure.  See closure.hpp.
#include "server/check/closure.hpp"

#include <set>

#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/registry/made_of.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

using oids = std::set<Oid>;

std::string literal(const oids& set) {
  return spi::oid_array(set);
}

oids found(const spi::rows& rows) {
  oids result;
  for (const auto& row : rows)
    if (!row.is_null(0)) result.insert(row.oid(0));
  return result;
}

bool add(oids& to, const oids& more) {
  std::size_t before = to.size();
  to.insert(more.begin(), more.end());
  return to.size() > before;
}

// Relations of the user's by the words of the script; an index stands for its table, a sequence also for the tables that take their defaults
// from it.
oids named(const reach_of_script& r) {
  static constinit spi::prepared by_word{
      "WITH named AS ("
      "  SELECT c.oid, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      "   WHERE (c.relname = ANY ($1::name[]) AND n.nspname = ANY ($2::name[]) OR n.nspname = ANY ($3::name[]))"
      "     AND c.relpersistence <> 't' AND c.oid >= 16384 AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema',"
      "         'accord', 'accord_catalog'))"
      " SELECT oid FROM named WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
      " UNION SELECT s.stxrelid FROM pg_statistic_ext s WHERE s.stxname = ANY ($1::name[])"
      " UNION SELECT i.indrelid FROM named JOIN pg_index i ON i.indexrelid = named.oid"
      " UNION SELECT d.refobjid FROM named JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = named.oid"
      "     AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') WHERE relkind = 'S'"
      " UNION SELECT a.adrelid FROM named JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = named.oid"
      "     AND d.classid = 'pg_attrdef'::regclass JOIN pg_attrdef a ON a.oid = d.objid WHERE relkind = 'S'"};
  std::set<std::string> schemas(r.schemas.begin(), r.schemas.end());
  schemas.insert(r.w.qualifiers.begin(), r.w.qualifiers.end());
  return found(by_word.run({spi::set_literal(r.w.identifiers), spi::set_literal(schemas), spi::array_literal(r.whole)}));
}

// By the words of statements about types.  `objects`: a query of types, or others that columns depend on, for names $1 in schemas $2, or all in
// schemas $3; `used`: one for what is wanted of these and what is made of them.
oids of_types(const reach_of_script& r, std::string_view objects, const char* used) {
  if (r.of_types.identifiers.empty() && r.whole.empty()) return {};
  std::set<std::string> schemas(r.schemas.begin(), r.schemas.end());
  schemas.insert(r.of_types.qualifiers.begin(), r.of_types.qualifiers.end());
  return found(spi::query(registry::with_made_of(objects) + used,
                          {spi::set_literal(r.of_types.identifiers), spi::set_literal(schemas), spi::array_literal(r.whole)}));
}

oids types_of(const reach_of_script& r) {
  return of_types(
      r,
      "SELECT 'pg_type'::regclass, t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
      " WHERE (t.typname = ANY ($1::name[]) AND n.nspname = ANY ($2::name[]) OR n.nspname = ANY ($3::name[])) AND t.oid >= 16384"
      "   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'accord', 'accord_catalog')"
      "   AND (t.typtype IN ('e', 'd') OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))",
      " SELECT oid FROM used");
}

// Tables with a column of one of the types.
oids users_of_types(const oids& types) {
  if (types.empty()) return {};
  return found(
      spi::query("SELECT DISTINCT c.oid FROM pg_depend d JOIN pg_class c ON c.oid = d.objid"
                 " WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid = ANY ($1::oid[]) AND d.classid = 'pg_class'::regclass"
                 "   AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'",
                 {literal(types)}));
}

// Tables with a column of what is not cloned and has a name all the same: a base type, a collation, or one of an extension's.
oids users_of_kept(const reach_of_script& r) {
  return of_types(
      r,
      "SELECT o.classid, o.oid"
      "  FROM (SELECT 'pg_type'::regclass, oid, typname, typnamespace FROM pg_type WHERE typtype NOT IN ('e', 'd', 'c')"
      "        UNION ALL SELECT 'pg_collation'::regclass, oid, collname, collnamespace FROM pg_collation) o(classid, oid, name, namespace)"
      "  JOIN pg_namespace n ON n.oid = o.namespace"
      " WHERE (o.name = ANY ($1::name[]) AND n.nspname = ANY ($2::name[]) OR n.nspname = ANY ($3::name[])) AND o.oid >= 16384"
      "   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'accord', 'accord_catalog')"
      " UNION SELECT d.classid, d.objid FROM pg_extension e"
      "  JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid"
      " WHERE e.extname = ANY ($1::name[]) AND d.deptype = 'e' AND d.classid IN ('pg_type'::regclass, 'pg_collation'::regclass)",
      " SELECT DISTINCT c.oid FROM used JOIN pg_depend d ON d.refclassid = used.classid AND d.refobjid = used.oid"
      "   JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid"
      "  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't'");
}

oids functions_of(const reach_of_script& r, const oids& types) {
  std::set<std::string> schemas(r.schemas.begin(), r.schemas.end());
  schemas.insert(r.of_functions.qualifiers.begin(), r.of_functions.qualifiers.end());
  if (r.of_functions.identifiers.empty() && types.empty()) return {};
  return found(spi::query(
      "SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
      " WHERE p.oid >= 16384 AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'accord', 'accord_catalog') AND p.prokind IN "
      "('f', 'p')"
      "   AND (p.proname = ANY ($1::name[]) AND n.nspname = ANY ($2::name[])"
      "        OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid"
      "                      AND d.refclassid = 'pg_type'::regclass AND d.refobjid = ANY ($3::oid[])))",
      {spi::set_literal(r.of_functions.identifiers), spi::set_literal(schemas), literal(types)}));
}

// Tables of which one of the functions is a trigger, a default, a check, a policy or in an index.
oids users_of_functions(const oids& functions) {
  if (functions.empty()) return {};
  return found(
      spi::query("SELECT coalesce(t.tgrelid, a.adrelid, k.conrelid, p.polrelid, i.indrelid, r.ev_class)"
                 "  FROM pg_depend d"
                 "  LEFT JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid"
                 "  LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid"
                 "  LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND k.conrelid <> 0"
                 "  LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid"
                 "  LEFT JOIN pg_index i ON d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid"
                 "  LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid"
                 " WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = ANY ($1::oid[])"
                 "   AND coalesce(t.tgrelid, a.adrelid, k.conrelid, p.polrelid, i.indrelid, r.ev_class) >= 16384",
                 {literal(functions)}));
}

oids tree_of(const oids& relations) {
  static constinit spi::prepared statement{
      "WITH RECURSIVE tree(oid) AS ("
      "  SELECT unnest($1::oid[]) UNION"
      "  SELECT CASE WHEN h.inhrelid = tree.oid THEN h.inhparent ELSE h.inhrelid END"
      "    FROM tree JOIN pg_inherits h ON h.inhrelid = tree.oid OR h.inhparent = tree.oid)"
      " SELECT oid FROM tree"};
  return relations.empty() ? oids{} : found(statement.run({literal(relations)}));
}

oids partners_of(const oids& relations, bool referencing_only) {
  static constinit spi::prepared statement{
      "SELECT conrelid FROM pg_constraint WHERE contype = 'f' AND confrelid = ANY ($1::oid[])"
      " UNION SELECT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY ($1::oid[]) AND NOT $2::boolean"};
  return found(statement.run({literal(relations), referencing_only}));
}

oids views_on(const oids& relations) {
  static constinit spi::prepared statement{
      "WITH RECURSIVE dependent(oid) AS ("
      "  SELECT unnest($1::oid[]) UNION"
      "  SELECT r.ev_class FROM dependent JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = dependent.oid"
      "     AND d.classid = 'pg_rewrite'::regclass JOIN pg_rewrite r ON r.oid = d.objid)"
      " SELECT oid FROM dependent"};
  return found(statement.run({literal(relations)}));
}

// What views among them read, to the bottom.
oids bases_of(const oids& relations) {
  static constinit spi::prepared statement{
      "WITH RECURSIVE base(oid) AS ("
      "  SELECT unnest($1::oid[]) UNION"
      "  SELECT d.refobjid FROM base JOIN pg_class c ON c.oid = base.oid AND c.relkind IN ('v', 'm')"
      "    JOIN pg_rewrite r ON r.ev_class = c.oid JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid"
      "     AND d.refclassid = 'pg_class'::regclass)"
      " SELECT oid FROM base"};
  return found(statement.run({literal(relations)}));
}

// Tables with a column of the row type of one of the relations, or an array of it.
oids users_of_rows(const oids& relations) {
  static constinit spi::prepared statement{
      "SELECT d.objid FROM pg_type t JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)"
      "    AND d.classid = 'pg_class'::regclass AND d.deptype = 'n'"
      "  JOIN pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
      " WHERE t.typrelid = ANY ($1::oid[])"};
  return found(statement.run({literal(relations)}));
}

oids owned_sequences(const oids& relations) {
  static constinit spi::prepared statement{
      "SELECT d.objid FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'"
      " WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY ($1::oid[]) AND d.deptype = "
      "'a'"};
  return found(statement.run({literal(relations)}));
}

// Without the views of contract versions and what belongs to no user.
oids cloneable(const oids& relations) {
  static constinit spi::prepared statement{
      "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.oid = ANY ($1::oid[]) AND c.oid >= 16384 AND c.relpersistence <> 't' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
      "   AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema', 'accord', 'accord_catalog')"
      "   AND NOT (c.relkind = 'S' AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid"
      "                                           AND d.deptype = 'i' AND d.refclassid = 'pg_class'::regclass))"};
  return found(statement.run({literal(relations)}));
}

}  // namespace

std::vector<Oid> users_of(const std::vector<Oid>& types) {
  pinned_search_path path;
  oids users = users_of_types({types.begin(), types.end()});
  return {users.begin(), users.end()};
}

closure closure_of(const reach_of_script& r) {
  pinned_search_path path;
  oids types = types_of(r);
  oids seeds = named(r);
  add(seeds, users_of_types(types));
  add(seeds, users_of_kept(r));
  oids functions = functions_of(r, types);
  add(seeds, users_of_functions(functions));
  add(seeds, users_of_rows(seeds));
  add(seeds, bases_of(seeds));
  if (r.truncates_cascading)
    while (add(seeds, partners_of(seeds, true))) {
    }
  oids all = tree_of(seeds);
  add(all, views_on(all));
  add(all, tree_of(partners_of(all, false)));
  add(all, owned_sequences(all));
  all = cloneable(all);
  return {{all.begin(), all.end()}, {types.begin(), types.end()}, {functions.begin(), functions.end()}};
}

}  // namespace accord::check
