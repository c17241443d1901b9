-- What a writer reads when the other version cannot hold a value, and who may read what.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE ROLE regress_sync_owner;
CREATE ROLE regress_sync_writer;
CREATE ROLE regress_sync_billing;
CREATE ROLE regress_sync_other;
GRANT regress_sync_billing TO regress_sync_writer;
CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL, s text, d date);
INSERT INTO t VALUES (1, 1, 'a', '2024-01-01');
CREATE FUNCTION strict_half(numeric) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF $1 <> round($1) THEN RAISE EXCEPTION '% is not whole', $1; END IF;
    RETURN $1;
END $$;
CREATE DOMAIN short AS text CHECK (length(VALUE) < 4);
SELECT hand.stage('t', '{"n": "numeric", "s": "short", "small": "smallint", "words": "text"}',
    hand.pair('{n}', '{n, small}', '{n, n}', '{strict_half(n)}'),
    hand.pair('{s}', '{s}', '{s}', '{s}'),
    hand.pair('{d}', '{words}', '{extract(year FROM d)::text}', ARRAY['make_date(words::integer, 1, 1)'])) IS NOT NULL AS staged;
ALTER TABLE t OWNER TO regress_sync_owner;
GRANT USAGE ON SCHEMA t_v1, t_v2 TO PUBLIC;
GRANT ALL ON t, t_v1.t, t_v2.t TO PUBLIC;
INSERT INTO accord_catalog.consumer (name, role) VALUES ('billing', 'regress_sync_billing'), ('other', 'regress_sync_other');
INSERT INTO accord_catalog.subscription (consumer_id, contract_id, major)
    SELECT n.id, c.id, m FROM accord_catalog.consumer n, accord_catalog.contract c, generate_series(1, 2) m;
SELECT hand.fill('t');
\set SHOW_CONTEXT never
-- data exceptions keep their SQLSTATE; what a function raises gets ours
UPDATE t_v1.t SET n = 40000;
\echo :LAST_ERROR_SQLSTATE
UPDATE t_v1.t SET s = 'too long';
\echo :LAST_ERROR_SQLSTATE
UPDATE t_v2.t SET n = 1.5;
\echo :LAST_ERROR_SQLSTATE
UPDATE t_v2.t SET words = 'no year';
\echo :LAST_ERROR_SQLSTATE
UPDATE t_v2.t SET n = NULL;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO t_v2.t (id, words) VALUES (2, '1e3');
-- a writer sees the consumers that are his own, others none
SET ROLE regress_sync_writer;
UPDATE t_v1.t SET n = 40000;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
SET ROLE regress_sync_owner;
UPDATE t_v1.t SET n = 40000;
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
SELECT * FROM t;
SELECT * FROM hand.violations('t');

-- expressions run as the table's owner, restricted, whoever writes and whatever the search_path
CREATE FUNCTION who(integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN concat_ws(' ', current_user, current_setting('search_path'), $1);
END $$;
CREATE FUNCTION escape(integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    PERFORM set_config('role', 'postgres', false);
    RETURN current_user;
END $$;
CREATE TABLE u (id integer, a integer, b integer);
SELECT hand.stage('u', '{"a": "text"}', hand.pair('{a}', '{a}', '{who(a)}', '{NULL}')) IS NOT NULL AS staged;
ALTER TABLE u OWNER TO regress_sync_owner;
GRANT ALL ON u TO regress_sync_writer;
SET ROLE regress_sync_writer;
INSERT INTO u (id, a) VALUES (1, 1);
SELECT current_user, current_setting('search_path');
SELECT * FROM u;
RESET ROLE;
SELECT hand.stage('u', '{"b": "text"}', hand.pair('{b}', '{b}', '{escape(b)}', '{NULL}')) IS NOT NULL AS staged;
SET ROLE regress_sync_writer;
UPDATE u SET b = 1;
SELECT current_user, current_setting('search_path');
RESET ROLE;

-- triggers that are not as they should be
CREATE FUNCTION bad() RETURNS trigger LANGUAGE c AS 'pg_accord', 'accord_sync_first';
CREATE TABLE w (id integer);
CREATE TRIGGER b BEFORE INSERT ON w FOR EACH ROW EXECUTE FUNCTION bad('2', '1');
INSERT INTO w VALUES (1);
CREATE OR REPLACE TRIGGER b BEFORE INSERT ON w FOR EACH ROW EXECUTE FUNCTION bad('1', '12345');
INSERT INTO w VALUES (1);
CREATE OR REPLACE TRIGGER b AFTER INSERT ON w FOR EACH ROW EXECUTE FUNCTION bad('1', '1');
INSERT INTO w VALUES (1);
CREATE OR REPLACE TRIGGER b BEFORE INSERT ON w EXECUTE FUNCTION bad('1', '1');
INSERT INTO w VALUES (1);
DROP TABLE w;
-- and nobody else may make one
SET ROLE regress_sync_writer;
CREATE TEMPORARY TABLE x (id integer);
CREATE TRIGGER b BEFORE INSERT ON x FOR EACH ROW EXECUTE FUNCTION accord_catalog.sync_first('1', '1');
RESET ROLE;
DROP TABLE t, u CASCADE;
DROP OWNED BY regress_sync_owner, regress_sync_writer, regress_sync_billing, regress_sync_other;
DROP ROLE regress_sync_owner, regress_sync_writer, regress_sync_billing, regress_sync_other;
