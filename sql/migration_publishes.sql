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

-- what stays for the old version until purge is none of the new version's: a compatible change in between publishes itself without it
CREATE TABLE kept (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text CONSTRAINT short CHECK (length(code) < 9) CONSTRAINT once UNIQUE);
SELECT accord.register_contract('kept');
SELECT state FROM accord.stage('kept', 'ALTER TABLE kept DROP CONSTRAINT short, DROP CONSTRAINT once');
CALL accord.backfill('kept');
SELECT state FROM accord.complete('kept');
SELECT * FROM accord.diff('kept');
ALTER TABLE kept ADD COLUMN later text;
SELECT version FROM accord.contract_versions WHERE contract = 'kept'::regclass ORDER BY version DESC LIMIT 1;
SELECT change, element FROM accord.diff('kept', '2.0.0', '2.1.0');
SELECT state FROM accord.purge('kept');
SELECT * FROM accord.diff('kept');
