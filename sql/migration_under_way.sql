-- What is done to the table itself while a migration lives: compatible DDL belongs to both versions, and nothing that breaks passes.
CREATE EXTENSION pg_accord;
CREATE TABLE flights (id integer PRIMARY KEY, delay integer, carrier text);
INSERT INTO flights SELECT i, i, 'UA' FROM generate_series(1, 10) i;
SELECT FROM accord.register_contract('flights');
SELECT state FROM accord.stage('flights', 'ALTER TABLE flights ALTER delay TYPE bigint');
SET client_min_messages = warning;
CALL accord.backfill('flights');
RESET client_min_messages;
ALTER TABLE flights ADD COLUMN note text, ADD COLUMN gate integer NOT NULL DEFAULT 5;
COMMENT ON COLUMN flights.gate IS 'where it leaves from';

-- neither a setting nor a waiver makes another major version beside the one that the migration makes
SET accord.allow_unused = on;
ALTER TABLE flights ADD CHECK (delay > 0);
ALTER TABLE flights ALTER carrier SET NOT NULL;
ALTER TABLE flights ALTER carrier SET DEFAULT 'XX';
RESET accord.allow_unused;
SELECT id > 0 AS waived FROM accord.waive('flights', reason => 'in a hurry') AS id;
ALTER TABLE flights DROP COLUMN carrier;
-- a type of the same family with more to it
CREATE DOMAIN gate_number AS integer CHECK (VALUE > 0);
ALTER TABLE flights ALTER gate TYPE gate_number;
SELECT version, status FROM accord_catalog.contract_version, LATERAL format('%s.%s.%s', major, minor, patch) AS version ORDER BY major, minor, patch;

-- the table's new version has what the old one got meanwhile
SELECT state FROM accord.complete('flights');
SELECT version, status FROM accord_catalog.contract_version, LATERAL format('%s.%s.%s', major, minor, patch) AS version ORDER BY major, minor, patch;
SELECT * FROM accord.diff('flights');
SELECT element, detail FROM accord.drift();
ALTER TABLE flights DROP COLUMN gate;

-- and the old one again when all is taken back
SELECT state FROM accord.rollback('flights');
SELECT version, status FROM accord_catalog.contract_version, LATERAL format('%s.%s.%s', major, minor, patch) AS version ORDER BY major, minor, patch;
SELECT * FROM accord.diff('flights');
SELECT element, detail FROM accord.drift();
-- what breaks it passes as ever; the waiver is still there
ALTER TABLE flights DROP COLUMN carrier;
SELECT version, status FROM accord_catalog.contract_version, LATERAL format('%s.%s.%s', major, minor, patch) AS version ORDER BY major, minor, patch;
SELECT * FROM accord.diff('flights');
SELECT element, detail FROM accord.drift();
