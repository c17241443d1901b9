-- needs: hstore
-- needs: ltree
-- Types that an extension brings, whose operators are in no schema that stage looks into.
CREATE EXTENSION pg_accord;
CREATE EXTENSION hstore;
CREATE EXTENSION ltree;
CREATE TABLE page (id integer PRIMARY KEY, attributes hstore, path ltree, UNIQUE (path));
INSERT INTO page VALUES (1, 'a=>1, b=>NULL', 'top.a'), (2, NULL, 'top.b');
SELECT accord.register_contract('page');
-- both survive, and nothing is said
SET client_min_messages = warning;
SELECT state FROM accord.stage('page', 'ALTER TABLE page ALTER attributes TYPE text, ALTER path TYPE text', down => 'attributes = attributes::hstore, path = path::ltree');
CALL accord.backfill('page');
UPDATE page_v2.page SET attributes = 'c=>3', path = 'top.c' WHERE id = 1;
SELECT * FROM page_v1.page ORDER BY id;
SELECT state FROM accord.complete('page');
SELECT state FROM accord.rollback('page');
SELECT * FROM page ORDER BY id;
