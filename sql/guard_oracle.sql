-- What the oracle (test/fuzz) found: clients that a refusal did not name, or named for nothing.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE flights (flight_id integer PRIMARY KEY, delay integer DEFAULT 4, departed date, left_at timestamp, carrier text, feels mood DEFAULT 'sad');
SELECT FROM accord.register_contract('flights');
CREATE FUNCTION subscribe(access text, strictness text, columns name[]) RETURNS void LANGUAGE sql AS $$
    SELECT accord.register_consumer((left(access, 1) || '_' || strictness)::name);
    SELECT accord.subscribe('flights', (left(access, 1) || '_' || strictness)::name, access => access, strictness => strictness, columns => columns) $$;
SELECT count(subscribe(a, s, NULL)) FROM unnest('{read,write}'::text[]) a, unnest('{data,text,typed,prepared}'::text[]) s;
SELECT FROM accord.register_consumer('r_carrier');
SELECT FROM accord.subscribe('flights', 'r_carrier', access => 'read', columns => '{carrier}');
SELECT FROM accord.register_consumer('w_carrier');
SELECT FROM accord.subscribe('flights', 'w_carrier', access => 'write', columns => '{flight_id,carrier}');

-- 4 is written 4.00, and ten digits do not fit
ALTER TABLE flights ALTER COLUMN delay TYPE numeric(10,2);
ALTER TABLE flights ALTER COLUMN delay TYPE numeric(12,2);
ALTER TABLE flights ALTER COLUMN delay TYPE real;
-- binary parameters have another length
ALTER TABLE flights ALTER COLUMN departed TYPE timestamp;
-- another text is another value, whoever reads it
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
ALTER TYPE mood RENAME TO humour;
-- the labels that were there keep their order
ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';
-- ORDER BY and prepared statements change, the values do not
ALTER TABLE flights ALTER COLUMN carrier TYPE text COLLATE "C";
-- nobody who leaves the column out misses what was filled in
ALTER TABLE flights DROP COLUMN delay, ADD COLUMN delay integer;
-- with another key ON CONFLICT inserts where it updated, which shows in every column
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.flight_id := 7; RETURN new; END $$;
CREATE TRIGGER fill BEFORE INSERT ON flights FOR EACH ROW EXECUTE FUNCTION fill();
-- writers of the key, and of what decides whether it applies
CREATE UNIQUE INDEX once ON flights (departed) WHERE carrier IS NOT NULL;
CREATE UNIQUE INDEX once ON flights (departed) WHERE left_at IS NOT NULL;

-- what is unique already stays so: nobody can write what a further key would refuse
CREATE UNIQUE INDEX more ON flights (flight_id) WHERE carrier IS NOT NULL;
CREATE UNIQUE INDEX still_more ON flights (carrier, flight_id);
ALTER TABLE flights ADD EXCLUDE USING btree (flight_id WITH =, carrier WITH =);
-- of a row that is deleted nothing is stored
DROP FUNCTION fill();
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.carrier := 'AA'; RETURN new; END $$;
CREATE TRIGGER at_the_end BEFORE DELETE ON flights FOR EACH ROW EXECUTE FUNCTION fill();
DELETE FROM flights;
-- but there is no row to return where it is filled on other occasions only
CREATE FUNCTION fill_new() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF TG_OP = 'INSERT' THEN new.carrier := 'AA'; END IF; RETURN new; END $$;
CREATE TRIGGER swallows BEFORE INSERT OR DELETE ON flights FOR EACH ROW EXECUTE FUNCTION fill_new();
-- a trigger that fills a column fails without it, for everybody
CREATE TABLE crews (crew_id integer, code char(4), size integer, note text, other text, CHECK (note IS NOT NULL OR other IS NOT NULL));
CREATE TRIGGER named BEFORE INSERT ON crews FOR EACH ROW EXECUTE FUNCTION fill();
CREATE OR REPLACE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.code := 'AA'; RETURN new; END $$;
SELECT FROM accord.register_contract('crews');
SELECT count(accord.subscribe('crews', c, access => 'write', columns => '{crew_id}')) FROM unnest('{w_typed,w_data}'::name[]) c;
SELECT FROM accord.subscribe('crews', 'r_text', access => 'read', strictness => 'text');
SELECT FROM accord.subscribe('crews', 'r_typed', access => 'read', columns => '{other}');
ALTER TABLE crews DROP COLUMN code;
ALTER TABLE crews RENAME code TO abbreviation;
-- the padding is part of the text
ALTER TABLE crews ALTER COLUMN code TYPE char(2);
-- who leaves the column out meets the domain too
CREATE DOMAIN crowd AS integer NOT NULL;
ALTER TABLE crews ALTER COLUMN size TYPE crowd;
-- COPY that leaves the column out stores the NULL that its domain should refuse, and another value then
CREATE TABLE berths (berth_id integer, beds crowd, heads integer NOT NULL);
SELECT FROM accord.register_contract('berths');
SELECT count(accord.subscribe('berths', c, columns => '{berth_id}')) FROM unnest('{w_typed,r_typed}'::name[]) c;
ALTER TABLE berths ALTER COLUMN heads SET DEFAULT 2;
ALTER TABLE berths ALTER COLUMN beds SET DEFAULT 2;
ALTER DOMAIN crowd SET DEFAULT 2;
-- with something in the one column the other may be empty
ALTER TABLE crews ALTER COLUMN note SET DEFAULT 'none';
-- an owner who takes rights from himself
CREATE ROLE regress_purser;
ALTER TABLE crews OWNER TO regress_purser;
SELECT FROM accord.register_consumer('purser', role => 'regress_purser');
SELECT FROM accord.subscribe('crews', 'purser');
REVOKE INSERT ON crews FROM regress_purser;
REVOKE ALL ON crews FROM regress_purser;
REVOKE REFERENCES, TRIGGER ON crews FROM regress_purser;
BEGIN;
GRANT ALL ON crews TO PUBLIC;
REVOKE SELECT ON crews FROM regress_purser;
ROLLBACK;
-- who may use the sequence meets no error, only one column more
ALTER TABLE crews ADD COLUMN number serial;

-- rows go with those that they refer to, whatever columns a reader uses
CREATE TABLE ports (port integer PRIMARY KEY);
CREATE TABLE calls (call integer, port integer CONSTRAINT calls_port REFERENCES ports ON DELETE CASCADE, tug integer, doubled integer GENERATED ALWAYS AS (depth * 2) STORED,
                    depth integer DEFAULT 3, exact numeric DEFAULT 7.5, whole numeric DEFAULT 7, berth integer CONSTRAINT calls_berth UNIQUE,
                    EXCLUDE USING btree (berth WITH =), CONSTRAINT calls_tug UNIQUE (tug));
SELECT FROM accord.register_contract('calls');
SELECT FROM accord.subscribe('calls', 'r_text', access => 'read', strictness => 'text', columns => '{call}');
SELECT FROM accord.subscribe('calls', 'w_typed', access => 'write', columns => '{call}');
ALTER TABLE calls DROP CONSTRAINT calls_port;
ALTER TABLE calls DROP CONSTRAINT calls_port, ADD CONSTRAINT again FOREIGN KEY (port) REFERENCES ports;
ALTER TABLE calls DROP CONSTRAINT calls_port, ADD CONSTRAINT again FOREIGN KEY (port) REFERENCES ports ON DELETE CASCADE;
ALTER TABLE calls ADD CONSTRAINT by_tug FOREIGN KEY (tug) REFERENCES ports ON DELETE CASCADE;
-- an older key keeps the row from going; a check goes with the type; what ON CONFLICT finds is what was converted
CREATE TABLE tugs (tug integer REFERENCES ports, flag boolean UNIQUE, code text CHECK (code <> 'x'));
SELECT FROM accord.register_contract('tugs');
SELECT FROM accord.subscribe('tugs', 'r_text', access => 'read', strictness => 'text');
SELECT FROM accord.subscribe('tugs', 'w_data', access => 'write', strictness => 'data');
ALTER TABLE tugs ADD FOREIGN KEY (tug) REFERENCES ports ON DELETE CASCADE;
ALTER TABLE tugs ALTER COLUMN code TYPE varchar;
ALTER TABLE tugs ALTER COLUMN flag TYPE text;
-- two checks at once
ALTER TABLE tugs ADD CHECK (code <> 'y'), ADD COLUMN z integer CHECK (z > 0);
-- who leaves out what a column is computed from, or a default that is rounded, stores another value
ALTER TABLE calls ALTER COLUMN doubled DROP EXPRESSION;
ALTER TABLE calls ALTER COLUMN exact TYPE integer;
ALTER TABLE calls ALTER COLUMN whole TYPE integer;
-- ON CONFLICT without a target takes no deferrable key, and a row that does not fit cannot be changed at all
ALTER TABLE calls DROP CONSTRAINT calls_tug, ADD CONSTRAINT calls_tug UNIQUE (tug) DEFERRABLE;
ALTER TABLE calls ADD CONSTRAINT there CHECK (tug IS NOT NULL) NOT VALID;
-- one key says what another does: readers meet no duplicate
SELECT FROM accord.register_consumer('r_berth');
SELECT FROM accord.subscribe('calls', 'r_berth', access => 'read', columns => '{berth}');
SELECT FROM accord.subscribe('calls', 'w_data', access => 'write', strictness => 'data');
ALTER TABLE calls DROP CONSTRAINT calls_berth;
BEGIN;
ALTER TABLE calls DROP CONSTRAINT calls_berth_excl;
ROLLBACK;
-- COPY stores the default of a domain in the row that the domain refuses without
CREATE DOMAIN mark AS integer NOT NULL DEFAULT 4;
CREATE TYPE tide AS ENUM ('high', 'low');
CREATE TABLE logs (log integer PRIMARY KEY, at mark, tide tide DEFAULT 'low', note text NOT NULL);
SET client_min_messages = error;  -- not what wal_level would have to be
CREATE PUBLICATION logs FOR TABLE logs;
SET client_min_messages = warning;
SELECT FROM accord.register_contract('logs');
SELECT FROM accord.subscribe('logs', 'r_typed', access => 'read', columns => '{at,note}');
SELECT FROM accord.subscribe('logs', 'w_typed', access => 'write', columns => '{note}');
ALTER DOMAIN mark DROP DEFAULT;
-- who leaves the column out stores the label of the default
ALTER TYPE tide RENAME VALUE 'low' TO 'ebb';
ALTER TYPE tide RENAME VALUE 'high' TO 'flood';
-- the replica identity goes with the key's column
ALTER TABLE logs DROP COLUMN log;
-- no row without a value was there, and none can come
ALTER TABLE logs DROP COLUMN at, ADD CONSTRAINT there CHECK (note IS NOT NULL) NOT VALID, ALTER COLUMN note DROP NOT NULL;
-- whom row security concerns cannot COPY FROM; a partitioned table keeps its rows in its partitions, and 18 says so
CREATE ROLE regress_docker;
CREATE TABLE docks (dock integer) PARTITION BY RANGE (dock);
ALTER TABLE docks ENABLE ROW LEVEL SECURITY;
GRANT ALL ON docks TO regress_docker;
SELECT FROM accord.register_contract('docks');
SELECT FROM accord.register_consumer('docker', role => 'regress_docker');
SELECT FROM accord.register_consumer('anybody');
SELECT count(accord.subscribe('docks', c, access => 'write', strictness => 'exact')) FROM unnest('{docker,anybody}'::name[]) c;
ALTER TABLE docks ADD COLUMN z integer;
DO $$ BEGIN ALTER TABLE docks SET UNLOGGED; EXCEPTION WHEN wrong_object_type OR feature_not_supported THEN NULL; END $$;
-- what is filled in for those who leave a column out passes the check, or is the same afterwards; or not
CREATE TYPE pace AS ENUM ('fast', 'slow');
CREATE TABLE wages (wage integer, grade text DEFAULT 'b2', hours interval DEFAULT '02:03:04.5', amount numeric(10,2), rate real UNIQUE,
                    twice integer GENERATED ALWAYS AS (wage * 2) STORED, pace pace CHECK (pace <> 'slow'));
SELECT FROM accord.register_contract('wages');
SELECT FROM accord.subscribe('wages', 'w_typed', access => 'write', columns => '{amount}');
SELECT FROM accord.subscribe('wages', 'r_data', access => 'read', strictness => 'data', columns => '{amount}');
SELECT FROM accord.subscribe('wages', 'r_typed', access => 'read', columns => '{hours}');
ALTER TABLE wages ADD CONSTRAINT good CHECK (grade <> 'a1');
ALTER TABLE wages ADD CONSTRAINT good CHECK (grade <> 'b2');
ALTER TABLE wages ALTER COLUMN hours TYPE time;
-- so few digits come back as they were
ALTER TABLE wages ALTER COLUMN amount TYPE double precision;
-- a row is there twice where ON CONFLICT does not find it
ALTER TABLE wages ALTER COLUMN rate TYPE double precision;
-- who leaves out what the column was computed from stores another value too
ALTER TABLE wages DROP COLUMN twice, ADD COLUMN twice integer GENERATED ALWAYS AS (5) STORED;
-- the check is the same with the new label
ALTER TYPE pace RENAME VALUE 'slow' TO 'easy';
-- what goes with a column shows in the others
CREATE TABLE shifts (shift integer, crew text, twice integer GENERATED ALWAYS AS (shift * 2) STORED);
ALTER TABLE shifts ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON shifts USING (true);
CREATE POLICY not_two ON shifts AS RESTRICTIVE FOR SELECT USING (shift <> 2);
GRANT ALL ON shifts TO regress_docker;
SELECT FROM accord.register_contract('shifts');
SELECT FROM accord.subscribe('shifts', 'docker', access => 'read', columns => '{crew}');
ALTER TABLE shifts DROP COLUMN shift CASCADE;
-- rows of a child come by UPDATE only
CREATE TABLE extra_shifts () INHERITS (shifts);
SELECT FROM accord.subscribe('shifts', 'w_typed', access => 'write', columns => '{shift}');
SELECT FROM accord.subscribe('shifts', 'w_data', access => 'write', columns => '{crew}');
ALTER TABLE extra_shifts ALTER COLUMN crew SET NOT NULL;
-- a key keeps from going what another would let go, unless it is on the same column or on a new one that is empty; a padded value is another text; with all its labels an
-- enum is the same under another name; the default loses an attribute too; a condition that always holds lets no row in;
-- a row with a new attribute IS NOT NULL no more
CREATE TYPE stop AS (n integer, note text);
CREATE TYPE speed AS ENUM ('fast', 'slow', 'still');
CREATE TABLE harbours (port integer PRIMARY KEY);
CREATE TABLE stays (call integer NOT NULL, port integer REFERENCES harbours ON DELETE CASCADE, next integer, code char(4) UNIQUE, pace pace,
                    stop stop DEFAULT '(1,x)' CHECK (stop IS NOT NULL));
SELECT FROM accord.register_contract('stays');
SELECT FROM accord.subscribe('stays', 'r_data', access => 'read', strictness => 'data', columns => '{call,pace}');
SELECT FROM accord.subscribe('stays', 'w_data', access => 'write', strictness => 'data', columns => '{call,pace}');
ALTER TABLE stays ADD CONSTRAINT next_port FOREIGN KEY (next) REFERENCES harbours;
ALTER TABLE stays ADD CONSTRAINT same_port FOREIGN KEY (port) REFERENCES harbours;
ALTER TABLE stays ALTER COLUMN code TYPE text;
ALTER TABLE stays ALTER COLUMN code TYPE text USING lower(code);
ALTER TABLE stays ALTER COLUMN pace TYPE speed USING pace::text::speed;
ALTER TYPE stop DROP ATTRIBUTE note;
ALTER TYPE stop ADD ATTRIBUTE place text;
CREATE UNIQUE INDEX one_next ON stays (next) WHERE call IS NOT NULL;
ALTER TABLE stays ADD COLUMN z integer DEFAULT 2 REFERENCES harbours;
ALTER TABLE stays ADD COLUMN z integer REFERENCES harbours;
-- the check of a computed column was one of what it is computed from, and so is what comes; of what is NOT NULL a product is never NULL;
-- who names no column of a key leaves it empty, unless all of them are filled in
CREATE TABLE fares (fare integer, doubled integer GENERATED ALWAYS AS (fare * 2) STORED CHECK (doubled <> 8), stop integer NOT NULL,
                    fourfold integer GENERATED ALWAYS AS (stop * 4) STORED, class text DEFAULT 'eco', legs integer NOT NULL);
SELECT FROM accord.register_contract('fares');
SELECT FROM accord.subscribe('fares', 'r_berth', access => 'read', columns => '{fare}');
SELECT FROM accord.subscribe('fares', 'w_data', access => 'write', strictness => 'data', columns => '{stop,legs}');
SELECT FROM accord.subscribe('fares', 'w_typed', access => 'write', columns => '{class}');
ALTER TABLE fares ALTER COLUMN doubled DROP EXPRESSION;
ALTER TABLE fares DROP CONSTRAINT fares_doubled_check;
ALTER TABLE fares ALTER COLUMN doubled SET NOT NULL;
ALTER TABLE fares ADD UNIQUE (doubled, class);
CREATE UNIQUE INDEX lower_class ON fares (fourfold, lower(class));
ALTER TABLE fares ALTER COLUMN fourfold SET NOT NULL;
-- that a domain is NOT NULL is nothing new to a column that is so
ALTER TABLE fares ALTER COLUMN legs TYPE crowd;
-- rows of children are changed through their parent, and need an identity of their own
CREATE TABLE charters () INHERITS (flights);
SET client_min_messages = error;
CREATE PUBLICATION air FOR TABLE flights;
ALTER TABLE charters REPLICA IDENTITY FULL;
CREATE PUBLICATION air FOR TABLE flights;
-- the last of two defaults is the one that there is
ALTER TABLE flights ALTER COLUMN delay SET DEFAULT 5, ALTER COLUMN delay SET DEFAULT 4;
-- with a column goes what its foreign key did; who writes what a column is computed from meets a narrower type; and what cannot be deleted
-- for want of an identity stays when what it refers to goes
CREATE TABLE legs (leg integer PRIMARY KEY, port integer REFERENCES harbours ON DELETE CASCADE, miles integer, doubled integer GENERATED ALWAYS AS (miles * 2) STORED);
CREATE PUBLICATION legs FOR TABLE legs;
SELECT FROM accord.register_contract('legs');
SELECT FROM accord.subscribe('legs', 'r_data', access => 'read', strictness => 'data', columns => '{leg}');
SELECT FROM accord.subscribe('legs', 'w_data', access => 'write', strictness => 'data', columns => '{miles}');
SELECT FROM accord.subscribe('legs', 'w_typed', access => 'write', columns => '{leg}');
ALTER TABLE legs DROP COLUMN port;
ALTER TABLE legs ALTER COLUMN doubled TYPE smallint;
ALTER TABLE legs DROP CONSTRAINT legs_pkey;
-- COPY has stored the NULL that the domain should refuse
ALTER TABLE berths ALTER COLUMN beds SET NOT NULL;
-- the zeros of a default do not stay in a float; a computed column does not follow who writes a name that another column has got
CREATE TABLE tolls (id integer PRIMARY KEY, fee numeric DEFAULT 4.00, gates integer, lanes integer, doubled integer GENERATED ALWAYS AS (gates * 2) STORED);
SELECT FROM accord.register_contract('tolls');
SELECT FROM accord.subscribe('tolls', 'w_typed', access => 'write', columns => '{id}');
SELECT FROM accord.subscribe('tolls', 'r_data', access => 'read', strictness => 'data', columns => '{doubled}');
ALTER TABLE tolls ALTER COLUMN fee TYPE double precision;
BEGIN;
SET LOCAL accord.judge_at = 'commit';
ALTER TABLE tolls RENAME COLUMN gates TO tmp;
ALTER TABLE tolls RENAME COLUMN lanes TO gates;
ALTER TABLE tolls RENAME COLUMN tmp TO lanes;
COMMIT;
-- a trigger fills what has the name now
CREATE TABLE gangways (id integer PRIMARY KEY, length integer, label text);
CREATE FUNCTION measure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.label := 'short'; RETURN new; END $$;
CREATE TRIGGER measure BEFORE INSERT ON gangways FOR EACH ROW EXECUTE FUNCTION measure();
SELECT FROM accord.register_contract('gangways');
SELECT FROM accord.subscribe('gangways', 'w_typed', access => 'write', columns => '{id}');
BEGIN;
SET LOCAL accord.judge_at = 'commit';
ALTER TABLE gangways RENAME COLUMN length TO tmp;
ALTER TABLE gangways RENAME COLUMN label TO length;
ALTER TABLE gangways RENAME COLUMN tmp TO label;
COMMIT;
-- the domain refuses NULL before the trigger fills it in
CREATE DOMAIN tag AS text;
CREATE TABLE bags (id integer PRIMARY KEY, tag tag NOT NULL);
CREATE FUNCTION attach() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.tag := coalesce(new.tag, 'none'); RETURN new; END $$;
CREATE TRIGGER attach BEFORE INSERT ON bags FOR EACH ROW EXECUTE FUNCTION attach();
SELECT FROM accord.register_contract('bags');
SELECT FROM accord.subscribe('bags', 'w_typed', access => 'write');
ALTER DOMAIN tag SET NOT NULL;
-- keys are come to in the order in which they were made: what one takes along, another made before holds
CREATE TABLE squads (id integer PRIMARY KEY);
CREATE TABLE places (crew integer REFERENCES squads ON DELETE CASCADE, spare integer REFERENCES squads);
INSERT INTO squads VALUES (1);
INSERT INTO places VALUES (1, 1);
SELECT FROM accord.register_contract('places');
SELECT FROM accord.subscribe('places', 'r_data', access => 'read', strictness => 'data');
ALTER TABLE places DROP CONSTRAINT places_crew_fkey, ADD CONSTRAINT crew_again FOREIGN KEY (crew) REFERENCES squads ON DELETE CASCADE;
BEGIN;
SET LOCAL accord.judge_at = 'commit';
ALTER TABLE places DROP CONSTRAINT places_crew_fkey, ADD CONSTRAINT places_crew_fkey FOREIGN KEY (crew) REFERENCES squads ON DELETE CASCADE;
COMMIT;
BEGIN;
SET LOCAL accord.guard = off;
DELETE FROM squads;
ROLLBACK;
BEGIN;
SET LOCAL accord.guard = off;
ALTER TABLE places DROP CONSTRAINT places_crew_fkey, ADD CONSTRAINT places_crew_fkey FOREIGN KEY (crew) REFERENCES squads ON DELETE CASCADE;
DELETE FROM squads;
ROLLBACK;
-- nothing changes where it is the last of them anyway
ALTER TABLE places ALTER spare TYPE integer;
ALTER TABLE places DROP CONSTRAINT places_spare_fkey, ADD CONSTRAINT places_spare_fkey FOREIGN KEY (spare) REFERENCES squads;
-- as the server makes it again of a column that changes its type, or is said to
ALTER TABLE places ALTER crew TYPE bigint;
ALTER TABLE places ALTER crew TYPE integer;
BEGIN;
SET LOCAL accord.guard = off;
ALTER TABLE places ALTER crew TYPE integer;
DELETE FROM squads;
ROLLBACK;
-- of a row IS NOT NULL speaks of its attributes: who writes them brings rows to a key that is WHERE it is so
CREATE TYPE extent AS (w integer, h integer);
CREATE TABLE boxes (id integer PRIMARY KEY, kind text, extent extent NOT NULL);
INSERT INTO boxes VALUES (1, 'flat', '(1,1)'), (2, 'flat', '(1,)');
SELECT FROM accord.register_contract('boxes');
SELECT FROM accord.subscribe('boxes', 'w_typed', access => 'write', columns => '{extent}');
CREATE UNIQUE INDEX boxes_kind ON boxes (kind) WHERE extent IS NOT NULL;
-- what a trigger fills in satisfies a check, which then lets pass what it refused in another column
CREATE TABLE parcels (id integer PRIMARY KEY, sender text, office text, CONSTRAINT from_somewhere CHECK (sender IS NOT NULL OR office IS NOT NULL));
CREATE FUNCTION to_office() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.office := 'main'; RETURN new; END $$;
SELECT FROM accord.register_contract('parcels');
SELECT FROM accord.subscribe('parcels', 'r_data', access => 'read', strictness => 'data', columns => '{sender}');
SELECT FROM accord.subscribe('parcels', 'w_typed', access => 'read', columns => '{sender}');
CREATE TRIGGER to_office BEFORE INSERT ON parcels FOR EACH ROW EXECUTE FUNCTION to_office();
-- nor is the text of a row whose attributes are not all there NULL, so that a check lets pass in another column what it refused
CREATE TABLE crates (id integer PRIMARY KEY, kind text, extent extent, CONSTRAINT known CHECK (kind IS NOT NULL OR extent IS NOT NULL));
INSERT INTO crates VALUES (1, 'flat', '(1,)');
SELECT FROM accord.register_contract('crates');
SELECT FROM accord.subscribe('crates', 'w_typed', access => 'read', columns => '{kind}');
SELECT FROM accord.subscribe('crates', 'r_data', access => 'read', strictness => 'data', columns => '{kind}');
ALTER TABLE crates ALTER extent TYPE text;
UPDATE crates SET kind = NULL;
-- what a trigger fills in shows in what is computed from it, in a partition too
CREATE TABLE holds (id integer NOT NULL, depth integer, fathoms integer GENERATED ALWAYS AS (depth / 2) STORED) PARTITION BY HASH (id);
CREATE TABLE holds_0 PARTITION OF holds FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE FUNCTION sound() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.depth := 7; RETURN new; END $$;
SELECT FROM accord.register_contract('holds');
SELECT FROM accord.subscribe('holds', 'r_data', access => 'read', strictness => 'data', columns => '{fathoms}');
SELECT FROM accord.subscribe('holds', 'w_typed', access => 'read', columns => '{id}');
CREATE TRIGGER sound BEFORE UPDATE ON holds FOR EACH ROW EXECUTE FUNCTION sound();
CREATE TRIGGER sound BEFORE UPDATE ON holds_0 FOR EACH ROW EXECUTE FUNCTION sound();
-- nor do only those who read a column notice that its domain, its key or a function fills in something else
CREATE DOMAIN regress_berth AS integer DEFAULT 1;
CREATE FUNCTION regress_first() RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE TABLE piers (id integer PRIMARY KEY, berth regress_berth, twice integer GENERATED ALWAYS AS (berth * 2) STORED,
                    first integer DEFAULT regress_first(), second integer GENERATED ALWAYS AS (first + 1) STORED,
                    squad integer CONSTRAINT piers_squad REFERENCES squads, next integer GENERATED ALWAYS AS (squad + 1) STORED);
SELECT FROM accord.register_contract('piers');
SELECT FROM accord.subscribe('piers', 'r_data', access => 'read', strictness => 'data', columns => '{twice}');
SELECT FROM accord.subscribe('piers', 'w_typed', access => 'read', columns => '{second}');
SELECT FROM accord.register_consumer('r_next');
SELECT FROM accord.subscribe('piers', 'r_next', access => 'read', strictness => 'data', columns => '{next}');
ALTER DOMAIN regress_berth SET DEFAULT 2;
CREATE OR REPLACE FUNCTION regress_first() RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT 2';
ALTER TABLE piers DROP CONSTRAINT piers_squad, ADD CONSTRAINT piers_squad FOREIGN KEY (squad) REFERENCES squads ON DELETE SET NULL;
-- commands run in passes, whatever their order: the key is of the column that comes
CREATE TABLE ledgers (id integer PRIMARY KEY, page integer);
SELECT FROM accord.register_contract('ledgers', level => 'writers');
SELECT FROM accord.subscribe('ledgers', 'w_typed', access => 'write', columns => '{id}');
ALTER TABLE ledgers ADD CONSTRAINT once UNIQUE (page) DEFERRABLE, DROP COLUMN page, ADD COLUMN page integer;
-- a check goes and one of another column comes: both are said at once; of the same column, what it is that comes is known afterwards
CREATE TABLE moorings (id integer PRIMARY KEY, depth integer CONSTRAINT deep CHECK (depth > 5));
SELECT FROM accord.register_contract('moorings', level => 'full');
SELECT FROM accord.subscribe('moorings', 'r_data', access => 'read', strictness => 'typed');
SELECT FROM accord.subscribe('moorings', 'w_typed', access => 'read', strictness => 'exact', columns => '{id}');
ALTER TABLE moorings DROP CONSTRAINT deep, ADD COLUMN z integer CHECK (z > 0);
ALTER TABLE moorings DROP CONSTRAINT deep, ADD COLUMN z integer, ADD CHECK (depth > 3);
-- with something else that is refused, both are said at once, also of one column
ALTER TABLE moorings DROP CONSTRAINT deep, ADD CHECK (depth > 3), DROP COLUMN id;
-- so is what a trigger no longer does
CREATE TABLE ropes (id integer PRIMARY KEY, length integer NOT NULL, label text);
CREATE TRIGGER measured BEFORE INSERT ON ropes FOR EACH ROW EXECUTE FUNCTION measure();
SELECT FROM accord.register_contract('ropes', level => 'readers');
SELECT FROM accord.subscribe('ropes', 'r_data', access => 'read', strictness => 'data');
SELECT FROM accord.subscribe('ropes', 'w_typed', access => 'read', columns => '{length}');
ALTER TABLE ropes DISABLE TRIGGER measured, ALTER length DROP NOT NULL;
ALTER TABLE ropes DISABLE TRIGGER measured;
ALTER TABLE ropes ENABLE TRIGGER measured, ENABLE ALWAYS TRIGGER measured;
ALTER TABLE ropes DISABLE TRIGGER nowhere;
-- in the owner's name rows go with those that they refer to
CREATE TABLE lines (id integer PRIMARY KEY);
CREATE TABLE knots (id integer PRIMARY KEY, line integer REFERENCES lines ON DELETE CASCADE);
CREATE ROLE regress_oracle_sailor;
ALTER TABLE knots OWNER TO regress_oracle_sailor;
INSERT INTO lines VALUES (1);
INSERT INTO knots VALUES (1, 1);
SELECT FROM accord.register_contract('knots');
SELECT FROM accord.subscribe('knots', 'r_data', access => 'read', strictness => 'data', columns => '{id}');
REVOKE DELETE ON knots FROM regress_oracle_sailor;
BEGIN;
SET LOCAL accord.guard = off;
REVOKE DELETE ON knots FROM regress_oracle_sailor;
DELETE FROM lines;
ROLLBACK;
SELECT FROM accord.drop_contract('knots', force => true);
DROP TABLE knots, lines;
DROP ROLE regress_oracle_sailor;
-- a primary key makes NOT NULL again what its statement drops; from 18 on the server refuses that
CREATE TABLE hulls (code text NOT NULL);
SELECT FROM accord.register_contract('hulls', level => 'readers');
SELECT FROM accord.subscribe('hulls', 'w_typed', access => 'read');
DO $$ BEGIN ALTER TABLE hulls ALTER code DROP NOT NULL, ADD PRIMARY KEY (code); EXCEPTION WHEN SQLSTATE 'AC001' THEN RAISE; WHEN OTHERS THEN NULL; END $$;
-- a domain's default fills a column that shares a check: who reads the other one meets rows that were refused before
CREATE DOMAIN berth AS text;
CREATE TABLE quays (id integer PRIMARY KEY, gate integer, place berth, CHECK (gate IS NOT NULL OR place IS NOT NULL));
SELECT FROM accord.register_contract('quays');
SELECT FROM accord.subscribe('quays', 'r_data', access => 'read', columns => '{gate}', strictness => 'typed');
ALTER DOMAIN berth SET DEFAULT 'outside';
-- a check that asks only whether a value is there is none that another default lets something past
CREATE TABLE buoys (id integer PRIMARY KEY, colour text DEFAULT 'red', light text, CHECK (colour IS NOT NULL OR light IS NOT NULL));
SELECT FROM accord.register_contract('buoys', level => 'readers');
SELECT FROM accord.subscribe('buoys', 'r_data', access => 'read', columns => '{light}', strictness => 'typed');
ALTER TABLE buoys ALTER colour SET DEFAULT 'green';
ALTER TABLE buoys ALTER colour DROP DEFAULT;
-- an identity goes, and leaves one value for all; or comes where there was one
CREATE TABLE moles (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, side integer NOT NULL DEFAULT 3);
SELECT FROM accord.register_contract('moles');
SELECT FROM accord.subscribe('moles', 'w_typed', access => 'write', columns => '{side}');
ALTER TABLE moles ALTER id SET DEFAULT 7, ALTER id DROP IDENTITY;
ALTER TABLE moles ALTER side DROP DEFAULT, ALTER side ADD GENERATED BY DEFAULT AS IDENTITY;
CREATE SEQUENCE mole_numbers;
ALTER TABLE moles ALTER id SET DEFAULT nextval('mole_numbers'), ALTER id DROP IDENTITY;
-- COPY asks a domain that takes no NULL of a default only, also where that is NULL
CREATE DOMAIN fathoms AS integer NOT NULL;
CREATE TABLE wrecks (name text, depth fathoms);
SELECT FROM accord.register_contract('wrecks');
SELECT FROM accord.subscribe('wrecks', 'w_typed', access => 'write', columns => '{name}');
ALTER TABLE wrecks ALTER depth SET DEFAULT NULL;
-- partitions, also those of partitions, have the identity; the table that is published has none
CREATE TABLE tides (port integer NOT NULL, day date) PARTITION BY LIST (port);
CREATE TABLE tides_1 PARTITION OF tides FOR VALUES IN (1);
CREATE TABLE tides_rest PARTITION OF tides DEFAULT PARTITION BY HASH (port);
CREATE TABLE tides_rest_0 PARTITION OF tides_rest FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT FROM accord.register_contract('tides');
SELECT FROM accord.subscribe('tides', 'w_typed', access => 'write');
ALTER TABLE tides_1 REPLICA IDENTITY FULL;
ALTER TABLE tides REPLICA IDENTITY FULL;
CREATE PUBLICATION tides FOR TABLE tides;
CREATE PUBLICATION tides FOR TABLE tides WITH (publish = 'insert');
ALTER PUBLICATION tides SET (publish = 'insert, update');
ALTER TABLE tides_rest_0 REPLICA IDENTITY FULL;
ALTER PUBLICATION tides SET (publish = 'insert, update');
-- a partition that comes without one
CREATE TABLE tides_2 PARTITION OF tides FOR VALUES IN (2);
ALTER TABLE tides_rest_0 REPLICA IDENTITY NOTHING;
-- what is judged when the statement has run shows no longer what it did to the values
CREATE TABLE seals (id integer PRIMARY KEY, print bytea NOT NULL, colour text);
CREATE POLICY everything ON seals USING (true);
ALTER TABLE seals ENABLE ROW LEVEL SECURITY;
SELECT FROM accord.register_contract('seals');
SELECT FROM accord.subscribe('seals', 'r_data', access => 'read', strictness => 'data', columns => '{print}');
SELECT FROM accord.subscribe('seals', 'r_text', access => 'read', strictness => 'text', columns => '{colour}');
ALTER TABLE seals DISABLE ROW LEVEL SECURITY, ALTER COLUMN print TYPE text USING encode(print, 'hex');
ALTER TABLE seals DISABLE ROW LEVEL SECURITY, ALTER COLUMN colour TYPE text USING upper(colour);
