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
