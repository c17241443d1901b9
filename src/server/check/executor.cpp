// executor.  See executor.hpp.
#include "server/check/executor.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "core/failure.hpp"
#include "pg/spi.hpp"
#include "server/ddl/source.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

// What a script can call by name: a function before a parenthesis, or as if it were a column, behind a dot.
struct called {
  std::set<std::string> functions, operators, qualifiers;
};

bool is_operator(std::string_view token) {
  return !token.empty() && token.find_first_not_of("+-*/<>=~!@#%^&|`?") == std::string_view::npos;
}

called called_by(const std::string& script) {
  memory_scope scope("accord called");
  ddl::source text(script);
  const auto& t = text.tokens();
  auto word = [&](std::size_t i) { return i < t.size() ? text.word(t[i]) : std::string_view(); };
  called c;
  for (std::size_t i = 0; i < t.size(); i++) {
    if (is_operator(word(i))) c.operators.insert(std::string(word(i)));
    auto name = identifier(word(i));
    if (name.empty()) continue;
    if (word(i + 1) == ".") c.qualifiers.insert(name);
    if (word(i + 1) == "(" || (i > 0 && word(i - 1) == ".")) c.functions.insert(std::move(name));
  }
  return c;
}

// Of everything with an expression that a statement on the clones may evaluate: who wrote it, and which function of whose it calls.  What the
// script itself calls is its function's owner's.  Of PostgreSQL's own functions only those count that run queries that they are given; called by
// the script they are nobody's.
constexpr const char* others_code = R"(
WITH RECURSIVE relation AS (
    SELECT c.oid, c.relowner, c.relkind FROM pg_class c WHERE c.oid = ANY ($1::oid[])
), type(oid) AS (
    SELECT unnest($2::oid[])
    UNION SELECT a.atttypid FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 WHERE a.atttypid >= 16384
    UNION SELECT t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
           WHERE t.typname = ANY ($3::name[]) AND n.nspname = ANY ($4::name[]) AND t.oid >= 16384
    UNION SELECT x.oid FROM type JOIN pg_type t ON t.oid = type.oid LEFT JOIN pg_range g ON g.rngtypid = t.oid
            LEFT JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0, unnest(ARRAY [t.typbasetype, t.typelem, g.rngsubtype, a.atttypid]) x(oid)
           WHERE x.oid >= 16384
), tree(owner, what, text) AS (
    SELECT r.relowner, 'index ' || i.indexrelid::regclass, concat(i.indexprs, i.indpred) FROM relation r JOIN pg_index i ON i.indrelid = r.oid
     WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
    UNION ALL SELECT r.relowner, format('constraint %I of %s', k.conname, r.oid::regclass), k.conbin::text FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid
    UNION ALL SELECT r.relowner, format('a default of %s', r.oid::regclass), d.adbin::text FROM relation r JOIN pg_attrdef d ON d.adrelid = r.oid
    UNION ALL SELECT r.relowner, format('the partition key of %s', r.oid::regclass), p.partexprs::text FROM relation r JOIN pg_partitioned_table p ON p.partrelid = r.oid
    UNION ALL SELECT r.relowner, format('statistics on %s', r.oid::regclass), s.stxexprs::text FROM relation r JOIN pg_statistic_ext s ON s.stxrelid = r.oid
    UNION ALL SELECT r.relowner, format('policy %I of %s', p.polname, r.oid::regclass), concat(p.polqual, p.polwithcheck) FROM relation r JOIN pg_policy p ON p.polrelid = r.oid
    UNION ALL SELECT r.relowner, format('a rule of %s', r.oid::regclass), concat(w.ev_qual, w.ev_action) FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid
    UNION ALL SELECT t.typowner, format('domain %s', t.oid::regtype), concat(t.typdefaultbin, ' ', k.trees) FROM type JOIN pg_type t ON t.oid = type.oid,
                     LATERAL (SELECT string_agg(k.conbin::text, ' ') AS trees FROM pg_constraint k WHERE k.contypid = t.oid) k WHERE t.typtype = 'd'
), call AS (
    SELECT DISTINCT t.owner, t.what, coalesce(o.oprcode::oid, m.id) AS function
      FROM tree t, regexp_matches(t.text, ':(funcid|aggfnoid|winfnoid|opno|opnos \(o) (\d[\d ]*)', 'g') AS found(parts),
           LATERAL (SELECT found.parts[1] LIKE 'op%' AS is_operator, unnest(string_to_array(trim(found.parts[2]), ' '))::oid AS id) m
      LEFT JOIN pg_operator o ON m.is_operator AND o.oid = m.id
     WHERE t.text <> ''
    UNION ALL SELECT CASE WHEN p.oid >= 16384 THEN p.proowner END, 'the script', p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           WHERE p.proname = ANY ($5::name[]) AND n.nspname = ANY ($4::name[] || 'pg_catalog'::name)
    UNION ALL SELECT p.proowner, 'the script', p.oid FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode WHERE o.oprname = ANY ($6::name[]) AND o.oid >= 16384
    UNION ALL SELECT p.proowner, 'a cast', p.oid FROM type JOIN pg_cast c ON type.oid IN (c.castsource, c.casttarget) JOIN pg_proc p ON p.oid = c.castfunc
)
SELECT DISTINCT coalesce(c.owner, 0), c.what, p.proowner, p.oid::regproc::text, coalesce(w.rolsuper, false), f.rolsuper
  FROM call c JOIN pg_proc p ON p.oid = c.function LEFT JOIN pg_authid w ON w.oid = c.owner JOIN pg_authid f ON f.oid = p.proowner
 WHERE p.oid >= 16384 OR p.prosrc ~ '_to_xml|^ts_stat|^tsquery_rewrite_query'
 ORDER BY 2, 4)";

// Whether the long query can find anything: most databases belong to one role.
constexpr const char* others_exist = R"(
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_authid o ON o.oid = c.relowner WHERE c.oid = ANY ($1::oid[]) AND NOT o.rolsuper AND o.oid <> $2::oid)
    OR EXISTS (SELECT FROM pg_type t JOIN pg_authid o ON o.oid = t.typowner WHERE t.oid >= 16384 AND t.typtype = 'd' AND NOT o.rolsuper AND o.oid <> $2::oid)
    OR EXISTS (SELECT FROM pg_proc p JOIN pg_authid o ON o.oid = p.proowner WHERE p.oid >= 16384 AND NOT o.rolsuper AND o.oid <> $2::oid))";

bool runs_queries(const std::string& function) {
  return function.find("_to_xml") != std::string::npos || function == "ts_stat" || function == "ts_rewrite";
}

bool others_can_matter(const closure& c, const called& by_script, Oid caller) {
  if (std::any_of(by_script.functions.begin(), by_script.functions.end(), runs_queries)) return true;
  return spi::query(others_exist, {spi::oid_array(c.relations), caller}).front().boolean(0);
}

struct call {
  Oid owner;
  std::string what;
  Oid function_owner;
  std::string function;
  bool by_superuser, superusers_function;

  // A table's owner may be bothered by what he put into it himself; and whatever superusers wrote could do anything already.
  bool may_run_as(Oid user) const {
    return (OidIsValid(owner) && owner == user) || (by_superuser && (function_owner == user || superusers_function));
  }
};

}  // namespace

executor executor_for(const closure& c, const std::string& script, const std::vector<std::string>& searched) {
  called script_calls = called_by(script);
  words w = words_of(script);
  std::set<std::string> schemas(searched.begin(), searched.end());
  schemas.insert(script_calls.qualifiers.begin(), script_calls.qualifiers.end());
  Oid caller = GetUserId();
  std::vector<call> calls;
  {
    pinned_search_path path;
    as_user extension(extension_owner());  // pg_authid
    if (!others_can_matter(c, script_calls, caller)) return {caller, false};
    for (const auto& row : spi::query(
             others_code, {spi::oid_array(c.relations), spi::oid_array(c.types), spi::set_literal(w.identifiers), spi::set_literal(schemas),
                           spi::set_literal(script_calls.functions), spi::set_literal(script_calls.operators)}))
      calls.push_back({row.oid(0), row.text(1), row.oid(2), row.text(3), row.boolean(4), row.boolean(5)});
  }
  auto first = std::find_if(calls.begin(), calls.end(), [&](const call& one) { return !one.may_run_as(caller); });
  if (first == calls.end()) return {caller, false};
  Oid owner = first->owner;
  bool may_act = OidIsValid(owner) && pg([&] { return has_privs_of_role(caller, owner); });
  for (const auto& one : calls)
    if (!may_act || !one.may_run_as(owner))
      throw core::failure(nobodys, fmt::format("not executed: {} calls function {}, which must not run with your rights",
                                               (may_act ? one : *first).what, (may_act ? one : *first).function));
  return {owner, true};
}

}  // namespace accord::check
