-- A consumer moves to another version and back; running sessions and views in use are left alone.
CREATE EXTENSION pg_accord;
\set VERBOSITY terse
CREATE TABLE t (id integer PRIMARY KEY, year integer, month integer, delay integer, carrier text, note text DEFAULT 'n');
CREATE TABLE other (id integer, word text);
INSERT INTO t VALUES (1, 2013, 1, 10, 'UA'), (2, 2014, 2, 20, 'AA');
SELECT accord.register_contract('other');
SELECT accord.register_contract('t');
SELECT state FROM accord.stage('t', $$
    ALTER TABLE t ADD COLUMN departure date;
    ALTER TABLE t DROP COLUMN year, DROP COLUMN month;
    ALTER TABLE t ALTER COLUMN delay TYPE interval USING make_interval(mins => delay);
    ALTER TABLE t RENAME COLUMN carrier TO airline;
$$, up => 'departure = make_date(year, month, 1)', down => $$
    year = extract(year FROM departure)::integer, month = extract(month FROM departure)::integer,
    delay = (extract(epoch FROM delay) / 60)::integer
$$);
CREATE ROLE regress_cutover_billing LOGIN;
CREATE ROLE "regress cutover ""app""" LOGIN;
CREATE ROLE regress_cutover_stranger;
GRANT SELECT, INSERT, UPDATE ON t TO regress_cutover_billing;
GRANT SELECT ON other TO regress_cutover_billing;
ALTER ROLE regress_cutover_billing SET search_path = "$user", public, "Some Schema";
SELECT accord.register_consumer('billing', role => 'regress_cutover_billing');
SELECT accord.register_consumer('quo"ted; app', role => 'regress cutover "app"');
SELECT accord.register_consumer('no role');
SELECT accord.subscribe('t', 'billing', version => '1', columns => '{id,year,delay,carrier}');
SELECT accord.subscribe('other', 'billing', columns => '{word}', access => 'read');

\set VERBOSITY default
SELECT accord.switch_version('t', 'billing', '2');
\set VERBOSITY terse
SELECT accord.use_version('t', '2');
CALL accord.backfill('t');
SELECT accord.switch_version('t', 'billing', '2');
SELECT s.major, s.columns FROM accord_catalog.subscription s JOIN accord_catalog.contract c ON c.id = s.contract_id WHERE c.relation = 't'::regclass;
SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
 WHERE rolname = 'regress_cutover_billing' AND setdatabase <> 0;
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), c.reloptions FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'accord_billing_g1'::regnamespace ORDER BY c.relname, a.attnum;
SELECT v, has_table_privilege('regress_cutover_billing', v, 'SELECT') AS "select", has_table_privilege('regress_cutover_billing', v, 'UPDATE') AS "update",
       has_table_privilege('regress_cutover_stranger', v, 'SELECT') AS stranger
  FROM unnest('{accord_billing_g1.t,accord_billing_g1.other}'::regclass[]) v;
SET SESSION AUTHORIZATION regress_cutover_billing;
SET search_path = accord_billing_g1, public;
SELECT * FROM t ORDER BY id;
UPDATE t SET airline = 'DL', delay = '00:45:00', departure = '2020-05-01' WHERE id = 1;
INSERT INTO t (id, departure) VALUES (3, '2021-06-01') RETURNING *;
INSERT INTO t (id, airline) VALUES (3, 'WN') ON CONFLICT (id) DO UPDATE SET airline = excluded.airline RETURNING id, airline;
SELECT * FROM other;
INSERT INTO other VALUES ('x');
RESET SESSION AUTHORIZATION;
RESET search_path;
SELECT id, year, month, delay, carrier, note FROM t ORDER BY id;

-- back: the same call, and the columns that were subscribed then
SELECT accord.switch_version('t', 'billing', '1.0');
SELECT s.major, s.columns FROM accord_catalog.subscription s JOIN accord_catalog.contract c ON c.id = s.contract_id WHERE c.relation = 't'::regclass;
SELECT generation, schema_name, versions, retired_at IS NULL AS current FROM accord_catalog.generation ORDER BY generation;
SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
 WHERE rolname = 'regress_cutover_billing' AND setdatabase <> 0;
SELECT action, detail FROM accord_catalog.audit_log WHERE action = 'switch_version' ORDER BY id;

-- live: only where the subscribed columns look the same
SELECT accord.switch_version('t', 'billing', '2', live => true);
SELECT accord.subscribe('t', 'billing', version => '1', columns => '{id,note}');
SELECT accord.switch_version('t', 'billing', '1');
SELECT accord.switch_version('t', 'billing', '2', live => true);
SELECT generation, versions, columns FROM accord_catalog.generation ORDER BY generation DESC LIMIT 1;
SELECT accord.switch_version('t', 'no role', '2', live => true);

-- names that need quoting
SELECT accord.subscribe('t', 'quo"ted; app', version => '1');
SELECT accord.switch_version('t', 'quo"ted; app', '2');
SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE rolname LIKE 'regress cutover%';

-- refusals
SELECT accord.switch_version('t', 'nobody', '2');
SELECT accord.switch_version('t', 'no role', '2');
SELECT accord.switch_version('t', 'billing', '9');
SELECT accord.switch_version('t', 'billing', 'x');
SELECT accord.switch_version(NULL, 'billing', '2');
SELECT accord.switch_version('t', NULL, '2');
SELECT accord.switch_version('t', 'billing', NULL);
SELECT accord.switch_version('pg_class', 'billing', '2');
SET ROLE regress_cutover_stranger;
SELECT accord.switch_version('t', 'billing', '2');
SELECT accord.drain('billing');
SELECT accord.drop_unused_generations('billing');
SELECT accord.retire_generations('billing');
SELECT count(*) FROM accord.sessions;
RESET ROLE;
-- the consumer's own role may
SET ROLE regress_cutover_billing;
SELECT accord.switch_version('t', 'billing', '2');
RESET ROLE;

-- what nobody can use any more goes away, but not what somebody built on
UPDATE accord_catalog.generation SET created_at = created_at - interval '1 hour', retired_at = retired_at - interval '1 hour';
CREATE VIEW built AS SELECT * FROM accord_billing_g1.other;
SELECT accord.drop_unused_generations('billing');
DROP VIEW built;
SELECT accord.drop_unused_generations('billing');
SELECT nspname FROM pg_namespace WHERE nspname LIKE 'accord\_billing%';
SELECT accord.retire_generations('billing');
SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
 WHERE rolname = 'regress_cutover_billing' AND setdatabase <> 0;
SELECT accord.drop_consumer('billing', force => true);
