-- accord.impact: who and what a script of DDL would hit.

CREATE OR REPLACE FUNCTION accord_catalog.touched(ddl text) RETURNS SETOF regclass
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_touched';
COMMENT ON FUNCTION accord_catalog.touched(text) IS 'the relations that a script names or locks, or that use a type which it alters, as accord.check finds them';

-- No SET clause: names in the script mean what they mean to the caller.  Everything else is qualified.
CREATE OR REPLACE FUNCTION accord.impact(ddl text)
RETURNS TABLE (kind text, object text, relation regclass, effect text, confidence text, "rows" bigint, bytes bigint, audience text)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    relations oid[];
    checked   jsonb;
BEGIN
    IF ddl IS NULL THEN
        RAISE EXCEPTION 'argument "ddl" must not be null' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(c) ORDER BY c.line), '[]') INTO checked FROM accord.check(ddl) c;
    SELECT coalesce(pg_catalog.array_agg(t::pg_catalog.oid), '{}') INTO relations FROM accord_catalog.touched(ddl) t;
    RETURN QUERY SELECT * FROM accord_catalog.impact_of(relations, checked);
END
$$;
COMMENT ON FUNCTION accord.impact(text) IS
'who and what a script of DDL would hit; nothing is changed.  One row for each object: kind is table, partition, view, materialized view, function, foreign key, trigger, policy, publication, consumer (those that you may see) or summary; object its name; relation the table through which it is hit; effect what happens to it; confidence "certain" where the catalogs say so, "likely" where a function''s text names the table with its schema, "possible" where it only has the table''s name as a word; rows and bytes as the planner knows them (NULL: never analyzed); audience whom to tell: producers, consumers or operators.  The three rows of kind summary are text for each audience.  Errors: as accord.check';

CREATE OR REPLACE FUNCTION accord_catalog.impact_of(relations oid[], checked jsonb)
RETURNS TABLE (kind text, object text, relation regclass, effect text, confidence text, "rows" bigint, bytes bigint, audience text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH RECURSIVE
hit AS (SELECT c.oid, c.relkind, c.relispartition, c.relname, n.nspname, format('%I.%I', n.nspname, c.relname) AS name,
               CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS tuples,
               CASE WHEN c.reltuples >= 0 THEN c.relpages * current_setting('block_size')::bigint END AS size
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY (relations) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')),
rows_of AS (SELECT x ->> 'rule' AS rule, x ->> 'severity' AS severity, x ->> 'element' AS element, x ->> 'statement' AS statement, x ->> 'locks' AS locks,
                   (x ->> 'rewrite')::boolean AS rewrite, (x ->> 'scan')::boolean AS scan, (x ->> 'bytes')::bigint AS bytes, x ->> 'estimate' AS estimate,
                   x ->> 'sessions' AS sessions, x ->> 'safe_sql' AS safe_sql, x -> 'consumers' AS consumers, x ->> 'readers' AS readers, x ->> 'writers' AS writers,
                   n AS number
              FROM jsonb_array_elements(checked) WITH ORDINALITY e(x, n)),
views AS (
    SELECT v.oid, v.relkind, h.oid AS through, 1 AS depth
      FROM hit h JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = h.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.oid <> h.oid
    UNION
    SELECT v.oid, v.relkind, w.through, w.depth + 1
      FROM views w JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = w.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class AND v.oid <> w.oid
     WHERE w.depth < 100),
functions AS (
    SELECT DISTINCT ON (p.oid, h.oid) p.oid, h.oid AS through,
           CASE WHEN EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                                AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = h.oid
                                     OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (SELECT t.oid FROM pg_type t WHERE t.typrelid = h.oid))) THEN 'certain'
                WHEN p.prosrc ~* ('\m"?' || regexp_replace(h.nspname, '\W', '\\\&', 'g') || '"?\s*\.\s*"?' || regexp_replace(h.relname, '\W', '\\\&', 'g') || '"?\M') THEN 'likely'
                ELSE 'possible' END AS confidence
      FROM hit h, pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'accord', 'accord_catalog') AND h.relkind <> 'S'
       AND (p.prosrc ~* ('\m' || regexp_replace(h.relname, '\W', '\\\&', 'g') || '\M')
            OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                          AND (d.refclassid = 'pg_class'::regclass AND d.refobjid = h.oid
                               OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (SELECT t.oid FROM pg_type t WHERE t.typrelid = h.oid))))),
consumers AS (SELECT DISTINCT s.consumer, s.contract, s.columns, s.access, s.version,
                     (SELECT string_agg(DISTINCT format('%s: readers %s, writers %s', r.rule, r.readers, r.writers), '; ')
                        FROM rows_of r WHERE r.consumers ? s.consumer::text) AS what
                FROM accord.subscriptions s WHERE s.contract = ANY (relations)),
found AS (
    SELECT 1 AS place, CASE WHEN h.relkind = 'S' THEN 'sequence' WHEN h.relkind = 'v' THEN 'view' WHEN h.relkind = 'm' THEN 'materialized view'
                            WHEN h.relispartition THEN 'partition' ELSE 'table' END AS kind, h.name AS object, h.oid AS relation,
           coalesce((SELECT string_agg(DISTINCT split_part(l, ' on ', 1), ', ') FROM rows_of r, regexp_split_to_table(r.locks, ', ') l
                      WHERE l LIKE '% on ' || h.name), 'named') AS effect,
           'certain' AS confidence, h.tuples AS "rows", h.size AS bytes, 'operators' AS audience FROM hit h
    UNION ALL
    SELECT 2, 'partition', c.oid::regclass::text, h.oid, 'below it', 'certain', CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END,
           CASE WHEN c.reltuples >= 0 THEN c.relpages * current_setting('block_size')::bigint END, 'operators'
      FROM hit h JOIN pg_inherits i ON i.inhparent = h.oid JOIN pg_class c ON c.oid = i.inhrelid
     WHERE h.relkind IN ('r', 'p') AND c.oid <> ALL (relations)
    UNION ALL
    SELECT DISTINCT 3, CASE v.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, v.oid::regclass::text, v.through, 'reads from it', 'certain',
           NULL::bigint, NULL::bigint, 'consumers' FROM views v WHERE v.oid <> ALL (relations)
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
    SELECT 8, 'publication', quote_ident(p.pubname), h.oid, 'sends its changes to subscribers', 'certain', NULL, NULL, 'operators'
      FROM hit h JOIN pg_publication p ON p.puballtables AND h.relkind IN ('r', 'p') OR EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = h.oid)
                  OR EXISTS (SELECT FROM pg_publication_namespace s JOIN pg_class c ON c.relnamespace = s.pnnspid WHERE s.pnpubid = p.oid AND c.oid = h.oid)
    UNION ALL
    SELECT 9, 'consumer', c.consumer::text, c.contract, coalesce(c.what, 'not hit in what it uses'), 'certain', NULL, NULL, 'consumers' FROM consumers c
    UNION ALL
    SELECT 10, 'summary', 'producers', NULL,
           format('%s statements.  ', (SELECT count(DISTINCT r.statement) FROM rows_of r))
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
                                              CASE WHEN r.bytes > 0 THEN pg_size_pretty(r.bytes) || ', about ' || r.estimate END, 'waits for ' || r.sessions) || ': ' || r.statement AS line
                               FROM rows_of r WHERE r.locks IS NOT NULL GROUP BY r.statement, r.locks, r.rewrite, r.scan, r.bytes, r.estimate, r.sessions) x),
                    'No lock is taken.'), 'certain', NULL, NULL, 'operators')
SELECT f.kind, f.object, f.relation::regclass, f.effect, f.confidence, f."rows", f.bytes, f.audience FROM found f ORDER BY f.place, f.relation, f.object
$$;
COMMENT ON FUNCTION accord_catalog.impact_of(oid[], jsonb) IS 'the rows of accord.impact for these relations and what accord.check said';
