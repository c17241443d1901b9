-- What a first walk through the extension found, each as it must be.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;

-- after completion, a client of the old version's view keeps its own default
CREATE TABLE s5 (id integer, v integer DEFAULT 5);
SELECT accord.register_contract('s5');
SELECT state FROM accord.stage('s5', 'ALTER TABLE s5 ALTER v TYPE text; ALTER TABLE s5 ALTER v SET DEFAULT ''x''', down => 'v = length(v)',
                               insert_null => 'default');
CALL accord.backfill('s5');
INSERT INTO s5_v1.s5 (id) VALUES (1) RETURNING *;
INSERT INTO s5_v2.s5 (id) VALUES (2) RETURNING *;
SELECT state FROM accord.complete('s5');
INSERT INTO s5_v1.s5 (id) VALUES (3) RETURNING *;
INSERT INTO s5_v1.s5 (id, v) VALUES (4, 7), (5, DEFAULT) RETURNING *;
INSERT INTO s5 (id) VALUES (6) RETURNING id, v;
SELECT * FROM s5_v2.s5 ORDER BY id;

-- a second migration on top of a live one that has a column of its own
CREATE TABLE e (a integer, b integer);
SELECT accord.register_contract('e');
INSERT INTO e VALUES (1, 10);
SELECT target_version FROM accord.stage('e', 'ALTER TABLE e ALTER a TYPE text', down => 'a = a::integer');
CALL accord.backfill('e');
SELECT target_version FROM accord.stage('e', 'ALTER TABLE e ALTER b TYPE text', down => 'b = b::integer');
CALL accord.backfill('e', '3');
INSERT INTO e_v1.e VALUES (2, 20);
INSERT INTO e_v2.e VALUES ('3', 30);
INSERT INTO e_v3.e VALUES ('4', '40');
SELECT v1.a, v1.b, v2.a, v2.b, v3.a, v3.b
  FROM e_v1.e v1 JOIN e_v2.e v2 ON v2.a = v1.a::text JOIN e_v3.e v3 ON v3.a = v2.a ORDER BY 1;
SELECT check_name, mismatched, verdict FROM accord.verify('e', '3');
SELECT state FROM accord.complete('e', '2');
SELECT state FROM accord.complete('e', '3');
SELECT string_agg(a || ':' || b, ' ' ORDER BY a) FROM e;
INSERT INTO e_v1.e VALUES (5, 50);
SELECT target_version, state FROM accord.rollback('e', '3');
SELECT target_version, state FROM accord.rollback('e', '2');
SELECT string_agg(a || ':' || b, ' ' ORDER BY a) FROM e;
SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
  FROM pg_attribute WHERE attrelid = 'e'::regclass AND attnum > 0 AND NOT attisdropped;

-- rights on a version's view may be given: a restore does so, and so does an owner for a new role
CREATE ROLE regress_walk_reader;
CREATE TABLE k (id integer PRIMARY KEY, a integer);
SELECT accord.register_contract('k');
SELECT state FROM accord.stage('k', 'ALTER TABLE k RENAME a TO b');
GRANT SELECT ON k TO regress_walk_reader;
GRANT USAGE ON SCHEMA k_v2 TO regress_walk_reader;
GRANT SELECT ON k_v2.k TO regress_walk_reader;
SET ROLE regress_walk_reader;
SELECT * FROM k_v2.k;
RESET ROLE;

-- a version that a consumer was moved to does not go away under it
CREATE ROLE regress_walk_app;
GRANT SELECT ON k TO regress_walk_app;
SELECT accord.register_consumer('walk_app', role => 'regress_walk_app');
SELECT accord.subscribe('k', 'walk_app', version => '1');
SELECT accord.switch_version('k', 'walk_app', '2');
\set SHOW_CONTEXT never
SELECT accord.rollback('k');
SELECT accord.switch_version('k', 'walk_app', '1');
SELECT state FROM accord.rollback('k');

-- the order of the columns after a migration is no news
CREATE TABLE ordr (id integer, x integer, y text);
SELECT accord.register_contract('ordr');
SELECT state FROM accord.stage('ordr', 'ALTER TABLE ordr ALTER x TYPE text', down => 'x = x::integer');
CALL accord.backfill('ordr');
SELECT state FROM accord.complete('ordr');
SELECT state FROM accord.purge('ordr');
CREATE INDEX ON ordr (y);
GRANT SELECT ON ordr TO CURRENT_USER;
SELECT version, status FROM accord.contract_versions WHERE contract = 'ordr'::regclass ORDER BY 1;

-- the hint for a constraint is one that can be followed
CREATE TABLE c (id integer PRIMARY KEY, b integer REFERENCES c (id));
SELECT accord.register_contract('c');
ALTER TABLE c DROP CONSTRAINT c_b_fkey;

-- with a version in front of the search_path, the table's name means the version's view: the verbs know its contract
CREATE TABLE viewed (id integer, v integer);
SELECT accord.register_contract('viewed');
SELECT state FROM accord.stage('viewed', 'ALTER TABLE viewed ALTER v TYPE text', down => 'v = v::integer');
SELECT accord.use_version('viewed', '1');
SELECT 'viewed'::regclass;
SELECT accord.register_contract('viewed');
CALL accord.backfill('viewed');
SELECT check_name, verdict FROM accord.verify('viewed');
SELECT accord.use_version('viewed', '2');
SELECT step, phase FROM accord.plan('viewed', 'ALTER TABLE viewed RENAME v TO w');
SELECT state FROM accord.complete('viewed', force => true);
SELECT state FROM accord.rollback('viewed');
RESET search_path;
SELECT * FROM viewed;

-- the trial does not speak of values that no row can have
CREATE TABLE money (id integer, amount numeric(10,2));
SELECT accord.register_contract('money');
RESET client_min_messages;
SELECT state FROM accord.stage('money', 'ALTER TABLE money ALTER amount TYPE bigint USING (amount * 100)::bigint', down => 'amount = amount / 100.0');
SET client_min_messages = warning;

-- what is STABLE for a reason that does not matter here may stand in up and down: the text of an enum, and concat() of what has a steady text
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE person (id integer, mood mood, tags mood[], first text, last text, born timestamptz);
SELECT accord.register_contract('person');
INSERT INTO person VALUES (1, 'happy', '{sad,happy}', 'Ada', 'L');
SELECT state FROM accord.stage('person', $$
    ALTER TABLE person ALTER mood TYPE text, ALTER tags TYPE text USING array_to_string(tags, ',');
    ALTER TABLE person ADD full_name text, DROP first, DROP last;
  $$,
  up => $$ full_name = concat_ws(' ', first, last) $$,
  down => $$ mood = mood::mood, tags = string_to_array(tags, ',')::mood[], first = split_part(full_name, ' ', 1), last = nullif(split_part(full_name, ' ', 2), '') $$);
CALL accord.backfill('person');
INSERT INTO person_v2.person (id, mood, full_name) VALUES (2, 'sad', 'Bob B') RETURNING *;
INSERT INTO person_v2.person (id, mood) VALUES (3, 'angry');
SELECT * FROM person ORDER BY id;
SELECT * FROM person_v2.person ORDER BY id;
SELECT accord.stage('person', $$ ALTER TABLE person ADD label text $$, up => $$ label = concat(id, born) $$);
SELECT accord.stage('person', $$ ALTER TABLE person ALTER born TYPE text $$, down => 'born = born::timestamptz');

RESET client_min_messages;
