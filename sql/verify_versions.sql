-- Both versions of every row are compared, and what differs is found exactly.
CREATE EXTENSION pg_accord;
DO $$ BEGIN IF current_setting('accord.guard', true) IS NOT NULL THEN PERFORM set_config('accord.guard', 'off', false); END IF; END $$;
SET client_min_messages = warning;
CREATE TABLE t (id integer, part text, year integer, month integer, delay integer, note json, PRIMARY KEY (part, id));
INSERT INTO t SELECT g, 'a', 2000 + g % 20, 1 + g % 12, CASE WHEN g % 10 > 0 THEN g % 60 END, '{}' FROM generate_series(1, 1000) g;
SELECT accord.register_contract('t');
SELECT state FROM accord.stage('t', $$
    ALTER TABLE t ADD COLUMN departure date;
    ALTER TABLE t DROP COLUMN year, DROP COLUMN month;
    ALTER TABLE t ALTER COLUMN delay TYPE interval USING make_interval(mins => delay);
    ALTER TABLE t ALTER COLUMN note TYPE jsonb USING note::jsonb;
$$, up => 'departure = make_date(year, month, 1)', down => $$
    year = extract(year FROM departure)::integer, month = extract(month FROM departure)::integer,
    delay = (extract(epoch FROM delay) / 60)::integer, note = note::json
$$);
-- before the backfill
SELECT * FROM accord.verify('t');
CALL accord.backfill('t');
SELECT * FROM accord.verify('t');
-- written through either version
UPDATE t_v1.t SET year = 1999 WHERE id = 1;
UPDATE t_v2.t SET departure = '2024-02-15', delay = '00:01:30' WHERE id = 2;
SELECT check_name, mismatched, verdict FROM accord.verify('t');
-- corrupted behind the triggers: exactly those rows
ALTER TABLE t DISABLE TRIGGER ALL;
UPDATE t SET _accord_1_delay = '7 days' WHERE id = 77;
UPDATE t SET _accord_1_delay = NULL WHERE id = 78;
UPDATE t SET month = 13 WHERE id = 99;
UPDATE t SET _accord_1_departure = NULL WHERE id = 100;
UPDATE t SET _accord_1_note = '[1]' WHERE id = 101;
ALTER TABLE t ENABLE TRIGGER ALL;
SELECT check_name, mismatched, sample_rows, verdict FROM accord.verify('t');
SELECT check_name, mismatched, cardinality(sample_rows) AS shown FROM accord.verify('t', sample => 1);
UPDATE t SET month = 12 WHERE id = 99;
SELECT check_name, mismatched, sample_rows, verdict FROM accord.verify('t', '2');
-- a view that does not show what it should
CREATE OR REPLACE VIEW t_v2.t WITH (security_invoker = true) AS
    SELECT id, part, _accord_1_delay AS delay, _accord_1_note AS note, _accord_1_departure AS departure FROM t WHERE id <> 5;
SELECT check_name, rows, mismatched, verdict FROM accord.verify('t') WHERE check_name LIKE '%both views';
CREATE OR REPLACE VIEW t_v2.t WITH (security_invoker = true) AS
    SELECT id + CASE id WHEN 5 THEN 1 ELSE 0 END AS id, part, _accord_1_delay AS delay, _accord_1_note AS note, _accord_1_departure AS departure FROM t;
SELECT check_name, rows, mismatched, verdict FROM accord.verify('t') WHERE check_name LIKE '%both views';
-- without a key: table and place
CREATE TABLE k (v integer);
INSERT INTO k VALUES (1), (2);
SELECT accord.register_contract('k');
SELECT state FROM accord.stage('k', 'ALTER TABLE k ALTER COLUMN v TYPE bigint', down => 'v = v::integer');
CALL accord.backfill('k');
ALTER TABLE k DISABLE TRIGGER ALL;
UPDATE k SET _accord_2_v = 9 WHERE v = 2;
SELECT * FROM accord.verify('k');
-- row security: every row or none
\set VERBOSITY terse
CREATE ROLE regress_verify_owner;
GRANT CREATE ON SCHEMA public TO regress_verify_owner;
ALTER TABLE k OWNER TO regress_verify_owner;
UPDATE accord_catalog.contract SET owner = 'regress_verify_owner' WHERE relation = 'k'::regclass;
ALTER TABLE k ENABLE ROW LEVEL SECURITY;
SET ROLE regress_verify_owner;
SELECT rows, mismatched FROM accord.verify('k');
ALTER TABLE k FORCE ROW LEVEL SECURITY;
SELECT rows, mismatched FROM accord.verify('k');
-- arguments and rights
SELECT * FROM accord.verify('t');
RESET ROLE;
SELECT * FROM accord.verify(NULL);
SELECT * FROM accord.verify('t', sample => -1);
SELECT * FROM accord.verify('t', 'x');
SELECT * FROM accord.verify('t', '3');
SELECT * FROM accord.verify('pg_class');
