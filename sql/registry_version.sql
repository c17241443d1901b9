-- Versions: published by hand and by compatible DDL, compared, deprecated, retired.
\set SHOW_CONTEXT never
CREATE EXTENSION pg_accord;
CREATE ROLE regress_registry_owner;
CREATE ROLE regress_registry_other;
GRANT ALL ON SCHEMA public TO regress_registry_owner;
SET ROLE regress_registry_owner;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, "Träger" text NOT NULL DEFAULT 'UA');
SELECT accord.register_contract('flights');

-- nothing to publish
SELECT accord.publish_version('flights');
SELECT accord.publish_version('flights', '1.0.0');
SELECT accord.publish_version('flights', '1.1');
SELECT * FROM accord.diff('flights');

-- compatible DDL publishes a version by itself, with the statement, once for a transaction
ALTER TABLE flights ADD COLUMN note text;
SELECT version, status, statement, published_by FROM accord.contract_versions ORDER BY major, minor, patch;
BEGIN;
ALTER TABLE flights ADD COLUMN gate text;
SAVEPOINT s;
ALTER TABLE flights ADD COLUMN lost text;
SELECT version, statement FROM accord.contract_versions ORDER BY major, minor, patch;
ROLLBACK TO s;
SELECT version, statement FROM accord.contract_versions ORDER BY major, minor, patch;
ALTER TABLE flights ADD COLUMN stand text;
COMMENT ON COLUMN flights.stand IS 'where it stands';
SELECT version, statement FROM accord.contract_versions ORDER BY major, minor, patch;
COMMIT;
-- a column that comes and goes within a transaction was never promised
BEGIN;
ALTER TABLE flights ADD COLUMN passing text;
SELECT version, statement FROM accord.contract_versions ORDER BY major, minor, patch;
ALTER TABLE flights DROP COLUMN passing;
SELECT version, statement FROM accord.contract_versions ORDER BY major, minor, patch;
COMMIT;
-- a comment is a patch; what leaves the shape alone is nothing
COMMENT ON TABLE flights IS 'all of them';
ALTER TABLE flights SET (fillfactor = 90);
CREATE INDEX ON flights (dep_delay);
SELECT version, statement FROM accord.contract_versions ORDER BY major, minor, patch;

-- what changed between them
SELECT * FROM accord.diff('flights', '1.0', '1.1');
SELECT * FROM accord.diff('flights', '1.1.0');
SELECT * FROM accord.diff('flights', '1.1', '1.0');
SELECT * FROM accord.diff('flights', '7');
SELECT * FROM accord.diff('flights', '1', 'x');
SELECT * FROM accord.diff(NULL);
SELECT * FROM accord.diff('pg_class');

-- a breaking change that the guard let through
RESET ROLE;
SET accord.guard = off;
ALTER TABLE flights ALTER COLUMN dep_delay TYPE text;
ALTER TABLE flights DROP COLUMN gate;
ALTER TABLE flights ADD COLUMN pilot text;
RESET accord.guard;
SET ROLE regress_registry_owner;
SELECT change, element, rule, readers, writers, bump FROM accord.diff('flights');
SELECT accord.publish_version('flights', '1.2.1');
SELECT accord.publish_version('flights', '1.3.0');
SELECT accord.publish_version('flights', '0.9');
SELECT accord.publish_version('flights', '1.2');
SELECT accord.publish_version('flights', 'two');
SELECT accord.publish_version('flights', reason => $$'; DROP TABLE flights; --$$);
SELECT version, status, reason, published_by FROM accord.contract_versions ORDER BY major, minor, patch;
SELECT kind, name, type, dropped_in FROM accord.tombstones;
SELECT * FROM accord.diff('flights');
-- a step larger than needed is the owner's choice
RESET ROLE;
SET accord.guard = off;
ALTER TABLE flights ADD COLUMN seats integer;
RESET accord.guard;
SET ROLE regress_registry_owner;
SELECT accord.publish_version('flights', '4.2.0');

-- rights
SET ROLE regress_registry_other;
SELECT accord.publish_version('flights');
SELECT accord.deprecate_version('flights', '1');
SELECT accord.retire_version('flights', '1');
SELECT count(*) FROM accord.diff('flights', '1', '2');

-- deprecate and retire
SET ROLE regress_registry_owner;
SELECT accord.deprecate_version('flights', NULL);
SELECT accord.deprecate_version(NULL, '1');
SELECT accord.deprecate_version('flights', '3');
SELECT accord.deprecate_version('flights', '1', sunset => '2030-01-01 00:00:00+00', reason => 'too old');
SELECT accord.register_consumer('billing');
SELECT accord.register_consumer('crew');
SELECT accord.subscribe('flights', 'billing', '1', '{dep_delay}');
SELECT accord.subscribe('flights', 'crew');
SELECT version, status, deprecated_at IS NOT NULL AS deprecated, extract(year FROM sunset AT TIME ZONE 'UTC') AS sunset FROM accord.contract_versions ORDER BY major, minor, patch;
SELECT consumer, version, latest_version, status FROM accord.subscriptions ORDER BY 1;
SELECT accord.retire_version('flights', NULL);
SELECT accord.retire_version(NULL, '1');
SELECT accord.retire_version('flights', '3');
SELECT accord.retire_version('flights', '1''; DROP TABLE flights; --');
-- one minor version may go while another of that major stays
SELECT accord.retire_version('flights', '1.0');
SELECT accord.retire_version('flights', '1');
SELECT accord.retire_version('flights', '4');
SELECT accord.unsubscribe('flights', 'billing');
SELECT accord.retire_version('flights', '1');
SELECT accord.deprecate_version('flights', '1.0');
SELECT accord.subscribe('flights', 'billing', '1');
SELECT version, status, retired_at IS NOT NULL AS retired FROM accord.contract_versions ORDER BY major, minor, patch;
SELECT action, detail FROM accord.audit_log ORDER BY id;

-- a dropped table leaves its contract, and one of its name takes it up
RESET ROLE;
SET accord.guard = off;
DROP TABLE flights;
RESET accord.guard;
SET ROLE regress_registry_owner;
SELECT contract, schema_name, table_name, version FROM accord.contracts;
CREATE TABLE flights (flight_id bigint);
SELECT accord.register_contract('flights');
SELECT contract, schema_name, table_name, version FROM accord.contracts;
RESET ROLE;
SET accord.guard = off;
DROP TABLE flights;
RESET accord.guard;
SET ROLE regress_registry_other;
SELECT accord.forget_contract('public', 'flights');
SET ROLE regress_registry_owner;
SELECT accord.forget_contract('public', 'flights');
SELECT count(*) FROM accord.contracts;
