-- A consumer that has moved on must not fall back to the table, which still has the old shape, by way of its role's search_path.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_utility_app;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, carrier text);
GRANT SELECT ON flights TO regress_utility_app;
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.register_consumer('app', role => 'regress_utility_app');
SELECT FROM accord.subscribe('flights', 'app', access => 'read');
SELECT state FROM accord.stage('flights', 'ALTER TABLE flights RENAME COLUMN carrier TO airline');
CALL accord.backfill('flights');
SELECT FROM accord.switch_version('flights', 'app', '2');
SELECT table_name, kind, element FROM accord.drift();
ALTER ROLE regress_utility_app IN DATABASE contrib_regression RESET search_path;
ALTER ROLE regress_utility_app IN DATABASE contrib_regression SET search_path = public;
ALTER ROLE regress_utility_app IN DATABASE contrib_regression RESET ALL;
-- that no consumer of version 1 is affected does not matter
SET accord.allow_unused = on;
ALTER ROLE regress_utility_app IN DATABASE contrib_regression RESET search_path;
SELECT accord.set_guard_mode('warn', 'flights');
BEGIN;
ALTER ROLE regress_utility_app IN DATABASE contrib_regression RESET search_path;
ROLLBACK;
SELECT accord.set_guard_mode('default', 'flights');
BEGIN;
SELECT accord.waive('flights', rule => 'search-path-changed', reason => 'test') > 0 AS granted;
ALTER ROLE regress_utility_app IN DATABASE contrib_regression RESET search_path;
SELECT state FROM accord.waivers;
ROLLBACK;
RESET accord.allow_unused;
-- the version's own schema will do, and so will the way back
ALTER ROLE regress_utility_app IN DATABASE contrib_regression SET search_path = flights_v2;
SELECT FROM accord.switch_version('flights', 'app', '1');
ALTER ROLE regress_utility_app IN DATABASE contrib_regression RESET search_path;
SELECT table_name, kind, element FROM accord.drift();
SELECT a.action, a.detail->>'statement' AS statement FROM accord.audit_log a WHERE action = 'alter role' ORDER BY id;
