-- Every public function with NULL, with hostile text and without rights: an ordinary error or a harmless answer, never a crash or an
-- internal error, and nothing is changed.
\set VERBOSITY terse
CREATE EXTENSION pg_accord;
CREATE ROLE regress_api_nobody;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer);
SELECT accord.register_contract('flights') IS NOT NULL AS registered;

CREATE FUNCTION call_with(function oid, argument text) RETURNS text LANGUAGE plpgsql AS $$
-- Calls it with the same text in every text-like argument, the contract where a table is wanted, and something valid elsewhere.
DECLARE
    call text;
    state text;
BEGIN
    SELECT format('%s %s(%s)', CASE p.prokind WHEN 'p' THEN 'CALL' ELSE 'SELECT count(*) FROM' END, p.oid::regproc,
                  string_agg(CASE WHEN argument IS NULL THEN 'NULL::' || t
                                  WHEN t IN ('text', 'name') THEN quote_literal(argument) || '::' || t
                                  WHEN t = 'name[]' THEN format('ARRAY[%L]::name[]', argument)
                                  WHEN t = 'text[]' THEN format('ARRAY[%L]::text[]', argument)
                                  WHEN t = 'regclass' THEN '''flights''::regclass'
                                  WHEN t = 'boolean' THEN 'false'
                                  WHEN t IN ('integer', 'bigint', 'double precision', 'numeric', 'real') THEN '-1'
                                  ELSE 'NULL::' || t END, ', ' ORDER BY n))
      INTO call
      FROM pg_proc p LEFT JOIN LATERAL unnest(p.proargtypes) WITH ORDINALITY AS a (type, n) ON true
           LEFT JOIN LATERAL format_type(a.type, NULL) AS t ON true
     WHERE p.oid = function
     GROUP BY p.oid, p.prokind;
    EXECUTE call;
    RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE;
    -- 42601 is right where the argument is DDL text; elsewhere it would be text spliced into a statement
    IF state IN ('XX000', '42883') OR state = '42601' AND call !~ 'accord\.(stage|plan|"check"|statements|impact)\(' THEN
        RETURN state || ' ' || SQLERRM || ' IN ' || call;
    END IF;
    RETURN 'error';
END
$$;

CREATE TEMPORARY VIEW functions AS
    SELECT p.oid, p.proname FROM pg_proc p
     WHERE p.pronamespace = 'accord'::regnamespace AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
       AND p.prokind IN ('f', 'p');
CREATE TEMPORARY VIEW state AS
    SELECT (SELECT md5(string_agg(c::text, '|' ORDER BY id)) FROM accord_catalog.contract c) AS contracts,
           (SELECT md5(string_agg(v::text, '|' ORDER BY major, minor)) FROM accord_catalog.contract_version v) AS versions,
           (SELECT count(*) FROM accord_catalog.migration) AS migrations,
           (SELECT count(*) FROM accord_catalog.consumer) AS consumers,
           (SELECT md5(string_agg(a.attname, ',' ORDER BY a.attnum)) FROM pg_attribute a WHERE a.attrelid = 'flights'::regclass) AS columns;
CREATE TEMPORARY TABLE before AS SELECT * FROM state;

-- NULL everywhere: never an internal error
SET client_min_messages = error;
SELECT proname, result FROM functions, call_with(oid, NULL) AS result WHERE result NOT IN ('ok', 'error') ORDER BY 1, 2;
-- hostile text everywhere
SELECT proname, hostile, result
  FROM functions,
       unnest(ARRAY['', ' ', '''', '"', E'\\', '''; DROP TABLE flights; --', '$accord$', '1.0.0; DROP TABLE flights',
                    repeat('x', 300), 'Ünïcödé ☃', '-1', '99999999999999999999', '1.2.3.4', '%s%n', '{}', 'a=b,']) AS hostile,
       call_with(oid, hostile) AS result
 WHERE proname NOT IN ('register_consumer') AND result NOT IN ('ok', 'error')
 ORDER BY 1, 2;
-- the table is still there, and what was promised is as it was
SELECT to_regclass('flights') AS still_there, s.columns = b.columns AS same_columns, s.migrations = b.migrations AS no_migration
  FROM state s, before b;

-- without rights: the same calls change nothing
UPDATE before SET (contracts, versions, migrations, consumers, columns) = (SELECT * FROM state);
GRANT EXECUTE ON FUNCTION call_with TO regress_api_nobody;
GRANT SELECT ON functions TO regress_api_nobody;
SET ROLE regress_api_nobody;
SELECT proname, result FROM functions, call_with(oid, '1') AS result WHERE result NOT IN ('ok', 'error') ORDER BY 1, 2;
RESET ROLE;
SELECT s = b AS nothing_changed FROM state s, before b;
RESET client_min_messages;
