-- A database in another encoding than UTF-8, in which not every character of the world can be written.
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regress_accord_encoding;
CREATE DATABASE regress_accord_encoding TEMPLATE template0 ENCODING 'EUC_JP' LOCALE 'C';
SELECT current_database() AS here \gset
\c regress_accord_encoding
CREATE EXTENSION pg_accord;
CREATE TABLE t (id integer PRIMARY KEY, a integer);
INSERT INTO t VALUES (1, 1);
SELECT accord.register_contract('t');
SET client_min_messages = warning;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER a TYPE bigint');
CALL accord.backfill('t');
SELECT state FROM accord.complete('t');
SELECT state FROM accord.purge('t');
-- what is said and stored is plain ASCII
SELECT obj_description(oid, 'pg_proc') FROM pg_proc WHERE pronamespace = 'accord'::regnamespace AND obj_description(oid, 'pg_proc') ~ '[^[:ascii:]]';
SELECT rule FROM accord.rules r WHERE r::text ~ '[^[:ascii:]]';
\c :here
DROP DATABASE regress_accord_encoding;
