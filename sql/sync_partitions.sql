-- Partitions: other attribute numbers, row movement, the default partition, attach and detach.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE p (id integer, region text, a integer, note text) PARTITION BY LIST (region);
CREATE TABLE p_north PARTITION OF p FOR VALUES IN ('north');
CREATE TABLE p_south (junk1 integer, note text, junk2 integer, a integer, region text, id integer);
ALTER TABLE p_south DROP COLUMN junk1, DROP COLUMN junk2;
ALTER TABLE p ATTACH PARTITION p_south FOR VALUES IN ('south');
CREATE TABLE p_rest PARTITION OF p DEFAULT PARTITION BY LIST (id);
CREATE TABLE p_rest_default PARTITION OF p_rest DEFAULT;
INSERT INTO p VALUES (1, 'north', 1, 'x'), (2, 'south', 2, 'y'), (3, 'east', 3, 'z');
SELECT hand.stage('p', '{"a": "numeric", "label": "text"}',
    hand.pair('{a}', '{a}', '{a}', '{round(a)::integer}'),
    hand.pair('{note}', '{label}', '{upper(note)}', '{NULL}')) IS NOT NULL AS staged;
SELECT attrelid::regclass, attnum, attname FROM pg_attribute WHERE attrelid IN ('p_north'::regclass, 'p_south'::regclass) AND attname IN ('a', '_accord_1_a') ORDER BY 1, 2;
-- pending rows, through the root and directly
UPDATE p SET note = 'xx' WHERE id = 1;
UPDATE p_south SET note = 'yy' WHERE id = 2;
SELECT hand.fill('p');
UPDATE p_v2.p SET a = 1.25 WHERE id = 1;
UPDATE p_v1.p SET a = 22 WHERE id = 2;
UPDATE p_v2.p SET a = 3.25, label = 'of its own' WHERE id = 3;
INSERT INTO p_v1.p VALUES (4, 'north', 4, 'n'), (5, 'south', 5, 's'), (6, 'west', 6, 'w');
INSERT INTO p_v2.p (id, region, a, label) VALUES (7, 'north', 7.5, 'n'), (8, 'south', 8.5, 's'), (9, 'west', 9.5, 'w');
INSERT INTO p_south (id, region, a) VALUES (10, 'south', 10);
INSERT INTO p_rest (id, region, _accord_1_a) VALUES (11, 'west', 11.5);
SELECT tableoid::regclass, id, region, a, _accord_1_a, note, _accord_1_label, _accord_1_pending FROM p ORDER BY id;
-- row movement is an INSERT elsewhere: values that only one direction can tell stay, also where down is missing
UPDATE p SET region = 'south' WHERE id IN (1, 3);
UPDATE p_v2.p SET region = 'north', a = 8.75 WHERE id = 8;
UPDATE p_v1.p SET region = 'far', note = 'moved' WHERE id = 2;
UPDATE p_v2.p SET region = 'south', label = NULL WHERE id = 9;
SELECT tableoid::regclass, id, region, a, _accord_1_a, note, _accord_1_label, _accord_1_pending FROM p ORDER BY id;
SELECT * FROM hand.violations('p');
-- a pending row moves
ALTER TABLE p DISABLE TRIGGER "!accord_sync";
INSERT INTO p (id, region, a, note) VALUES (12, 'north', 12, 'late');
ALTER TABLE p ENABLE ALWAYS TRIGGER "!accord_sync";
UPDATE p SET region = 'south' WHERE id = 12;
SELECT tableoid::regclass, id, a, _accord_1_a, note, _accord_1_label, _accord_1_pending FROM p WHERE id = 12;
-- MERGE and a user trigger that changes the row on its way
CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a := NEW.a + 100; RETURN NEW; END $$;
CREATE TRIGGER bump BEFORE INSERT ON p_north FOR EACH ROW EXECUTE FUNCTION bump();
MERGE INTO p USING (VALUES (12, 'north'), (13, 'north')) AS s(id, region) ON p.id = s.id
    WHEN MATCHED THEN UPDATE SET region = s.region, _accord_1_a = 12.5
    WHEN NOT MATCHED THEN INSERT (id, region, _accord_1_a) VALUES (s.id, s.region, 13.5);
SELECT tableoid::regclass, id, a, _accord_1_a, note, _accord_1_label, _accord_1_pending FROM p WHERE id >= 12 ORDER BY id;
-- detached, a partition loses the triggers with all else that it inherited, and is on its own; attached, it gets them again
ALTER TABLE p DETACH PARTITION p_south;
UPDATE p_south SET a = 0 WHERE id = 1;
SELECT id, a, _accord_1_a FROM p_south WHERE id = 1;
ALTER TABLE p ATTACH PARTITION p_south FOR VALUES IN ('south');
UPDATE p_v2.p SET a = 5.5 WHERE id = 5;
SELECT id, a, _accord_1_a FROM p_south WHERE id = 5;
SELECT * FROM hand.violations('p') WHERE violations NOT LIKE '%pair 2%';

-- plain inheritance: each child has the triggers of its own
CREATE TABLE parent (id integer, a integer);
CREATE TABLE child (extra text) INHERITS (parent);
SELECT hand.stage('parent', '{"a": "text"}', hand.pair('{a}', '{a}', '{a}', '{a::integer}')) IS NOT NULL AS staged;
SELECT format('CREATE TRIGGER "!accord_sync" BEFORE INSERT OR UPDATE ON child FOR EACH ROW EXECUTE FUNCTION accord_catalog.sync_first(''1'', %L)', id)
  FROM accord_catalog.contract WHERE relation = 'parent'::regclass \gexec
INSERT INTO child VALUES (1, 5);
INSERT INTO child (id, a) VALUES (2, 7);
UPDATE parent SET _accord_2_a = '9' WHERE id = 2;
SELECT tableoid::regclass, id, a, _accord_2_a FROM parent ORDER BY id;
