-- After a migration the table has its columns in another order than the version: compatible DDL publishes what it did, and no more.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE t (id integer PRIMARY KEY, n integer, note text);
SELECT accord.register_contract('t');
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER COLUMN n TYPE bigint');
CALL accord.backfill('t');
SELECT state FROM accord.complete('t');
RESET client_min_messages;
SELECT accord.publish_version('t');
COMMENT ON COLUMN t.note IS 'a remark';
SELECT state FROM accord.purge('t');
COMMENT ON TABLE t IS 'a table';
ALTER TABLE t ADD COLUMN extra text;
ALTER TABLE t ALTER COLUMN note SET STATISTICS 100;
SELECT major, minor, patch, statement, jsonb_path_query_array(shape, '$.columns[*].name') AS columns FROM accord_catalog.contract_version ORDER BY 1, 2, 3;
SELECT count(*) FROM accord.drift();
