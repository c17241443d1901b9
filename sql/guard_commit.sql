-- accord.judge_at = 'commit': what counts is what a whole transaction leaves behind.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_commit_owner;
CREATE ROLE regress_commit_reader;
CREATE ROLE regress_commit_other;
GRANT CREATE, USAGE ON SCHEMA public TO regress_commit_owner, regress_commit_other;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
INSERT INTO flights VALUES (1, 10, 'AA');
ALTER TABLE flights OWNER TO regress_commit_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON flights TO regress_commit_reader;
SELECT FROM accord.register_contract('flights', owner => 'regress_commit_owner');
SELECT FROM accord.register_consumer('billing', role => 'regress_commit_reader');
SELECT FROM accord.subscribe('flights', 'billing');
CREATE VIEW versions AS SELECT table_name, version, status, statement FROM accord.contract_versions ORDER BY 1, major, minor;
GRANT SELECT ON versions TO PUBLIC;
\set SHOW_CONTEXT never
SHOW accord.judge_at;
SET accord.judge_at = 'later';
SET ROLE regress_commit_owner;
SET accord.judge_at = 'commit';

-- what is restored passes, and is no new version
BEGIN;
ALTER TABLE flights RENAME COLUMN dep_delay TO delay;
ALTER TABLE flights ALTER COLUMN carrier DROP NOT NULL;
ALTER TABLE flights ALTER COLUMN dep_delay TYPE bigint;
ROLLBACK;
BEGIN;
ALTER TABLE flights RENAME COLUMN dep_delay TO delay;
ALTER TABLE flights ALTER COLUMN carrier DROP NOT NULL;
ALTER TABLE flights RENAME COLUMN delay TO dep_delay;
ALTER TABLE flights ALTER COLUMN carrier SET NOT NULL;
COMMIT;
SELECT * FROM versions;

-- what is not restored is refused at COMMIT, with the words of the statement
BEGIN;
ALTER TABLE flights ADD COLUMN gate text;
ALTER TABLE flights RENAME COLUMN dep_delay TO delay;
COMMENT ON TABLE flights IS 'half done';
COMMIT;
SELECT * FROM versions;
\d flights

-- several statements publish one version, of the net effect
BEGIN;
ALTER TABLE flights ADD COLUMN gate text;
ALTER TABLE flights ADD COLUMN seat text;
ALTER TABLE flights DROP COLUMN seat;
SELECT * FROM versions;
COMMIT;
SELECT * FROM versions;

-- a column that was there by the same name, and is another one now, has lost its values
BEGIN;
ALTER TABLE flights DROP COLUMN dep_delay;
ALTER TABLE flights ADD COLUMN dep_delay integer;
COMMIT;
-- so has one that went through another type
BEGIN;
ALTER TABLE flights ALTER COLUMN dep_delay TYPE smallint USING dep_delay / 10;
ALTER TABLE flights ALTER COLUMN dep_delay TYPE integer;
COMMIT;
BEGIN;
ALTER TABLE flights ALTER COLUMN dep_delay TYPE bigint;
ALTER TABLE flights ALTER COLUMN dep_delay TYPE integer;
COMMIT;

-- savepoints: what is rolled back does not count
BEGIN;
SAVEPOINT s;
ALTER TABLE flights DROP COLUMN dep_delay;
ROLLBACK TO s;
ALTER TABLE flights ADD COLUMN note text;
COMMIT;
BEGIN;
ALTER TABLE flights DROP COLUMN note;
SAVEPOINT s;
ALTER TABLE flights ADD COLUMN note text;
ROLLBACK TO s;
COMMIT;
BEGIN;
SAVEPOINT s;
ALTER TABLE flights RENAME COLUMN note TO remark;
RELEASE s;
SAVEPOINT s;
ALTER TABLE flights RENAME COLUMN remark TO note;
RELEASE s;
COMMIT;
SELECT version FROM versions;

-- SET CONSTRAINTS calls for the verdict, and cannot put it off beyond the end; what follows is judged at each statement
BEGIN;
ALTER TABLE flights DROP COLUMN note;
SET CONSTRAINTS ALL DEFERRED;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
BEGIN;
ALTER TABLE flights ADD COLUMN remark text;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT version FROM versions;
ALTER TABLE flights DROP COLUMN note;
ROLLBACK;
BEGIN;
ALTER TABLE flights DROP COLUMN note;
SET accord.judge_at = 'statement';
SET CONSTRAINTS ALL DEFERRED;
COMMIT;
BEGIN;
ALTER TABLE flights DROP COLUMN note;
RESET accord.judge_at;
ALTER TABLE flights ADD COLUMN remark text;
COMMIT;
SET accord.judge_at = 'commit';
BEGIN;
ALTER TABLE flights DROP COLUMN note;
PREPARE TRANSACTION 'regress_commit';
-- nobody can take it away
BEGIN;
ALTER TABLE flights DROP COLUMN note;
DELETE FROM accord_catalog.pending_judgement;
ROLLBACK;
BEGIN;
ALTER TABLE flights DROP COLUMN note;
SELECT FROM accord.publish_version('flights');
COMMIT;

-- a statement by itself is judged at once, before it waits for anything; in a block or a function with its transaction
ALTER TABLE flights DROP COLUMN note;
DO $$ BEGIN
    ALTER TABLE flights RENAME COLUMN note TO remark;
    ALTER TABLE flights RENAME COLUMN remark TO note;
END $$;
DO $$ BEGIN
    ALTER TABLE flights RENAME COLUMN note TO remark;
END $$;
BEGIN;
DO $$ BEGIN
    ALTER TABLE flights RENAME COLUMN note TO remark;
EXCEPTION WHEN SQLSTATE 'AC001' THEN RAISE 'too early';
END $$;
COMMIT;

-- two tables swap their names
CREATE TABLE flights_new (LIKE flights INCLUDING ALL);
GRANT SELECT, INSERT, UPDATE, DELETE ON flights_new TO regress_commit_reader;
INSERT INTO flights_new SELECT * FROM flights;
BEGIN;
ALTER TABLE flights RENAME TO flights_old;
ALTER TABLE flights_new RENAME TO flights;
COMMIT;
SELECT contract::text, table_name FROM accord.contracts;
SELECT * FROM accord.drift('flights');
-- not where the other one lacks something
BEGIN;
ALTER TABLE flights RENAME TO flights_new;
ALTER TABLE flights_old RENAME TO flights;
ALTER TABLE flights DROP COLUMN note;
COMMIT;
BEGIN;
ALTER TABLE flights RENAME TO flights_new;
COMMIT;
-- both have a contract
SELECT FROM accord.register_contract('flights_old', owner => 'regress_commit_owner');
BEGIN;
ALTER TABLE flights RENAME TO flights_new;
ALTER TABLE flights_old RENAME TO flights;
ALTER TABLE flights_new RENAME TO flights_old;
COMMIT;
SELECT contract::text, table_name FROM accord.contracts ORDER BY 1;
SELECT detail - 'statement' AS detail FROM accord.audit_log WHERE action = 'replace relation';
SELECT FROM accord.drop_contract('flights_old');

-- dropped and made again; and not made again
BEGIN;
CREATE TABLE keep AS TABLE flights;
DROP TABLE flights;
CREATE TABLE flights (LIKE flights_old INCLUDING ALL);
GRANT SELECT, INSERT, UPDATE, DELETE ON flights TO regress_commit_reader;
INSERT INTO flights TABLE keep;
DROP TABLE keep;
COMMIT;
SELECT contract::text, table_name, (SELECT count(*) FROM flights) FROM accord.contracts;
BEGIN;
DROP TABLE flights;
CREATE TABLE flights (LIKE flights_old INCLUDING ALL);
COMMIT;
BEGIN;
DROP TABLE flights;
COMMIT;
DROP TABLE flights;

-- warn mode says it at the end, and a waiver covers the whole
SELECT accord.waive('flights', reason => 'a quiet night') > 0 AS granted;
BEGIN;
ALTER TABLE flights DROP COLUMN note;
SELECT state FROM accord.waivers;
ALTER TABLE flights DROP COLUMN gate;
COMMIT;
SELECT state, used_for FROM accord.waivers;
SELECT accord.set_guard_mode('warn', 'flights');
BEGIN;
ALTER TABLE flights ALTER COLUMN carrier DROP NOT NULL;
SELECT 'nothing said yet';
COMMIT;
SELECT version, status FROM versions;
RESET ROLE;

-- the kill switch
SET accord.guard = off;
BEGIN;
ALTER TABLE flights DROP COLUMN carrier;
COMMIT;
BEGIN;
SET accord.guard = on;
ALTER TABLE flights DROP COLUMN dep_delay;
SET LOCAL accord.guard = off;
COMMIT;
SELECT count(*) FROM accord_catalog.pending_judgement;

-- a table that becomes a view with its names: who copies into it and relies on that much would notice
RESET accord.guard;
CREATE TABLE gates (gate text PRIMARY KEY, opened integer NOT NULL DEFAULT 0, closed integer CHECK (closed > 0));
ALTER TABLE gates OWNER TO regress_commit_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON gates TO regress_commit_reader;
SELECT FROM accord.register_contract('gates', owner => 'regress_commit_owner');
SELECT FROM accord.subscribe('gates', 'billing');
SELECT FROM accord.register_consumer('copier', role => 'regress_commit_reader');
SET ROLE regress_commit_owner;
BEGIN;
ALTER TABLE gates RENAME TO gates_base;
CREATE VIEW gates WITH (security_invoker) AS SELECT gate, opened FROM gates_base;
GRANT SELECT, INSERT, UPDATE, DELETE ON gates TO regress_commit_reader;
COMMIT;
BEGIN;
ALTER TABLE gates RENAME TO gates_base;
CREATE VIEW gates WITH (security_invoker) AS SELECT * FROM gates_base WHERE opened > 0;
GRANT SELECT, INSERT, UPDATE, DELETE ON gates TO regress_commit_reader;
COMMIT;
RESET ROLE;
SELECT FROM accord.subscribe('gates', 'copier', strictness => 'exact');
SET ROLE regress_commit_owner;
BEGIN;
ALTER TABLE gates RENAME TO gates_base;
CREATE VIEW gates WITH (security_invoker) AS SELECT * FROM gates_base;
GRANT SELECT, INSERT, UPDATE, DELETE ON gates TO regress_commit_reader;
COMMIT;
SELECT FROM accord.unsubscribe('gates', 'copier');
BEGIN;
ALTER TABLE gates RENAME TO gates_base;
CREATE VIEW gates WITH (security_invoker) AS SELECT * FROM gates_base;
GRANT SELECT, INSERT, UPDATE, DELETE ON gates TO regress_commit_reader;
COMMIT;
SET ROLE regress_commit_reader;
INSERT INTO gates (gate) VALUES ('A1') ON CONFLICT (gate) DO UPDATE SET closed = 1 RETURNING *;
INSERT INTO gates (gate) VALUES (NULL);
INSERT INTO gates VALUES ('A2', 1, -1);
UPDATE gates SET closed = 2 WHERE gate = 'A1' RETURNING *;
RESET ROLE;
SELECT contract::text, version FROM accord.contracts WHERE table_name = 'gates';
SELECT kind, element FROM accord.drift('gates');
SET ROLE regress_commit_owner;
ALTER VIEW gates RENAME COLUMN closed TO shut;
DROP VIEW gates;
RESET ROLE;

-- what has no default of the view's own: NULL in UPDATE ... SET column = DEFAULT, or the domain's in a row that leaves it out
CREATE DOMAIN regress_floor AS integer DEFAULT 7;
CREATE TABLE lounges (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, seats integer NOT NULL DEFAULT 10, note text DEFAULT 'open', floor regress_floor DEFAULT 3);
SELECT FROM accord.register_contract('lounges');
SELECT FROM accord.subscribe('lounges', 'billing', access => 'write');
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges AS SELECT * FROM lounges_base;
COMMIT;
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges AS SELECT * FROM lounges_base;
INSERT INTO lounges (id) VALUES (1) RETURNING *;
UPDATE lounges SET note = DEFAULT RETURNING note;
UPDATE lounges SET seats = DEFAULT;
ROLLBACK;
-- a materialized view takes no writes, and its rows stand still
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE MATERIALIZED VIEW lounges AS SELECT * FROM lounges_base;
COMMIT;
-- nor does one of some rows, or one that computes something
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges AS SELECT * FROM lounges_base LIMIT 10;
COMMIT;
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges AS SELECT id, seats, upper(note) AS note, floor FROM lounges_base;
ALTER VIEW lounges ALTER seats SET DEFAULT 10, ALTER floor SET DEFAULT 3;
INSERT INTO lounges (id, note) VALUES (1, 'closed');
ROLLBACK;
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges AS SELECT id, seats, upper(note) AS note, floor FROM lounges_base;
ALTER VIEW lounges ALTER seats SET DEFAULT 10, ALTER floor SET DEFAULT 3;
COMMIT;
-- a view over a view passes on what that one passes on
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges_between AS SELECT * FROM lounges_base;
CREATE VIEW lounges AS SELECT * FROM lounges_between;
ALTER VIEW lounges ALTER note SET DEFAULT 'open', ALTER floor SET DEFAULT 3;
INSERT INTO lounges (id) VALUES (1) RETURNING *;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
-- and what it does not pass on, or computes, under whatever name
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges_between AS SELECT * FROM lounges_base WHERE seats > 5;
CREATE VIEW lounges AS SELECT * FROM lounges_between;
ALTER VIEW lounges ALTER note SET DEFAULT 'open', ALTER floor SET DEFAULT 3;
COMMIT;
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges_between AS SELECT DISTINCT * FROM lounges_base;
CREATE VIEW lounges AS SELECT * FROM lounges_between;
ALTER VIEW lounges ALTER note SET DEFAULT 'open', ALTER floor SET DEFAULT 3;
COMMIT;
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges_between AS SELECT id, seats, upper(note) AS capital, floor FROM lounges_base;
CREATE VIEW lounges AS SELECT id, seats, capital AS note, floor FROM lounges_between;
ALTER VIEW lounges ALTER note SET DEFAULT 'open', ALTER floor SET DEFAULT 3;
COMMIT;
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE MATERIALIZED VIEW lounges_between AS SELECT * FROM lounges_base;
CREATE VIEW lounges AS SELECT * FROM lounges_between;
COMMIT;
-- with defaults of its own nobody notices, but who relies on every statement that a table takes
BEGIN;
ALTER TABLE lounges RENAME TO lounges_base;
CREATE VIEW lounges AS SELECT * FROM lounges_base;
ALTER VIEW lounges ALTER note SET DEFAULT 'open', ALTER floor SET DEFAULT 3;
COMMIT;
INSERT INTO lounges (id) VALUES (1) RETURNING *;
UPDATE lounges SET note = DEFAULT, floor = DEFAULT RETURNING note, floor;

-- another table takes the name: partitioned, whether or not it has a place for each row
CREATE TABLE queues (id integer PRIMARY KEY, length integer);
SELECT FROM accord.register_contract('queues');
SELECT FROM accord.subscribe('queues', 'billing', access => 'write');
BEGIN;
CREATE TABLE queues_new (LIKE queues INCLUDING ALL) PARTITION BY RANGE (id);
CREATE TABLE queues_new_1 PARTITION OF queues_new FOR VALUES FROM (0) TO (1000);
ALTER TABLE queues RENAME TO queues_old;
ALTER TABLE queues_new RENAME TO queues;
COMMIT;
BEGIN;
CREATE TABLE queues_new (LIKE queues INCLUDING ALL) PARTITION BY HASH (id);
CREATE TABLE queues_new_1 PARTITION OF queues_new FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE queues_new_2 PARTITION OF queues_new FOR VALUES WITH (MODULUS 4, REMAINDER 1);
ALTER TABLE queues RENAME TO queues_old;
ALTER TABLE queues_new RENAME TO queues;
COMMIT;
BEGIN;
CREATE TABLE queues_new (LIKE queues INCLUDING ALL) PARTITION BY HASH (id);
CREATE TABLE queues_new_1 PARTITION OF queues_new FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE queues_new_2 PARTITION OF queues_new FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE queues_new_3 PARTITION OF queues_new FOR VALUES WITH (MODULUS 4, REMAINDER 3);
ALTER TABLE queues RENAME TO queues_old;
ALTER TABLE queues_new RENAME TO queues;
COMMIT;
SELECT contract::text, version FROM accord.contracts WHERE table_name IN ('lounges', 'queues') ORDER BY 1;

-- policies that let everything through hide nothing when their table is replaced by one without row security; others do
CREATE TABLE vaults (id integer PRIMARY KEY, gold integer);
ALTER TABLE vaults ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON vaults USING (true) WITH CHECK (true);
SELECT FROM accord.register_contract('vaults');
SELECT FROM accord.subscribe('vaults', 'billing', access => 'read');
BEGIN;
SET LOCAL accord.judge_at = 'commit';
CREATE TABLE vaults_new (LIKE vaults INCLUDING ALL);
ALTER TABLE vaults RENAME TO vaults_old;
ALTER TABLE vaults_new RENAME TO vaults;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
SET accord.guard = off;
CREATE POLICY little ON vaults AS RESTRICTIVE USING (gold < 10);
RESET accord.guard;
SELECT FROM accord.publish_version('vaults', version => '2.0.0');
BEGIN;
SET LOCAL accord.judge_at = 'commit';
CREATE TABLE vaults_new (LIKE vaults INCLUDING ALL);
ALTER TABLE vaults RENAME TO vaults_old;
ALTER TABLE vaults_new RENAME TO vaults;
COMMIT;
