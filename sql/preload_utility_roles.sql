-- Roles, ownership and settings of roles fire no event trigger: with the library preloaded they are judged and audited all the same.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_utility_owner;
CREATE ROLE regress_utility_readers;
CREATE ROLE regress_utility_group;
CREATE ROLE regress_utility_billing;
CREATE ROLE regress_utility_other;
CREATE ROLE regress_utility_unrelated;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, carrier text, gate text);
ALTER TABLE flights OWNER TO regress_utility_owner;
GRANT SELECT ON flights TO regress_utility_readers;
GRANT regress_utility_readers TO regress_utility_group;
GRANT regress_utility_group TO regress_utility_billing;
SELECT FROM accord.register_contract('flights', owner => 'regress_utility_owner');
SELECT FROM accord.register_consumer('billing', role => 'regress_utility_billing');
SELECT FROM accord.subscribe('flights', 'billing', columns => '{flight_id,carrier}', access => 'read');
\c -

-- memberships: what the consumer loses, by whatever way
REVOKE regress_utility_readers FROM regress_utility_group;
REVOKE regress_utility_group FROM regress_utility_billing;
ALTER GROUP regress_utility_group DROP USER regress_utility_billing;
DROP ROLE regress_utility_group;
ALTER ROLE regress_utility_unrelated NOINHERIT;
GRANT regress_utility_readers TO regress_utility_unrelated;
REVOKE regress_utility_readers FROM regress_utility_unrelated;
GRANT regress_utility_owner TO regress_utility_other;
-- a second way to the same right
GRANT SELECT (flight_id, carrier) ON flights TO regress_utility_billing;
BEGIN;
REVOKE regress_utility_group FROM regress_utility_billing;
ROLLBACK;
-- what others lose is their own affair
CREATE ROLE regress_utility_visitor;
GRANT regress_utility_readers TO regress_utility_visitor;
DROP ROLE regress_utility_visitor;
SELECT accord.waive('flights', rule => 'membership-revoked', reason => 'new way in') > 0 AS granted;
SET accord.guard = off;
REVOKE SELECT (flight_id, carrier) ON flights FROM regress_utility_billing;
RESET accord.guard;
REVOKE regress_utility_group FROM regress_utility_billing;
SELECT rule, state, used_for FROM accord.waivers;
GRANT regress_utility_group TO regress_utility_billing;
SELECT action, table_name, a.detail FROM accord.audit_log a LEFT JOIN accord.contracts USING (contract_id)
 WHERE action IN ('grant role', 'revoke role', 'alter role', 'drop role') ORDER BY id;

-- a password never reaches the audit log
SELECT accord.waive('flights', reason => 'quiet') > 0 AS granted;
ALTER ROLE regress_utility_billing SUPERUSER;
REVOKE regress_utility_group FROM regress_utility_billing;
ALTER ROLE regress_utility_billing NOSUPERUSER PASSWORD 'secret';
GRANT regress_utility_group TO regress_utility_billing;
SELECT used_for FROM accord.waivers WHERE reason = 'quiet';
SELECT count(*) FROM accord.audit_log WHERE detail::text ~ 'secret';

-- search_path of new sessions
CREATE SCHEMA regress_utility_shadow;
CREATE TABLE regress_utility_shadow.flights (flight_id text);
CREATE SCHEMA regress_utility_empty;
-- the role may not use the schema: nothing changes
ALTER ROLE regress_utility_billing SET search_path = regress_utility_shadow, public;
-- nor may it be given the right then
GRANT USAGE ON SCHEMA regress_utility_shadow, regress_utility_empty TO PUBLIC;
ALTER ROLE regress_utility_billing RESET search_path;
GRANT USAGE ON SCHEMA regress_utility_shadow, regress_utility_empty TO PUBLIC;
ALTER ROLE regress_utility_billing SET search_path = regress_utility_shadow, public;
ALTER ROLE regress_utility_billing SET search_path = regress_utility_empty;
ALTER ROLE regress_utility_billing SET search_path = regress_utility_empty, public, regress_utility_shadow;
ALTER ROLE regress_utility_billing SET search_path TO DEFAULT;
ALTER ROLE ALL IN DATABASE contrib_regression SET search_path = regress_utility_shadow;
ALTER DATABASE contrib_regression SET search_path = regress_utility_shadow;
ALTER SYSTEM SET search_path = 'regress_utility_shadow', 'public';
ALTER ROLE regress_utility_other SET search_path = regress_utility_shadow;
ALTER ROLE regress_utility_other RESET ALL;
ALTER DATABASE postgres SET search_path = regress_utility_shadow;
ALTER DATABASE postgres RESET search_path;
-- one's own setting shields a role from the others
ALTER ROLE regress_utility_billing SET search_path = public;
ALTER DATABASE contrib_regression SET search_path = regress_utility_shadow;
ALTER ROLE regress_utility_billing RESET search_path;
ALTER DATABASE contrib_regression RESET search_path;
ALTER ROLE regress_utility_billing RESET search_path;
SELECT accord.set_guard_mode('warn', 'flights');
ALTER ROLE regress_utility_billing SET search_path = regress_utility_shadow, public;
SELECT accord.set_guard_mode('default', 'flights');
-- back again is welcome
ALTER ROLE regress_utility_billing RESET search_path;
SELECT action, table_name, a.detail FROM accord.audit_log a LEFT JOIN accord.contracts USING (contract_id)
 WHERE action IN ('alter database', 'alter system') OR (action = 'alter role' AND a.detail->>'statement' ~ 'search_path') ORDER BY id;

-- ownership
CREATE ROLE regress_utility_heir;
SELECT FROM accord.register_consumer('the owner', role => 'regress_utility_owner');
SELECT FROM accord.subscribe('flights', 'the owner');
REASSIGN OWNED BY regress_utility_owner TO regress_utility_heir;
SELECT accord.waive('flights', reason => 'a new team') > 0 AS granted;
REASSIGN OWNED BY regress_utility_owner TO regress_utility_heir;
REASSIGN OWNED BY regress_utility_unrelated TO regress_utility_heir;
SELECT action, table_name, a.detail->>'statement' AS statement FROM accord.audit_log a LEFT JOIN accord.contracts USING (contract_id)
 WHERE action = 'reassign owned' ORDER BY id;

-- the guard's own event triggers
ALTER EVENT TRIGGER accord_sql_drop DISABLE;
ALTER EVENT TRIGGER accord_sql_drop ENABLE REPLICA;
ALTER EVENT TRIGGER accord_sql_drop RENAME TO something;
ALTER EVENT TRIGGER accord_sql_drop ENABLE ALWAYS;
DROP EVENT TRIGGER accord_sql_drop;
ALTER EXTENSION pg_accord DROP EVENT TRIGGER accord_sql_drop;
SELECT accord.set_guard_mode('warn');
BEGIN;
ALTER EVENT TRIGGER accord_sql_drop DISABLE;
ROLLBACK;
SELECT accord.set_guard_mode('off');
ALTER EVENT TRIGGER accord_sql_drop DISABLE;
ALTER EVENT TRIGGER accord_sql_drop ENABLE ALWAYS;
SELECT accord.set_guard_mode('enforce');

-- 17 and later can switch off all event triggers of a session
DO $$
BEGIN
    IF current_setting('server_version_num')::integer < 170000 THEN RAISE SQLSTATE 'AC001'; END IF;
    SET event_triggers = off;
EXCEPTION WHEN SQLSTATE 'AC001' THEN RAISE WARNING 'refused';
END $$;

-- what happens in a session only, and what only takes time
SET session_replication_role = replica;
RESET session_replication_role;
SET session_replication_role = origin;
BEGIN READ ONLY;
SET LOCAL session_replication_role = replica;
COMMIT;
VACUUM FULL flights;
VACUUM flights;
CLUSTER flights USING flights_pkey;
CREATE TABLE plain (id integer PRIMARY KEY);
CLUSTER plain USING plain_pkey;
VACUUM FULL plain;
SELECT action, table_name, a.detail->>'statement' AS statement FROM accord.audit_log a LEFT JOIN accord.contracts USING (contract_id)
 WHERE action IN ('set session_replication_role', 'cluster', 'vacuum full', 'alter event trigger') ORDER BY id;

DROP EXTENSION pg_accord CASCADE;
ALTER EVENT TRIGGER accord_sql_drop DISABLE;
REVOKE regress_utility_group FROM regress_utility_billing;
DROP SCHEMA regress_utility_shadow, regress_utility_empty CASCADE;
DROP TABLE flights, plain;
