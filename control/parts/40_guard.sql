-- The guard: modes and waivers.  Its event triggers are in 90_event_triggers.sql, the last part.

CREATE OR REPLACE FUNCTION accord.set_guard_mode(mode text, contract regclass DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_set_guard_mode';
COMMENT ON FUNCTION accord.set_guard_mode(text, regclass) IS
'what the guard does about DDL that breaks a contract: "enforce" refuses it, "warn" lets it pass with a WARNING, "off" lets it pass; what passes is recorded as the next major version and audited.  With a contract the mode is set for that one ("default" goes back to the database''s), by its owner; without for the database, by a member of accord_admin.  Errors: 22023 unrecognized mode, 42501, 42704 no such contract';

CREATE OR REPLACE FUNCTION accord.waive(contract regclass, rule text DEFAULT NULL, reason text DEFAULT NULL,
                                        expires interval DEFAULT '1 hour') RETURNS bigint
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_waive';
COMMENT ON FUNCTION accord.waive(regclass, text, text, interval) IS
'lets one change through that breaks the contract: the next DDL statement that breaks it, by the named rule (refusals and accord.check name it) or by any, until it expires.  Gives the waiver''s id.  The reason is required; granting and use are audited.  For the contract''s owner.  Errors: 22004 no reason, 22023 empty reason or an expiry in the past, 42501, 42704 no such contract or rule';

CREATE OR REPLACE FUNCTION accord.revoke_waiver(waiver bigint) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_revoke_waiver';
COMMENT ON FUNCTION accord.revoke_waiver(bigint) IS
'ends a waiver that has not been used; it stays in accord.waivers as expired.  For the contract''s owner.  Errors: 42501, 42704 no such waiver, 55000 it has been used';

CREATE OR REPLACE VIEW accord.waivers WITH (security_barrier) AS
SELECT w.id AS waiver, c.contract, c.schema_name, c.table_name, w.rule, w.reason, w.granted_by, w.granted_at, w.expires_at,
       CASE WHEN w.used_at IS NOT NULL THEN 'used' WHEN w.expires_at <= clock_timestamp() THEN 'expired' ELSE 'open' END AS state,
       w.used_at, w.used_by, w.used_for
  FROM accord_catalog.waiver w
  JOIN accord.contracts c ON c.contract_id = w.contract_id;
COMMENT ON VIEW accord.waivers IS 'break-glass permissions for one change: open, used and expired';
GRANT SELECT ON accord.waivers TO PUBLIC;

-- accord.judge_at = 'commit'.  What is judged is read from the table and not from the trigger's row, so that all contracts of a transaction are
-- judged together (tables may have swapped their names), each once.
CREATE OR REPLACE FUNCTION accord_catalog.judge_pending() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_judge_pending';
COMMENT ON FUNCTION accord_catalog.judge_pending() IS 'judges what the transaction has made of contracted tables: at COMMIT and PREPARE TRANSACTION, or when SET CONSTRAINTS says IMMEDIATE';
REVOKE EXECUTE ON FUNCTION accord_catalog.judge_pending() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER accord_judge_at_commit AFTER INSERT OR UPDATE ON accord_catalog.pending_judgement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accord_catalog.judge_pending();
ALTER TABLE accord_catalog.pending_judgement ENABLE ALWAYS TRIGGER accord_judge_at_commit;
