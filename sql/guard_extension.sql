-- While a migration is live the extension keeps its parts: what is taken out of it could be dropped, and a dump would not have it again.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE t (id integer PRIMARY KEY, a integer);
SELECT accord.register_contract('t');
CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1';
-- nothing is live
ALTER EXTENSION pg_accord DROP FUNCTION accord_catalog.sync_first();
ALTER EXTENSION pg_accord ADD FUNCTION accord_catalog.sync_first();
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint');
ALTER EXTENSION pg_accord DROP FUNCTION accord_catalog.sync_first();
ALTER EXTENSION pg_accord DROP TABLE accord_catalog.migration;
ALTER EXTENSION plpgsql ADD FUNCTION mine();
ALTER EXTENSION plpgsql DROP FUNCTION mine();
SELECT state FROM accord.rollback('t');
