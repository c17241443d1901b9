// impact: accord.impact, who and what a script would hit.
//
// Which relations the script reaches is what its execution on the clones has shown; who uses them is in the catalogs, and in the text of
// functions.  The query runs as the caller, so that he sees the consumers that he may see.
#include <set>

#include "pg/arguments.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/check/row.hpp"
#include "server/check/script.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

// $1 the relations, $2 to $15 the columns of accord.check's rows.
constexpr const char* impact_sql = R"sql(
WITH RECURSIVE
hit AS (SELECT c.oid, c.relkind, c.relispartition, c.relname, n.nspname, format('%I.%I', n.nspname, c.relname) AS name,
               CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS tuples,
               CASE WHEN c.reltuples >= 0 THEN c.relpages * current_setting('block_size')::bigint END AS size
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')),
rows_of AS (SELECT nullif(u.rule, '') AS rule, u.severity, nullif(u.element, '') AS element, u.statement, nullif(u.locks, '') AS locks,
                   nullif(u.rewrite, '')::boolean AS rewrite, nullif(u.scan, '')::boolean AS scan, nullif(u.bytes, '')::bigint AS bytes,
                   nullif(u.estimate, '')::interval AS estimate, nullif(u.sessions, '') AS sessions, nullif(u.safe_sql, '') AS safe_sql,
                   nullif(u.consumers, '')::name[] AS consumers, u.readers, u.writers, u.number
              FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                          $12::text[], $13::text[], $14::text[], $15::text[]) WITH ORDINALITY
                   u(rule, severity, element, statement, locks, rewrite, scan, bytes, estimate, sessions, safe_sql, consumers, readers, writers, number)),
below AS (
    SELECT i.inhrelid AS oid, h.oid AS through FROM hit h JOIN pg_inherits i ON i.inhparent = h.oid WHERE h.relkind IN ('r', 'p')
    UNION
    SELECT i.inhrelid, b.through FROM below b JOIN pg_inherits i ON i.inhparent = b.oid),
views AS (
    SELECT v.oid, v.relkind, h.oid AS through, 1 AS depth
      FROM hit h JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = h.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.oid <> h.oid AND v.relkind IN ('v', 'm')
    UNION
    SELECT v.oid, v.relkind, w.through, w.depth + 1
      FROM views w JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = w.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.oid <> w.oid AND v.relkind IN ('v', 'm')
     WHERE w.depth < 100),
read AS (  -- what is read where the relation is: itself, and views on it
    SELECT h.oid, h.oid AS through, h.nspname, h.relname FROM hit h WHERE h.relkind <> 'S'
    UNION
    SELECT c.oid, v.through, n.nspname, c.relname FROM views v JOIN pg_class c ON c.oid = v.oid JOIN pg_namespace n ON n.oid = c.relnamespace),
functions AS (
    SELECT DISTINCT ON (u.oid, u.through) u.oid, u.through, u.confidence
      FROM (SELECT p.oid, r.through,
                   CASE WHEN EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                                        AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid
                                             OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (SELECT t.oid FROM pg_type t WHERE t.typrelid = r.oid))) THEN 'certain'
                        WHEN p.prosrc ~* ('(?<!\w)"?' || q.schema || '"?\s*\.\s*"?' || q.name || '"?(?!\w)') THEN 'likely'
                        WHEN p.prosrc ~* ('(?<!\w)' || q.name || '(?!\w)') THEN 'possible' END AS confidence
              FROM read r, pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,
                   LATERAL (SELECT regexp_replace(r.nspname, '\W', '\\\&', 'g') AS schema, regexp_replace(r.relname, '\W', '\\\&', 'g') AS name) q
             WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'accord', 'accord_catalog')) u
     WHERE u.confidence IS NOT NULL ORDER BY u.oid, u.through, u.confidence = 'possible', u.confidence = 'likely'),
consumers AS (SELECT DISTINCT s.consumer, s.contract, s.columns, s.access, s.version,
                     (SELECT string_agg(DISTINCT format('%s: readers %s, writers %s', r.rule, r.readers, r.writers), '; ')
                        FROM rows_of r WHERE s.consumer = ANY (r.consumers)) AS what
                FROM accord.subscriptions s WHERE s.contract::oid IN (SELECT r.oid FROM read r)),
found AS (
    SELECT 1 AS place, CASE WHEN h.relkind = 'S' THEN 'sequence' WHEN h.relkind = 'v' THEN 'view' WHEN h.relkind = 'm' THEN 'materialized view'
                            WHEN h.relispartition THEN 'partition' ELSE 'table' END AS kind, h.name AS object, h.oid AS relation,
           coalesce((SELECT string_agg(DISTINCT split_part(l, ' on ', 1), ', ') FROM rows_of r, regexp_split_to_table(r.locks, ', ') l
                      WHERE l LIKE '% on ' || h.name), 'named') AS effect,
           'certain' AS confidence, coalesce(h.tuples, p.tuples) AS "rows", CASE h.relkind WHEN 'p' THEN p.size ELSE h.size END AS bytes, 'operators' AS audience
      FROM hit h, LATERAL (SELECT sum(c.reltuples) FILTER (WHERE c.reltuples >= 0)::bigint AS tuples,
                                  sum(c.relpages)::bigint * current_setting('block_size')::bigint AS size
                             FROM below b JOIN pg_class c ON c.oid = b.oid AND c.relkind <> 'p' WHERE b.through = h.oid AND h.relkind = 'p') p
    UNION ALL
    SELECT 2, CASE WHEN c.relispartition THEN 'partition' ELSE 'table' END, c.oid::regclass::text, b.through, 'below it', 'certain',
           CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END,
           CASE WHEN c.relkind <> 'p' AND c.reltuples >= 0 THEN c.relpages * current_setting('block_size')::bigint END, 'operators'
      FROM below b JOIN pg_class c ON c.oid = b.oid WHERE c.oid <> ALL ($1::oid[])
    UNION ALL
    SELECT DISTINCT 3, CASE v.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, v.oid::regclass::text, v.through, 'reads from it', 'certain',
           NULL::bigint, NULL::bigint, 'consumers' FROM views v WHERE v.oid <> ALL ($1::oid[])
    UNION ALL
    SELECT DISTINCT 3, 'rule', format('%I on %s', r.rulename, t.oid::regclass), v.through, 'reads from it', 'certain', NULL::bigint, NULL::bigint, 'producers'
      FROM read v JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class t ON t.oid = r.ev_class AND t.relkind NOT IN ('v', 'm') AND t.oid <> ALL ($1::oid[])
    UNION ALL
    SELECT 4, 'function', f.oid::regprocedure::text, f.through, 'its text or its types use it', f.confidence, NULL, NULL, 'producers' FROM functions f
    UNION ALL
    SELECT 5, 'foreign key', format('%I on %s', k.conname, k.conrelid::regclass), h.oid,
           CASE WHEN k.conrelid = h.oid THEN format('refers to %s', k.confrelid::regclass) ELSE 'refers to it' END, 'certain', NULL, NULL, 'producers'
      FROM hit h JOIN pg_constraint k ON k.contype = 'f' AND h.oid IN (k.conrelid, k.confrelid) AND k.conparentid = 0
    UNION ALL
    SELECT 6, 'trigger', format('%I on %s', t.tgname, t.tgrelid::regclass), h.oid, 'runs ' || t.tgfoid::regprocedure::text, 'certain', NULL, NULL, 'producers'
      FROM hit h JOIN pg_trigger t ON t.tgrelid = h.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT 7, 'policy', format('%I on %s', p.polname, p.polrelid::regclass), h.oid, 'filters its rows', 'certain', NULL, NULL, 'producers'
      FROM hit h JOIN pg_policy p ON p.polrelid = h.oid
    UNION ALL
    SELECT DISTINCT 7, 'policy', format('%I on %s', p.polname, p.polrelid::regclass), v.through, 'reads from it', 'certain', NULL::bigint, NULL::bigint, 'producers'
      FROM read v JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.oid AND d.classid = 'pg_policy'::regclass
      JOIN pg_policy p ON p.oid = d.objid AND p.polrelid <> ALL ($1::oid[])
    UNION ALL
    SELECT 8, 'publication', quote_ident(p.pubname), h.oid, 'sends its changes to subscribers', 'certain', NULL, NULL, 'operators'
      FROM hit h JOIN pg_publication p ON p.puballtables AND h.relkind IN ('r', 'p') OR EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = h.oid)
                  OR EXISTS (SELECT FROM pg_publication_namespace s JOIN pg_class c ON c.relnamespace = s.pnnspid WHERE s.pnpubid = p.oid AND c.oid = h.oid)
    UNION ALL
    SELECT 9, 'consumer', c.consumer::text, c.contract, coalesce(c.what, CASE WHEN c.contract::oid = ANY ($1::oid[]) THEN 'not hit in what it uses' ELSE 'uses a view that reads from it' END),
           'certain', NULL, NULL, 'consumers' FROM consumers c
    UNION ALL
    SELECT 10, 'summary', 'producers', NULL,
           format('Statements: %s.  ', (SELECT count(DISTINCT r.statement) FROM rows_of r))
           || coalesce((SELECT string_agg(DISTINCT format('%s (%s)', r.rule, r.element), '; ') || ' would be refused or fail.' FROM rows_of r WHERE r.severity = 'error'),
                       'Nothing would be refused.')
           || coalesce('  Instead: ' || (SELECT string_agg(DISTINCT r.safe_sql, E'\n') FROM rows_of r WHERE r.severity IN ('error', 'warning')), ''),
           'certain', NULL, NULL, 'producers'
    UNION ALL
    SELECT 11, 'summary', 'consumers', NULL,
           coalesce((SELECT string_agg(format('%s: %s', c.consumer, c.what), E'\n' ORDER BY c.consumer) FROM consumers c WHERE c.what IS NOT NULL),
                    'No registered consumer is hit in what it uses.'), 'certain', NULL, NULL, 'consumers'
    UNION ALL
    SELECT 12, 'summary', 'operators', NULL,
           coalesce((SELECT string_agg(x.line, E'\n' ORDER BY x.number)
                       FROM (SELECT min(r.number) AS number,
                                    concat_ws('; ', 'takes ' || r.locks, CASE WHEN r.rewrite THEN 'copies the table' WHEN r.scan THEN 'reads the table to the end' END,
                                              CASE WHEN r.bytes > 0 THEN pg_size_pretty(r.bytes) || ', about ' || round(extract(epoch FROM r.estimate), 1) || ' s' END, 'waits for ' || r.sessions) || ': ' || r.statement AS line
                               FROM rows_of r WHERE r.locks IS NOT NULL GROUP BY r.statement, r.locks, r.rewrite, r.scan, r.bytes, r.estimate, r.sessions) x),
                    'No lock is taken.'), 'certain', NULL, NULL, 'operators')
SELECT f.kind, f.object, f.relation, f.effect, f.confidence, f."rows", f.bytes, f.audience FROM found f ORDER BY f.place, f.relation, f.object)sql";

std::string column(const std::vector<check_row>& rows, optional_text check_row::*member) {
  std::vector<std::string> values;
  for (const auto& r : rows)
    values.push_back((r.*member).value_or(""));
  return spi::array_literal(values);
}

std::string column(const std::vector<check_row>& rows, std::string check_row::*member) {
  std::vector<std::string> values;
  for (const auto& r : rows)
    values.push_back(r.*member);
  return spi::array_literal(values);
}

}  // namespace

}  // namespace accord::check

using namespace accord;
using accord::check::check_row;

ACCORD_FUNCTION(accord_impact) {
  arguments args(fcinfo);
  std::set<Oid> touched;
  auto rows = check::verdict_on(args.text(0, "ddl"), &touched);
  std::string relations = "{";
  for (Oid relation : touched)
    if (OidIsValid(relation)) relations += (relations.size() > 1 ? "," : "") + std::to_string(relation);
  relations += "}";
  result_rows result;
  {
    pinned_search_path path;
    auto of = [&](auto member) { return check::column(rows, member); };
    for (const auto& row :
         spi::query(check::impact_sql, {relations, of(&check_row::rule), of(&check_row::severity), of(&check_row::element),
                                        of(&check_row::statement), of(&check_row::locks), of(&check_row::rewrite), of(&check_row::scan),
                                        of(&check_row::bytes), of(&check_row::estimate), of(&check_row::sessions), of(&check_row::safe_sql),
                                        of(&check_row::consumers), of(&check_row::readers), of(&check_row::writers)}))
      result.add({row.optional(0), row.optional(1), row.optional(2), row.optional(3), row.optional(4), row.optional(5), row.optional(6),
                  row.optional(7)});
  }
  return result.finish(fcinfo);
}
