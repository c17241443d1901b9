-- accord.drift looks over the triggers that keep the versions of a live migration in step.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer);
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.stage('flights', 'ALTER TABLE flights ALTER COLUMN dep_delay TYPE text', down => 'dep_delay = dep_delay::integer');
SELECT table_name, kind, element FROM accord.drift();
ALTER TABLE flights DISABLE TRIGGER "!accord_sync";
SET accord.guard = off;
ALTER TABLE flights DISABLE TRIGGER "!accord_sync";
DROP TRIGGER "~accord_sync" ON flights;
RESET accord.guard;
SELECT table_name, kind, element, detail FROM accord.drift();
SELECT accord.accept_drift('flights', reason => 'no');
ALTER TABLE flights ENABLE ALWAYS TRIGGER "!accord_sync";
SELECT table_name, kind, element FROM accord.drift('flights');
CREATE TRIGGER "~accord_sync" BEFORE INSERT OR UPDATE ON flights FOR EACH ROW EXECUTE FUNCTION accord_catalog.sync_last('1', '1');
ALTER TABLE flights ENABLE ALWAYS TRIGGER "~accord_sync";
SELECT table_name, kind, element FROM accord.drift('flights');
SELECT FROM accord.rollback('flights');
SELECT table_name, kind, element FROM accord.drift('flights');
-- A rollback is a way out also where a trigger is missing.
SELECT FROM accord.stage('flights', 'ALTER TABLE flights ALTER COLUMN dep_delay TYPE text', down => 'dep_delay = dep_delay::integer');
SET accord.guard = off;
DROP TRIGGER "~accord_sync" ON flights;
RESET accord.guard;
SELECT from_version, state FROM accord.rollback('flights');
-- Also the event trigger that carries grants to the views is looked at.
SET accord.guard = off;
ALTER EVENT TRIGGER accord_grant DISABLE;
RESET accord.guard;
SELECT kind, element, detail FROM accord.drift() WHERE kind = 'event trigger';
ALTER EVENT TRIGGER accord_grant ENABLE ALWAYS;
