-- INSERT without knowledge of the named columns (the first statement of a session loads the library) and with it.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE t (id serial PRIMARY KEY, size integer DEFAULT 5, token uuid DEFAULT gen_random_uuid(), at timestamptz DEFAULT now(), note text);
SELECT hand.stage('t', '{"size": "text DEFAULT ''medium''", "token": "text", "at": "timestamp", "upper_note": "text"}',
    hand.pair('{size}', '{size}', '{CASE size WHEN 1 THEN $$small$$ WHEN 5 THEN $$medium$$ WHEN 9 THEN $$large$$ END}',
                                  '{CASE size WHEN $$small$$ THEN 1 WHEN $$medium$$ THEN 5 WHEN $$large$$ THEN 9 END}'),
    hand.pair('{token}', '{token}', '{token}', '{token::uuid}'),
    hand.pair('{at}', '{at}', '{at AT TIME ZONE $$UTC$$}', '{at AT TIME ZONE $$UTC$$}'),
    hand.pair('{}', '{upper_note}', '{upper(note)}', '{}')) IS NOT NULL AS staged;
-- each through a new session, so that the library is not loaded when the statement begins (unless it is preloaded)
\c -
INSERT INTO t_v1.t (size, note) VALUES (9, 'old, given');
\c -
INSERT INTO t_v1.t (note) VALUES ('old, default');
\c -
INSERT INTO t_v2.t (size, note) VALUES ('small', 'new, given');
\c -
INSERT INTO t_v2.t (note) VALUES ('new, default');
\c -
INSERT INTO t_v2.t (token, at, note) VALUES ('00000000-0000-0000-0000-000000000001', '2024-01-01', 'new, against defaults');
\c -
INSERT INTO t_v2.t (upper_note, note) VALUES ('by hand', 'new column given');
\c -
INSERT INTO t (size, _accord_1_size) VALUES (1, 'large');
-- and again where it is
LOAD 'pg_accord';
INSERT INTO t_v1.t (size, note) VALUES (9, 'old, given');
INSERT INTO t_v1.t (note) VALUES ('old, default');
INSERT INTO t_v2.t (size, note) VALUES ('small', 'new, given');
INSERT INTO t_v2.t (note) VALUES ('new, default');
INSERT INTO t_v2.t (token, at, note) VALUES ('00000000-0000-0000-0000-000000000001', '2024-01-01', 'new, against defaults');
INSERT INTO t_v2.t (upper_note, note) VALUES ('by hand', 'new column given');
INSERT INTO t (size, _accord_1_size) VALUES (1, 'large');
SELECT v1.size, v2.size AS new_size, v2.token = v1.token::text AS same_token, v1.token::text LIKE '0000%' AS given_token,
       v2.at = v1.at AT TIME ZONE 'UTC' AS same_at, v1.at < '2024-06-01' AS given_at, v2.upper_note, v1.note
  FROM t_v1.t v1 JOIN t_v2.t v2 USING (id) ORDER BY v1.note, id;
SELECT * FROM hand.violations('t');

-- what only knowledge of the named columns can tell: an explicit NULL, or a value that equals the default
INSERT INTO t_v1.t (size, note) VALUES (NULL, 'explicit null, old');
INSERT INTO t_v2.t (size, note) VALUES (NULL, 'explicit null, new');
INSERT INTO t_v2.t (size, note) VALUES ('medium', 'default by name');
INSERT INTO t_v2.t (size, note) VALUES (DEFAULT, 'DEFAULT');
INSERT INTO t_v2.t (size, note) SELECT NULL, 'select ' || i FROM generate_series(1, 2) i;
COPY t (_accord_1_size, note) FROM stdin;
\N	copy, explicit null
\.
COPY t (note) FROM stdin;
copy, omitted
\.
MERGE INTO t USING (VALUES (-1)) AS s(id) ON t.id = s.id WHEN NOT MATCHED THEN INSERT (_accord_1_size, note) VALUES (NULL, 'merge, explicit null');
CREATE FUNCTION insert_null() RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t_v2.t (size, note) VALUES (NULL, 'function'); END $$;
SELECT insert_null();
SELECT v1.size, v2.size AS new_size, v1.note FROM t_v1.t v1 JOIN t_v2.t v2 USING (id)
 WHERE v1.note ~ 'explicit|omitted|DEFAULT|by name|select|function' ORDER BY id;
-- two INSERTs into the table in one statement that name different columns: not known
WITH x AS (INSERT INTO t_v1.t (size, note) VALUES (1, 'cte old')) INSERT INTO t_v2.t (size, note) VALUES ('large', 'cte new');
SELECT v1.size, v2.size AS new_size, v1.note FROM t_v1.t v1 JOIN t_v2.t v2 USING (id) WHERE v1.note LIKE 'cte%' ORDER BY 3;
SELECT * FROM hand.violations('t');
