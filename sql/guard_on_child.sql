-- What is put on one partition, or on one table that inherits, hits who writes through the contracted parent.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE measure (taken date NOT NULL, value integer, note text DEFAULT 'x', PRIMARY KEY (taken)) PARTITION BY RANGE (taken);
CREATE TABLE measure_old PARTITION OF measure FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
CREATE TABLE measure_now PARTITION OF measure FOR VALUES FROM ('2020-01-01') TO ('2030-01-01') PARTITION BY RANGE (taken);
CREATE TABLE measure_21 PARTITION OF measure_now FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
SELECT FROM accord.register_contract('measure');
SELECT FROM accord.register_consumer('board');
SELECT FROM accord.subscribe('measure', 'board', access => 'read');
SELECT FROM accord.register_consumer('probe');
SELECT FROM accord.subscribe('measure', 'probe', access => 'write');
SELECT FROM accord.register_consumer('clock');
SELECT FROM accord.subscribe('measure', 'clock', access => 'write', columns => '{taken}');
CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.note := 'y'; RETURN new; END $$;

ALTER TABLE measure_old ADD CONSTRAINT low CHECK (value < 10);
ALTER TABLE measure_old ALTER COLUMN value SET NOT NULL;
ALTER TABLE measure_old ADD UNIQUE (value);
ALTER TABLE measure_old ADD EXCLUDE (value WITH =);
CREATE UNIQUE INDEX once ON measure_old (value);
CREATE UNIQUE INDEX CONCURRENTLY once ON measure_old (value);
SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'measure_old'::regclass;
CREATE TRIGGER gone BEFORE INSERT ON measure_21 FOR EACH ROW EXECUTE FUNCTION swallow();
CREATE TRIGGER filled BEFORE INSERT ON measure_21 FOR EACH ROW EXECUTE FUNCTION fill();
ALTER TABLE measure_now ADD CONSTRAINT low CHECK (value < 10);
ALTER TABLE measure_old SET UNLOGGED;
-- who would not notice
CREATE TRIGGER kept BEFORE INSERT ON measure_21 FOR EACH ROW EXECUTE FUNCTION keep();
CREATE INDEX plain ON measure_old (value);
CREATE TRIGGER announced AFTER INSERT ON measure_old FOR EACH STATEMENT EXECUTE FUNCTION swallow();
ALTER TABLE measure_old ENABLE ROW LEVEL SECURITY;
ALTER TABLE measure_old ALTER COLUMN note SET DEFAULT 'other';
ALTER TABLE measure_old ADD CONSTRAINT bound CHECK (taken IS NOT NULL);
CREATE RULE ignored AS ON INSERT TO measure_old DO INSTEAD NOTHING;
SELECT version FROM accord.contract_versions ORDER BY version;
-- a trigger of the parent, and what a waiver lets through
BEGIN;
SELECT FROM accord.waive('measure', reason => 'all writers fill it in');
CREATE TRIGGER filled BEFORE INSERT ON measure FOR EACH ROW EXECUTE FUNCTION fill();
ALTER TABLE measure_old DISABLE TRIGGER filled;
ROLLBACK;

-- on the contracted table itself nothing is left of an index that was refused
CREATE UNIQUE INDEX CONCURRENTLY once ON measure_21 (value, note) WHERE value > 3;
CREATE TABLE flights (flight_id integer, carrier text);
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.subscribe('flights', 'probe', access => 'write', columns => '{flight_id}');
CREATE UNIQUE INDEX CONCURRENTLY once ON flights (flight_id);
CREATE UNIQUE INDEX CONCURRENTLY ON flights (lower(carrier));
CREATE UNIQUE INDEX CONCURRENTLY ON flights (flight_id) WHERE carrier IS NOT NULL;
SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'flights'::regclass;

-- inheritance: INSERT into the parent never gets there
CREATE TABLE charter (seats integer) INHERITS (flights);
CREATE TRIGGER gone BEFORE INSERT ON charter FOR EACH ROW EXECUTE FUNCTION swallow();
ALTER TABLE charter ADD CONSTRAINT seated CHECK (seats > 0);
ALTER TABLE charter ALTER COLUMN seats SET NOT NULL;
CREATE TRIGGER kept_away BEFORE UPDATE ON charter FOR EACH ROW EXECUTE FUNCTION swallow();
ALTER TABLE charter ADD CONSTRAINT known CHECK (carrier <> 'XX');
ALTER TABLE charter ALTER COLUMN flight_id SET NOT NULL;

-- a key of a child keeps rows of another table from going, which a key of its parent would let go, with the parent's rows
CREATE TABLE fleets (id integer PRIMARY KEY);
CREATE TABLE vessels (id integer PRIMARY KEY, fleet integer REFERENCES fleets ON DELETE CASCADE, base integer REFERENCES fleets ON DELETE SET NULL);
CREATE TABLE tankers () INHERITS (vessels);
INSERT INTO fleets VALUES (1);
INSERT INTO vessels VALUES (1, 1);
INSERT INTO tankers VALUES (2, 1);
SELECT FROM accord.register_contract('vessels');
SELECT FROM accord.register_consumer('r_data');
SELECT FROM accord.subscribe('vessels', 'r_data', access => 'read', strictness => 'data');
ALTER TABLE tankers ADD CONSTRAINT of_fleet FOREIGN KEY (fleet) REFERENCES fleets;
SET accord.guard = off;
ALTER TABLE tankers ADD CONSTRAINT of_fleet FOREIGN KEY (fleet) REFERENCES fleets;
RESET accord.guard;
DELETE FROM fleets;
ALTER TABLE tankers DROP CONSTRAINT of_fleet;

-- another table takes the place of one with children: COPY sees other rows
CREATE TABLE barges (id integer PRIMARY KEY);
CREATE TABLE scows () INHERITS (barges);
SELECT FROM accord.register_contract('barges');
SELECT FROM accord.subscribe('barges', 'r_data', access => 'read', strictness => 'exact');
SELECT FROM accord.register_consumer('w_data');
SELECT FROM accord.subscribe('barges', 'w_data', access => 'write', strictness => 'data');
BEGIN;
SET LOCAL accord.judge_at = 'commit';
CREATE TABLE barges_new (LIKE barges INCLUDING ALL);
ALTER TABLE barges RENAME TO barges_old;
ALTER TABLE barges_new RENAME TO barges;
COMMIT;
SELECT statement, rule, severity, consumers FROM accord.check($$BEGIN; SET LOCAL accord.judge_at = 'commit'; CREATE TABLE barges_new (LIKE barges INCLUDING ALL);
  ALTER TABLE barges RENAME TO barges_old; ALTER TABLE barges_new RENAME TO barges; COMMIT$$) WHERE rule ~ 'inheritance';
