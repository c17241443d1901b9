-- One schema for each release of the clients' code: a view for each contract at the version that the code was written for.
CREATE EXTENSION pg_accord;
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE ROLE regress_release_app LOGIN;
CREATE ROLE regress_release_late;
CREATE TABLE flights (id integer PRIMARY KEY, delay integer DEFAULT 5, note text);
CREATE TABLE planes (id integer PRIMARY KEY, seats integer);
COMMENT ON TABLE flights IS 'what flew';
COMMENT ON COLUMN flights.delay IS 'minutes';
INSERT INTO flights VALUES (1, 10, 'one');
INSERT INTO planes VALUES (1, 100);
GRANT SELECT, INSERT ON flights TO regress_release_app;
SELECT accord.register_contract('flights');
SELECT accord.register_contract('planes');
-- what cannot be
SELECT accord.create_release('r', '{"flights": "7"}');
SELECT accord.create_release('r', '{"nothing": null}');
SELECT accord.create_release('r', '{}');
SELECT accord.create_release('r', '[1]');
SELECT accord.create_release(NULL);
SET ROLE regress_release_app;
SELECT accord.create_release('r', '{"flights": "1"}');
SELECT accord.create_release('r');
RESET ROLE;
SELECT accord.drop_release('r');
SELECT accord.use_release('r');
-- the first release: everything as it is
SELECT accord.create_release('2026_11');
SELECT accord.create_release('2026_11');
SELECT release, schema, versions, roles, sessions FROM accord.releases;
SELECT obj_description('release_2026_11.flights'::regclass), col_description('release_2026_11.flights'::regclass, 2);
-- the second: another version of one table
SELECT state FROM accord.stage('flights', 'ALTER TABLE flights ALTER COLUMN delay TYPE interval USING make_interval(mins => delay), ALTER COLUMN delay SET DEFAULT ''8 minutes''; ALTER TABLE flights RENAME COLUMN note TO remark',
                               down => 'delay = (extract(epoch FROM delay) / 60)::integer', insert_null => 'default');
SELECT accord.create_release('2026_12', '{"flights": "2"}');
CALL accord.backfill('flights');
SELECT accord.create_release('2026_12', '{"flights": "2", "planes": null}');
SELECT release, versions FROM accord.releases ORDER BY 1;
SET search_path = release_2026_11, public;
INSERT INTO flights (id, note) VALUES (2, 'two');
SELECT * FROM flights ORDER BY id;
-- the table's name means the release's view, and its contract
SELECT DISTINCT verdict FROM accord.verify('flights');
SET search_path = release_2026_12, public;
INSERT INTO flights (id, remark) VALUES (3, 'three');
SELECT * FROM flights ORDER BY id;
SELECT * FROM planes;
RESET search_path;
-- rights are the table's, also those that are given later
SET ROLE regress_release_app;
INSERT INTO release_2026_12.flights (id) VALUES (4);
SELECT count(*) FROM release_2026_11.flights;
DELETE FROM release_2026_12.flights;
SELECT * FROM release_2026_12.planes;
RESET ROLE;
GRANT SELECT ON flights, planes TO regress_release_late;
SET ROLE regress_release_late;
SELECT count(*) FROM release_2026_11.flights;
SELECT count(*) FROM release_2026_12.planes;
RESET ROLE;
-- complete: both releases go on, with their own defaults
SELECT state FROM accord.complete('flights');
INSERT INTO release_2026_11.flights (id) VALUES (5);
INSERT INTO release_2026_12.flights (id) VALUES (6);
SELECT o.id, o.delay, o.note, n.delay, n.remark FROM release_2026_11.flights o JOIN release_2026_12.flights n USING (id) ORDER BY id;
-- the old version cannot go while a release shows it, nor the new one
SELECT accord.purge('flights');
SELECT accord.rollback('flights');
-- who uses a release keeps it
SELECT accord.use_release('2026_11');
ALTER ROLE regress_release_app IN DATABASE :"DBNAME" SET search_path = release_2026_11, public;
SELECT release, roles, sessions FROM accord.releases ORDER BY 1;
\set VERBOSITY default
SELECT accord.drop_release('2026_11');
\set VERBOSITY terse
ALTER ROLE regress_release_app IN DATABASE :"DBNAME" RESET search_path;
SELECT accord.use_release('2026_12');
SELECT * FROM flights ORDER BY id LIMIT 1;
SELECT release, sessions FROM accord.releases ORDER BY 1;
DISCARD ALL;
SET client_min_messages = warning;
SELECT release, sessions FROM accord.releases ORDER BY 1;
SET ROLE regress_release_app;
SELECT accord.drop_release('2026_11');
RESET ROLE;
-- undo with the first release: the default is its own again
SELECT accord.drop_release('2026_12');
SELECT state FROM accord.rollback('flights');
INSERT INTO release_2026_11.flights (id) VALUES (7);
SELECT * FROM release_2026_11.flights WHERE id = 7;
SELECT * FROM flights WHERE id = 7;
-- and what others built on it is not ours to drop
CREATE VIEW mine AS SELECT * FROM release_2026_11.planes;
SELECT accord.drop_release('2026_11');
DROP VIEW mine;
SELECT accord.drop_release('2026_11');
SELECT * FROM accord.releases;
SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'release%';
SELECT count(*) FROM accord_catalog.release_contract;
SELECT action, detail FROM accord_catalog.audit_log WHERE action LIKE '%release' ORDER BY id;
