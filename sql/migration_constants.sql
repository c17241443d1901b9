-- Constants in what stands on a column mean the same whatever the settings of the sessions that stage, complete and roll back.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
SET datestyle = 'ISO, MDY';
CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE t (id integer PRIMARY KEY, a integer CHECK (a > 0 OR current_date > '2020-02-01'::date), d date DEFAULT '2020-02-01',
                i interval DEFAULT '-1 day 02:00', f float8 DEFAULT 0.1234567890123456);
CREATE POLICY recent ON t USING (d > '2020-02-01'::date AND i > '-1 day 02:00'::interval AND f < 0.1234567890123456::float8);
CREATE TRIGGER late BEFORE UPDATE OF d ON t FOR EACH ROW WHEN (NEW.d > '2020-02-01'::date AND NEW.i <> '-1 day 02:00'::interval) EXECUTE FUNCTION same();
CREATE INDEX since ON t (a) WHERE d > '2020-02-01'::date;
CREATE STATISTICS both_of ON (d - '2020-02-01'::date), a FROM t;
INSERT INTO t VALUES (1, 1);
SELECT FROM accord.register_contract('t');
CREATE VIEW looks AS
SELECT 'default' AS what, pg_get_expr(adbin, adrelid) AS text FROM pg_attrdef WHERE adrelid = 't'::regclass
UNION ALL SELECT 'check', pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 't'::regclass AND contype = 'c'
UNION ALL SELECT 'policy', pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 't'::regclass
UNION ALL SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 't'::regclass AND tgname = 'late'
UNION ALL SELECT 'index', pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 't'::regclass AND indpred IS NOT NULL
UNION ALL SELECT 'statistics', pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = 't'::regclass;

SET datestyle = 'German';
SET intervalstyle = 'sql_standard';
SET extra_float_digits = -3;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER d TYPE timestamp, ALTER a TYPE bigint, ALTER f TYPE numeric, ALTER i TYPE interval(0)',
    down => 'd = d::date, f = f::float8, i = i', insert_null => 'default');
CALL accord.backfill('t');
SET datestyle = 'SQL, MDY';
SELECT state FROM accord.complete('t');
SET datestyle = 'ISO, MDY';
RESET intervalstyle;
RESET extra_float_digits;
SELECT * FROM looks WHERE text !~ 'true' ORDER BY what COLLATE "C", text COLLATE "C";
SET datestyle = 'SQL, DMY';
SELECT state FROM accord.rollback('t');
SET datestyle = 'ISO, MDY';
SELECT * FROM looks ORDER BY what COLLATE "C", text COLLATE "C";
DROP EXTENSION pg_accord;
