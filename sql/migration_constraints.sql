-- Constraints and indexes as part of the new version: NOT NULL, CHECK, UNIQUE, FOREIGN KEY and CREATE INDEX in the DDL, and their drop.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE owner (id integer PRIMARY KEY);
INSERT INTO owner VALUES (1), (2);
CREATE TABLE t (id integer PRIMARY KEY, amount integer, code text, tag text, CONSTRAINT short_tag CHECK (length(tag) < 5));
CREATE INDEX by_tag ON t (tag);
INSERT INTO t VALUES (1, 10, 'a', 'x'), (2, -20, 'b', 'y'), (3, NULL, 'c', 'z');
SELECT accord.register_contract('t');
CREATE TABLE before_all AS SELECT looks('t') AS line;
RESET client_min_messages;

-- what clients of the old version could violate needs a column of the new version's own
SELECT accord.stage('t', 'ALTER TABLE t ADD CONSTRAINT positive CHECK (amount > 0)');
SELECT accord.stage('t', 'ALTER TABLE t ADD CONSTRAINT one_code UNIQUE (code)');
SELECT accord.stage('t', 'CREATE UNIQUE INDEX one_code ON t (code)');
SELECT accord.stage('t', 'ALTER TABLE t ADD COLUMN o integer, ADD PRIMARY KEY (o)', up => 'o = id');
SELECT accord.stage('t', 'ALTER TABLE t ADD EXCLUDE USING btree (code WITH =)');
SELECT accord.stage('t', 'CREATE INDEX ON t (code)');
SELECT accord.stage('t', 'CREATE INDEX i ON t (nowhere)');
SELECT accord.stage('t', 'ALTER TABLE t ADD COLUMN o integer, ADD CONSTRAINT c CHECK (o > nowhere)');

SET client_min_messages = warning;
SELECT state FROM accord.stage('t', $$
    ALTER TABLE t ALTER COLUMN amount SET NOT NULL, ADD CONSTRAINT positive CHECK (t.amount > 0);
    ALTER TABLE t ADD COLUMN o integer, ADD CONSTRAINT t_o_fkey FOREIGN KEY (o) REFERENCES owner ON DELETE SET NULL;
    ALTER TABLE t ALTER COLUMN code TYPE varchar(10), ADD CONSTRAINT one_code UNIQUE (code);
    CREATE INDEX CONCURRENTLY by_amount ON t (amount DESC, lower(code)) WHERE amount > 5;
    ALTER TABLE t DROP CONSTRAINT short_tag;
    DROP INDEX by_tag;
$$, up => 'amount = coalesce(abs(amount), 1)', down => 'amount = amount, code = code');
CALL accord.backfill('t');
SELECT state, next_step FROM accord.status;
SELECT * FROM t_v2.t ORDER BY id;

-- NOT NULL of the new version, in PostgreSQL's words
INSERT INTO t_v2.t (id, code) VALUES (4, 'd');
\echo :LAST_ERROR_SQLSTATE
UPDATE t_v2.t SET amount = NULL WHERE id = 1;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO t_v2.t (id, amount, code) VALUES (4, -4, 'd');
INSERT INTO t_v2.t (id, amount, code) VALUES (4, 4, 'a');
INSERT INTO t_v2.t (id, amount, code, o) VALUES (4, 4, 'd', 3);
INSERT INTO t_v2.t (id, amount, code, o) VALUES (4, 4, 'd', 2) RETURNING *;
-- clients of the old version go on as they were
INSERT INTO t_v1.t (id, amount, code) VALUES (5, NULL, 'e') RETURNING *;
INSERT INTO t (id, amount, code) VALUES (6, -6, 'f') RETURNING id, amount, code;
SELECT * FROM t_v2.t WHERE id > 4 ORDER BY id;
-- what was announced: a row that up makes impossible
INSERT INTO t (id, amount, code) VALUES (7, 7, 'a');

BEGIN;
SELECT state FROM accord.rollback('t');
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('t');
ROLLBACK;

SELECT state FROM accord.complete('t');
SELECT line FROM looks('t') line WHERE line !~ '^(view|CREATE TRIGGER)';
SELECT accord_catalog.capture_shape('t') -> 'constraints' AS now, (SELECT shape -> 'constraints' FROM accord_catalog.contract_version WHERE major = 2) AS promised \gset
SELECT c->>'name' AS only_now FROM jsonb_array_elements(:'now') c WHERE NOT :'promised'::jsonb @> jsonb_build_array(c);
SELECT c->>'name' AS only_promised FROM jsonb_array_elements(:'promised') c WHERE NOT :'now'::jsonb @> jsonb_build_array(c);
INSERT INTO t_v2.t (id, code) VALUES (8, 'h');
INSERT INTO t_v1.t (id, amount, code) VALUES (8, NULL, 'h') RETURNING *;

BEGIN;
SELECT state FROM accord.rollback('t');
SELECT looks('t') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('t');
ROLLBACK;

-- what the new version does not have holds until purge
INSERT INTO t_v2.t (id, amount, tag) VALUES (9, 9, 'far too long');
SELECT state FROM accord.purge('t');
SELECT line FROM looks('t') line;
INSERT INTO t (id, amount, tag) VALUES (9, 9, 'far too long') RETURNING *;
