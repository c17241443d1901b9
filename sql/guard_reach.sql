-- What reaches a contracted table without naming it, and whom of its consumers it hits.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
SET accord.allow_unused = on;
CREATE ROLE regress_reader;
CREATE ROLE regress_group;
CREATE ROLE regress_member IN ROLE regress_group;
CREATE ROLE regress_stranger;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer);
GRANT SELECT ON flights TO regress_reader, regress_group, regress_stranger;
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.register_consumer('board', role => 'regress_reader');
SELECT FROM accord.register_consumer('billing', role => 'regress_member');
SELECT FROM accord.subscribe('flights', 'board', access => 'read');
SELECT FROM accord.subscribe('flights', 'billing', access => 'read');

-- rights: those who have them otherwise do not notice
REVOKE SELECT ON flights FROM regress_reader;
REVOKE SELECT ON flights FROM regress_group;
REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM regress_reader;
DROP OWNED BY regress_reader;
REVOKE SELECT ON flights FROM regress_stranger;
GRANT SELECT ON flights TO PUBLIC;
REVOKE SELECT ON flights FROM regress_reader;

-- row security: COPY FROM is refused whatever the policies say, readers see what their policies let them
CREATE POLICY everything ON flights USING (true);
ALTER TABLE flights ENABLE ROW LEVEL SECURITY;
CREATE POLICY more ON flights FOR SELECT TO regress_reader USING (true);
CREATE POLICY less ON flights AS RESTRICTIVE FOR SELECT TO regress_reader USING (dep_delay > 0);
DROP POLICY everything ON flights;

-- triggers: what they do decides
SELECT FROM accord.register_consumer('loader');
SELECT FROM accord.subscribe('flights', 'loader', access => 'write');
CREATE FUNCTION observe() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'a write'; RETURN new; END $$;
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.dep_delay := 0; RETURN new; END $$;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE TRIGGER observe BEFORE INSERT OR UPDATE ON flights FOR EACH ROW EXECUTE FUNCTION observe();
CREATE TRIGGER fill BEFORE INSERT ON flights FOR EACH ROW EXECUTE FUNCTION fill();
CREATE TRIGGER refuse AFTER INSERT ON flights FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE OR REPLACE FUNCTION observe() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;

-- functions behind a check
CREATE FUNCTION sane(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 10000';
CREATE TABLE gates (gate integer CHECK (sane(gate)));
SELECT FROM accord.register_contract('gates');
SELECT FROM accord.subscribe('gates', 'loader', access => 'write');
CREATE OR REPLACE FUNCTION sane(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 10';

-- publications: UPDATE of a published table needs a replica identity
SET client_min_messages = error;
CREATE PUBLICATION p FOR TABLE gates;
CREATE PUBLICATION p FOR TABLE gates WITH (publish = 'insert');
RESET client_min_messages;

-- the registry as SQL sees it
SELECT family, count(*) > 2 AS several, bool_and(explanation LIKE '%.' AND safe_way LIKE '%.') AS explained FROM accord.rules GROUP BY 1 ORDER BY 1;
SELECT readers, readers_at, writers, writers_at FROM accord.rules WHERE rule = 'not-null-added';
