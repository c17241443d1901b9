-- CREATE, DROP and RENAME TABLE as part of a version.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE books (id integer PRIMARY KEY, genre text, title text);
CREATE TABLE legacy_genres (name text PRIMARY KEY);
CREATE TABLE unpromised (book integer REFERENCES books);
INSERT INTO books VALUES (1, 'crime', 'A'), (2, NULL, 'B');
INSERT INTO legacy_genres VALUES ('crime');
SELECT accord.register_contract('books'), accord.register_contract('legacy_genres');
CREATE TABLE before_all AS SELECT looks('books') AS line;
\set ddl 'CREATE TABLE genres (id integer PRIMARY KEY, name text UNIQUE); COMMENT ON TABLE genres IS ''new''; CREATE INDEX genres_name ON genres (lower(name)); GRANT SELECT ON genres TO PUBLIC; ALTER TABLE books RENAME TO works; ALTER TABLE works ADD COLUMN genre_id integer REFERENCES genres; DROP TABLE legacy_genres, unpromised'
-- refused
SELECT accord.stage('books', 'CREATE TABLE IF NOT EXISTS genres (id integer); ALTER TABLE books RENAME title TO name');
SELECT accord.stage('books', 'CREATE TEMP TABLE genres (id integer); ALTER TABLE books RENAME title TO name');
SELECT accord.stage('books', 'CREATE TABLE books (id integer); ALTER TABLE books RENAME title TO name');
SELECT accord.stage('books', 'CREATE TABLE genres (id integer)');
SELECT accord.stage('books', 'DROP TABLE books');
SELECT accord.stage('unpromised', 'DROP TABLE books');
SELECT accord.stage('legacy_genres', 'ALTER TABLE legacy_genres RENAME name TO label; DROP TABLE books');
SELECT accord.stage('books', 'DROP TABLE IF EXISTS nothing; ALTER TABLE books RENAME title TO name');
SELECT accord.stage('books', 'CREATE TABLE genres (id integer); ALTER TABLE books RENAME ttle TO name');
SELECT accord.stage('books', :'ddl', up => 'genres.name = genre');
SELECT to_regclass('genres');
SELECT phase, statement FROM accord.plan('books', :'ddl') WHERE statement ~ '(CREATE|DROP) TABLE|INDEX|GRANT SELECT ON genres|RENAME TO' ORDER BY step;
SELECT to_regclass('genres');

SELECT contract_relation, state, view FROM accord.stage('books', :'ddl');
SELECT contract_relation, state FROM accord.stage('books', :'ddl');
CALL accord.backfill('books');
SELECT table_name, role FROM accord_catalog.migration_table ORDER BY 1;
INSERT INTO genres VALUES (1, 'crime');
UPDATE works_v2.works SET genre_id = 1 WHERE id = 1;
UPDATE works_v2.works SET genre_id = 2 WHERE id = 1;
SELECT * FROM works_v2.works ORDER BY id;
SELECT * FROM books_v1.books ORDER BY id;
INSERT INTO legacy_genres VALUES ('poetry');
-- taken back: the new table goes, the old ones stay
BEGIN;
CREATE VIEW stands_on_it AS SELECT * FROM genres;
SAVEPOINT s;
SELECT accord.rollback('books');
ROLLBACK TO s;
DROP VIEW stands_on_it;
SELECT contract_relation, state FROM accord.rollback('books');
SELECT to_regclass('genres'), to_regclass('legacy_genres');
SELECT looks('books') EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('books');
SELECT count(*) FROM accord_catalog.migration_table;
ROLLBACK;
-- called otherwise meanwhile: not ours to drop
BEGIN;
ALTER TABLE genres RENAME TO mine;
SELECT contract_relation, state FROM accord.rollback('books');
SELECT to_regclass('mine');
ROLLBACK;
-- a table that goes and is still promised to somebody
CREATE ROLE regress_reader;
GRANT SELECT ON legacy_genres TO regress_reader;
SELECT accord.register_consumer('reader', role => 'regress_reader');
SELECT accord.subscribe('legacy_genres', 'reader', access => 'read');
SELECT accord.complete('books');
DROP TABLE legacy_genres;
SELECT accord.unsubscribe('legacy_genres', 'reader');
SELECT contract_relation, state FROM accord.complete('books');
SELECT * FROM works ORDER BY id;
SELECT * FROM legacy_genres ORDER BY name;
-- undone
BEGIN;
SELECT contract_relation, state FROM accord.rollback('works');
SELECT to_regclass('genres'), to_regclass('books'), to_regclass('legacy_genres');
ROLLBACK;
SELECT contract_relation, state FROM accord.purge('works');
SELECT to_regclass('genres'), to_regclass('works'), to_regclass('legacy_genres'), to_regclass('unpromised');
SELECT name FROM (SELECT last_name AS name, relation FROM accord_catalog.contract) c WHERE relation IS NULL;
SELECT count(*) FROM accord_catalog.migration_table;
DELETE FROM genres;
