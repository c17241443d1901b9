-- User triggers: they see a row that agrees with itself, and what they change is carried over.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE t (id integer PRIMARY KEY, delay integer, carrier text, log text);
SELECT hand.stage('t', '{"delay": "numeric", "airline": "text"}',
    hand.pair('{delay}', '{delay}', '{delay}', '{round(delay)::integer}'),
    hand.pair('{carrier}', '{airline}', '{lower(carrier)}', '{upper(airline)}')) IS NOT NULL AS staged;
CREATE VIEW both_sides AS SELECT id, v1.delay, v2.delay AS new_delay, v1.carrier, v2.airline, v1.log FROM t_v1.t v1 JOIN t_v2.t v2 USING (id) ORDER BY id;

-- a trigger that changes the old side, whoever wrote
CREATE FUNCTION old_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.log := concat_ws(' ', NEW.log, TG_OP, NEW.delay, NEW._accord_1_delay);
    NEW.delay := NEW.delay + 100;
    RETURN NEW;
END $$;
CREATE TRIGGER old_code BEFORE INSERT OR UPDATE OF delay ON t FOR EACH ROW WHEN (NEW.delay < 100) EXECUTE FUNCTION old_code();
INSERT INTO t_v1.t VALUES (1, 1, 'UA');
INSERT INTO t_v2.t (id, delay, airline) VALUES (2, 2.5, 'aa');
UPDATE t_v1.t SET delay = 5 WHERE id = 1;
-- UPDATE OF looks at the statement's columns: one that names only the new column does not fire it, though delay changes
UPDATE t_v2.t SET delay = 6.5 WHERE id = 1;
TABLE both_sides;
SELECT * FROM hand.violations('t');
DROP TRIGGER old_code ON t;
-- WHEN sees the row as sync_first left it
CREATE TRIGGER old_code BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.delay IS DISTINCT FROM OLD.delay AND NEW.delay < 100) EXECUTE FUNCTION old_code();
UPDATE t_v2.t SET delay = 8.25 WHERE id = 1;
TABLE both_sides;
DROP TRIGGER old_code ON t;

-- a trigger that changes the new side, and one that changes both
CREATE FUNCTION new_code() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW._accord_1_airline := NEW._accord_1_airline || '!'; RETURN NEW; END $$;
CREATE TRIGGER new_code BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION new_code();
UPDATE t_v1.t SET carrier = 'DL' WHERE id = 1;
INSERT INTO t_v1.t VALUES (3, 3, 'F9');
UPDATE t SET log = 'other' WHERE id = 2;
TABLE both_sides;
CREATE FUNCTION both_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.delay := NEW.delay + 1;
    NEW._accord_1_delay := NEW._accord_1_delay + CASE WHEN NEW.log = 'conflict' THEN 7 ELSE 1 END;
    RETURN NEW;
END $$;
CREATE TRIGGER zz_both_code BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION both_code();
UPDATE t SET log = 'both' WHERE id = 3;
UPDATE t SET log = 'conflict' WHERE id = 3;
TABLE both_sides;
SELECT * FROM hand.violations('t');
DROP TRIGGER new_code ON t;
DROP TRIGGER zz_both_code ON t;

-- one that skips rows, one that undoes the change, one that is not for this event, a disabled one
CREATE FUNCTION skip_or_undo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id = 1 THEN RETURN NULL; END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER skip BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION skip_or_undo();
UPDATE t_v1.t SET delay = delay * 2;
UPDATE t_v2.t SET delay = delay * 2, airline = 'x';
TABLE both_sides;
ALTER TABLE t DISABLE TRIGGER skip;
UPDATE t_v2.t SET delay = 0.5 WHERE id = 1;
TABLE both_sides;
DROP TRIGGER skip ON t;

-- a trigger that writes the same table, several levels deep, and catches an error in between
CREATE FUNCTION nested() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 4 THEN
        INSERT INTO t_v2.t (id, delay, airline) VALUES (NEW.id * 10, NEW._accord_1_delay + 0.25, 'n' || NEW.id)
            ON CONFLICT (id) DO UPDATE SET delay = EXCLUDED.delay + 1000;
        BEGIN
            UPDATE t_v1.t SET carrier = 'LOST' WHERE id = 1;
            UPDATE t SET delay = 1, _accord_1_delay = 2 WHERE id = 2;
        EXCEPTION WHEN OTHERS THEN
            NEW.log := concat_ws(' ', NEW.log, SQLSTATE);
        END;
    END IF;
    NEW.delay := NEW.delay + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER nested BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nested();
INSERT INTO t_v1.t VALUES (4, 40, 'B6');
UPDATE t_v2.t SET delay = 7.75 WHERE id = 4;
TABLE both_sides;
SELECT * FROM hand.violations('t');
DROP TRIGGER nested ON t;

-- a nested statement that replaces what the outer one is using
CREATE FUNCTION make_upper(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN upper($1);
CREATE FUNCTION disturb() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'CREATE OR REPLACE FUNCTION make_upper(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN upper($1)';
    EXECUTE 'ANALYZE t';
    UPDATE t SET log = 'disturbed' WHERE id = 2;
    NEW.delay := NEW.delay + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER disturb BEFORE UPDATE OF delay ON t FOR EACH ROW EXECUTE FUNCTION disturb();
UPDATE t_v1.t SET delay = 0 WHERE id > 2;
TABLE both_sides;
SELECT * FROM hand.violations('t');
DROP TRIGGER disturb ON t;

-- foreign keys that cascade into the pair's column
CREATE TABLE carriers (code text PRIMARY KEY);
INSERT INTO carriers SELECT DISTINCT carrier FROM t;
ALTER TABLE t ADD FOREIGN KEY (carrier) REFERENCES carriers ON UPDATE CASCADE ON DELETE SET NULL;
UPDATE carriers SET code = 'AA2' WHERE code = 'AA';
DELETE FROM carriers WHERE code = 'B6';
TABLE both_sides;
SELECT * FROM hand.violations('t');
