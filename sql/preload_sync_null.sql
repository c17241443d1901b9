-- With the library preloaded the first statement of a session, too, tells an explicit NULL from an omitted column.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE t (id serial PRIMARY KEY, size integer DEFAULT 5, note text);
SELECT hand.stage('t', '{"size": "text"}', hand.pair('{size}', '{size}', '{size}', '{size::integer}')) IS NOT NULL AS staged;
\c -
INSERT INTO t_v2.t (size, note) VALUES (NULL, 'new, explicit null');
\c -
INSERT INTO t_v2.t (note) VALUES ('new, omitted');
\c -
INSERT INTO t_v1.t (size, note) VALUES (NULL, 'old, explicit null');
\c -
COPY t (_accord_1_size, note) FROM stdin;
\N	copy, explicit null
\.
SELECT v1.size, v2.size AS new_size, note FROM t_v1.t v1 JOIN t_v2.t v2 USING (id, note) ORDER BY id;
