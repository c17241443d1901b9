-- enforce, warn and off, for the database and for a contract; the kill switch; waivers.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_guard_owner;
CREATE ROLE regress_guard_other;
GRANT CREATE, USAGE ON SCHEMA public TO regress_guard_owner;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL, gate text, seat text, meal text);
ALTER TABLE flights OWNER TO regress_guard_owner;
SELECT FROM accord.register_contract('flights', owner => 'regress_guard_owner');
SELECT FROM accord.register_consumer('billing', role => 'regress_guard_other');
SELECT FROM accord.subscribe('flights', 'billing', columns => '{dep_delay}');
SET ROLE regress_guard_owner;

-- a warning in place of the error
SELECT accord.set_guard_mode('warn', 'flights');
ALTER TABLE flights DROP COLUMN dep_delay;
SELECT version, status, reason FROM accord.contract_versions ORDER BY 1;
SELECT action, detail - 'statement' AS detail FROM accord.audit_log WHERE action IN ('set guard mode', 'break contract') ORDER BY id;
SELECT accord.set_guard_mode('default', 'flights');
ALTER TABLE flights DROP COLUMN gate;

-- bad calls
SELECT accord.set_guard_mode('loud', 'flights');
SELECT accord.set_guard_mode(NULL, 'flights');
SELECT accord.set_guard_mode('off');
SET ROLE regress_guard_other;
SELECT accord.set_guard_mode('off', 'flights');
SET accord.guard = off;
SELECT accord.waive('flights', reason => 'because');
RESET ROLE;

-- nobody is affected: refused, unless that is allowed
ALTER TABLE flights DROP COLUMN gate;
SET accord.allow_unused = on;
ALTER TABLE flights DROP COLUMN gate;
RESET accord.allow_unused;
SELECT version, status, reason FROM accord.contract_versions ORDER BY 1;

-- a waiver lets one change through
SET ROLE regress_guard_owner;
SELECT accord.waive('flights');
SELECT accord.waive('flights', reason => ' ');
SELECT accord.waive('flights', rule => 'no-such-rule', reason => 'night shift');
SELECT accord.waive('flights', reason => 'night shift', expires => '-1 hour');
SELECT accord.waive('flights', reason => 'night shift', expires => NULL);
SELECT accord.waive('flights', rule => 'column-dropped', reason => 'night shift') > 0 AS granted;
ALTER TABLE flights ALTER COLUMN seat TYPE integer USING seat::integer;
BEGIN;
ALTER TABLE flights DROP COLUMN seat;
ROLLBACK;
SELECT state FROM accord.waivers;
ALTER TABLE flights DROP COLUMN seat;
ALTER TABLE flights DROP COLUMN meal;
SELECT table_name, rule, reason, granted_by, state, used_by, used_for FROM accord.waivers;
SELECT action, actor, detail->>'reason' AS reason, detail->>'statement' AS statement FROM accord.audit_log WHERE action LIKE '%waiver' ORDER BY id;

-- revoked in time, and too late
SELECT accord.waive('flights', reason => 'second thoughts') AS waiver \gset
SELECT accord.revoke_waiver(:waiver);
ALTER TABLE flights DROP COLUMN meal;
SELECT accord.revoke_waiver(min(waiver)) FROM accord.waivers WHERE state = 'used';
SELECT accord.revoke_waiver(NULL);
SELECT accord.revoke_waiver(0);
SELECT state, rule FROM accord.waivers ORDER BY waiver;

-- the kill switch
RESET ROLE;
SET accord.guard = off;
ALTER TABLE flights DROP COLUMN meal;
RESET accord.guard;
SELECT version, status FROM accord.contract_versions ORDER BY 1 DESC LIMIT 1;
-- what is broken already is not held against the next statement
ALTER TABLE flights ADD COLUMN note text;
