-- COPY and TRUNCATE through the views of versions, consumers and releases: as the client of that version means them.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_copy_app LOGIN;
CREATE ROLE regress_copy_stranger;
CREATE TABLE item (id integer PRIMARY KEY, size integer DEFAULT 5, note text DEFAULT 'none', twice integer GENERATED ALWAYS AS (size * 2) STORED);
GRANT SELECT, INSERT, UPDATE, DELETE ON item TO regress_copy_app;
INSERT INTO item (id, size, note) VALUES (1, 1, 'before');
SELECT accord.register_contract('item');
SELECT accord.register_consumer('app', role => 'regress_copy_app');
SELECT accord.subscribe('item', 'app', '1', columns => '{id,size}');
SELECT state FROM accord.stage('item', $$
    ALTER TABLE item ALTER COLUMN size TYPE text USING 'n' || size, ALTER COLUMN size SET DEFAULT 'n7', ALTER COLUMN note DROP DEFAULT;
    ALTER TABLE item DROP COLUMN twice;
$$, down => 'size = substr(size, 2)::integer');
SELECT accord.switch_version('item', 'app', '1') AS schema \gset

-- before the backfill, through the old version: qualified, by search_path, and by the consumer's view
COPY item_v1.item TO STDOUT;
COPY item_v1.item (id, twice) TO STDOUT (FORMAT csv, HEADER);
COPY item_v1.item FROM STDIN;
2	2	two
3	\N	explicit null
\.
COPY item_v1.item (id) FROM STDIN;
4
\.
SET search_path = item_v1, public;
COPY item (note, id, size) FROM STDIN (FORMAT csv, HEADER MATCH);
note,id,size
"five, in csv",5,
,6,6
\.
COPY item (id, note) FROM STDIN WHERE id % 2 = 1 AND item.note <> 'no';
7	yes
8	yes
9	no
\.
SET search_path = :schema;
SET ROLE regress_copy_app;
COPY item FROM STDIN;
10	10
\.
COPY item TO STDOUT;
RESET ROLE;
RESET search_path;
SELECT * FROM item_v1.item ORDER BY id;

CALL accord.backfill('item');
COPY item_v2.item (id, size) FROM STDIN;
20	n20
21	\N
\.
COPY item_v2.item (id) FROM STDIN;
22
\.
-- what the other version cannot hold, with its line, and nothing is half written
COPY item_v2.item FROM STDIN;
23	n23	fine
24	wrong	not fine
\.
COPY item_v2.item FROM STDIN;
25	n25
\.
COPY item_v2.item FROM STDIN;
one	n25	\N
\.
COPY item_v2.item FROM STDIN;
1	n1	there already
\.
COPY item_v2.item TO STDOUT;
SELECT v1.size, v1.note, v2.size AS new_size, v2.note AS new_note FROM item_v1.item v1 JOIN item_v2.item v2 USING (id) WHERE id >= 20 ORDER BY id;

-- binary, there and back
\set file `mktemp -u`
\set write 'cat > ' :file
\set read 'cat ' :file '; rm ' :file
COPY item_v2.item TO PROGRAM :'write' (FORMAT binary);
DELETE FROM item_v1.item;
COPY item_v2.item FROM PROGRAM :'read' (FORMAT binary);
SELECT * FROM item_v1.item ORDER BY id;

-- in a function, and from a client's file
CREATE FUNCTION load_item() RETURNS void LANGUAGE plpgsql AS $$ BEGIN COPY item_v2.item (id, size) FROM PROGRAM 'awk "BEGIN { for (i = 1000; i < 6000; i++) print i \",n\" i }"' (FORMAT csv); END $$;
SELECT load_item();
\copy item_v2.item (id, size) FROM PROGRAM 'echo 6000,n6000' (FORMAT csv)
SELECT count(*), sum(size) FROM item_v1.item WHERE id >= 1000;
DELETE FROM item_v1.item WHERE id >= 1000;
SELECT DISTINCT verdict FROM accord.verify('item');

-- names, options, rights; a psql of 18 would read on for data after an error of COPY FROM STDIN
COPY item_v2.item (id, nothing) FROM PROGRAM 'true';
COPY item_v2.item (id, id) FROM PROGRAM 'true';
COPY item_v2.item (id, twice) TO STDOUT;
COPY item_v1.item (id, twice) FROM PROGRAM 'true';
\set VERBOSITY sqlstate
COPY item_v2.item (id) FROM PROGRAM 'true' WHERE size = 'n7';
\set VERBOSITY default
COPY item_v2.item FROM PROGRAM 'true' (FREEZE);
COPY item_v2.item FROM PROGRAM 'true' (FORMAT csv, FORCE_NULL (nothing));
SET ROLE regress_copy_app;
COPY item_v2.item (id) FROM PROGRAM 'echo 1';
COPY item_v2.item (id) FROM '/nowhere';
\set VERBOSITY sqlstate
COPY item_v2.item TO '/nowhere';
\set VERBOSITY default
SELECT accord.copied_rows(NULL::item_v2.item);
SELECT accord.copied_rows(1);
RESET ROLE;
GRANT USAGE ON SCHEMA item_v2 TO regress_copy_stranger;
GRANT pg_execute_server_program TO regress_copy_stranger;
SET ROLE regress_copy_stranger;
COPY item_v2.item FROM PROGRAM 'true';
COPY item_v2.item TO STDOUT;
TRUNCATE item_v2.item;
RESET ROLE;
BEGIN READ ONLY;
COPY item_v2.item FROM PROGRAM 'true';
ROLLBACK;

-- row security, as for any statement through the view
CREATE POLICY small ON item TO regress_copy_app USING (id < 100) WITH CHECK (id < 100);
SET accord.guard = off;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
RESET accord.guard;
INSERT INTO item_v2.item VALUES (200, 'n200', 'not theirs');
SET ROLE regress_copy_app;
COPY item_v2.item (id) FROM STDIN;
30
\.
COPY item_v2.item (id) FROM STDIN;
101
\.
COPY item_v2.item (id) TO STDOUT;
SET row_security = off;
COPY item_v2.item (id) TO STDOUT;
RESET row_security;
RESET ROLE;
SET accord.guard = off;
ALTER TABLE item DISABLE ROW LEVEL SECURITY;
RESET accord.guard;

-- another COPY inside one: a trigger's
CREATE TABLE log (id integer, what text);
SELECT accord.register_contract('log');
SELECT state FROM accord.stage('log', 'ALTER TABLE log RENAME COLUMN what TO remark');
CREATE FUNCTION copy_too() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN COPY log_v2.log (id, remark) FROM PROGRAM 'echo 1,inner' (FORMAT csv); RETURN NULL; END $$;
SET accord.guard = off;
CREATE TRIGGER copy_too AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION copy_too();
CREATE TRIGGER copy_once BEFORE INSERT ON item FOR EACH STATEMENT EXECUTE FUNCTION copy_too();
RESET accord.guard;
COPY item_v2.item (id) FROM STDIN;
31
32
\.
SELECT count(*) FROM log;
SET accord.guard = off;
DROP TRIGGER copy_too ON item;
DROP TRIGGER copy_once ON item;
RESET accord.guard;

-- after completion, and of a release; a view that shows some rows only is nobody's version
SELECT accord.create_release('r', '{"item": "2"}');
SELECT state FROM accord.complete('item', force => true);
COPY item_v1.item (id, size) FROM STDIN;
40	40
\.
COPY release_r.item (id, size) FROM STDIN;
41	n41
\.
COPY item_v1.item (id, size, note, twice) TO STDOUT;
SELECT * FROM item ORDER BY id DESC LIMIT 2;
CREATE VIEW item_v2.some AS SELECT * FROM item WHERE id = 1;
TRUNCATE item_v2.some;
CREATE VIEW other AS SELECT * FROM item;
TRUNCATE other;
COPY other TO STDOUT;
COPY nowhere FROM PROGRAM 'true';

-- TRUNCATE is the table's: its privilege, and what the guard says of it
SET ROLE regress_copy_app;
TRUNCATE item_v2.item;
RESET ROLE;
GRANT TRUNCATE ON item TO regress_copy_app;
SET ROLE regress_copy_app;
TRUNCATE item_v2.item;
RESET ROLE;
TRUNCATE release_r.item, log_v1.log;
SELECT count(*) FROM item_v1.item;
SELECT action, contract, a.detail->>'statement' AS statement FROM accord.audit_log a WHERE action = 'truncate table' ORDER BY id;
-- afterwards the table is as any other
SELECT accord.drop_release('r');
SELECT accord.switch_version('item', 'app', '2') IS NOT NULL AS switched;
SET accord.guard = off;
DROP VIEW item_v2.some, other;
RESET accord.guard;
SELECT state FROM accord.purge('item');
COPY item TO STDOUT;
