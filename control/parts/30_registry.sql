-- The registry: contracts, versions, consumers, subscriptions.  Rights are checked in C++ (src/server/registry).

CREATE OR REPLACE FUNCTION accord.register_contract(contract regclass, owner name DEFAULT NULL, version text DEFAULT '1.0.0',
    level text DEFAULT 'clients', description text DEFAULT NULL, if_not_exists boolean DEFAULT false) RETURNS text
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_register_contract';
COMMENT ON FUNCTION accord.register_contract(regclass, name, text, text, text, boolean) IS
'Promise the shape of a table, partitioned table or view as it stands, as the first version of its contract.  owner: role that may change the contract (default: the table''s owner).  level: who goes on undisturbed, none, readers, writers, clients (both) or full (and clients of the new shape, should it be taken back), each but none also with _transitive (as against all supported versions); or as a schema registry says it, FORWARD (readers), BACKWARD (writers) or FULL.  Returns the version.  A contract of a dropped table of that name and owner is attached again.  Errors: 42710 exists, 42501 not the owner of the table, 42809 cannot have a contract, 42939 something of it has a name that is reserved for migrations';

CREATE OR REPLACE FUNCTION accord.alter_contract(contract regclass, owner name DEFAULT NULL, level text DEFAULT NULL,
    description text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_alter_contract';
COMMENT ON FUNCTION accord.alter_contract(regclass, name, text, text) IS
'Change owner, level or description of a contract; NULL leaves as it is.  Errors: 42501 not the owner of the contract or no member of the new owner';

CREATE OR REPLACE FUNCTION accord.allow_row_removal(contract regclass, partitions boolean DEFAULT true, reason text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_allow_row_removal';
COMMENT ON FUNCTION accord.allow_row_removal(regclass, boolean, text) IS
'Retention: rows of a partitioned table may go with their partitions.  DROP TABLE, DETACH PARTITION (also CONCURRENTLY) and TRUNCATE of any partition but the default one pass from now on, each in the audit log and without a new version; all else that takes rows away is refused as before.  partitions => false takes it back.  The reason is required and audited; readers are named in a NOTICE.  For the contract''s owner.  Errors: 22004 or 22023 no reason, 42501, 42704 no such contract, 42809 not a partitioned table';

CREATE OR REPLACE FUNCTION accord.drop_contract(contract regclass, force boolean DEFAULT false) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_drop_contract';
COMMENT ON FUNCTION accord.drop_contract(regclass, boolean) IS
'End a contract with all its versions.  The table stays as it is.  force: also while consumers are subscribed.  Errors: AC003 a migration is live, AC004 consumers are subscribed';

CREATE OR REPLACE FUNCTION accord.forget_contract(schema_name name, table_name name) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_forget_contract';
COMMENT ON FUNCTION accord.forget_contract(name, name) IS
'End the contract of a table that was dropped.  Errors: 42704 there is none';

CREATE OR REPLACE FUNCTION accord.register_consumer(consumer name, role name DEFAULT NULL, team text DEFAULT NULL, contact text DEFAULT NULL,
    description text DEFAULT NULL, if_not_exists boolean DEFAULT false) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_register_consumer';
COMMENT ON FUNCTION accord.register_consumer(name, name, text, text, text, boolean) IS
'Name an application, job or team that reads or writes contracted tables.  role: its database role, whose members may act for it.  Errors: 42710 exists, 42704 no such role, 42501';

CREATE OR REPLACE FUNCTION accord.drop_consumer(consumer name, force boolean DEFAULT false) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_drop_consumer';
COMMENT ON FUNCTION accord.drop_consumer(name, boolean) IS
'Forget a consumer.  force: also while it is subscribed.  Errors: AC004 subscribed, or its views are in use';

CREATE OR REPLACE FUNCTION accord.subscribe(contract regclass, consumer name, version text DEFAULT NULL, columns name[] DEFAULT NULL,
    access text DEFAULT 'read write', strictness text DEFAULT 'typed') RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_subscribe';
COMMENT ON FUNCTION accord.subscribe(regclass, name, text, name[], text, text) IS
'Record that a consumer relies on a major version of a contract (default: the latest).  columns: those it uses; NULL: all.  access: read, write or read write.  strictness: data, text, typed, prepared, star or exact.  Again: changes the subscription.  Errors: 42703 no such column, 42704 no such version or consumer';

CREATE OR REPLACE FUNCTION accord.unsubscribe(contract regclass, consumer name, version text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_unsubscribe';
COMMENT ON FUNCTION accord.unsubscribe(regclass, name, text) IS
'Take a subscription back; version NULL: of all versions.  Errors: 42704 not subscribed';

-- A published version is never changed.  Not a check in the functions only: nothing else that writes the table may either, today or later.
-- Inserts pass, so a dump can be restored.  What a version may go through: its status, and, in the transaction in which compatible DDL
-- published it, everything (registry/publish.hpp).
CREATE OR REPLACE FUNCTION accord_catalog.refuse_change_of_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'cannot truncate the published versions' USING ERRCODE = 'AC002';
    END IF;
    IF OLD.status IN ('draft', 'preparing') OR (OLD.statement IS NOT NULL AND OLD.published_at = transaction_timestamp()) THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        -- the cascade of a dropped contract
        IF NOT EXISTS (SELECT FROM accord_catalog.contract c WHERE c.id = OLD.contract_id) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'cannot delete version %.%.% of contract %', OLD.major, OLD.minor, OLD.patch, OLD.contract_id
            USING ERRCODE = 'AC002', DETAIL = 'It is published.', HINT = 'Retire it with accord.retire_version.';
    END IF;
    IF (OLD.contract_id, OLD.major, OLD.minor, OLD.patch, OLD.shape, OLD.fingerprint, OLD.reason, OLD.statement, OLD.published_by, OLD.published_at)
       IS DISTINCT FROM
       (NEW.contract_id, NEW.major, NEW.minor, NEW.patch, NEW.shape, NEW.fingerprint, NEW.reason, NEW.statement, NEW.published_by, NEW.published_at)
       OR NEW.status IN ('draft', 'preparing') THEN
        RAISE EXCEPTION 'cannot change version %.%.% of contract %', OLD.major, OLD.minor, OLD.patch, OLD.contract_id
            USING ERRCODE = 'AC002', DETAIL = 'It is published.', HINT = 'Publish a new version with accord.publish_version.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON accord_catalog.contract_version
    FOR EACH ROW EXECUTE FUNCTION accord_catalog.refuse_change_of_version();
CREATE TRIGGER immutable_all BEFORE TRUNCATE ON accord_catalog.contract_version
    FOR EACH STATEMENT EXECUTE FUNCTION accord_catalog.refuse_change_of_version();
ALTER TABLE accord_catalog.contract_version ENABLE ALWAYS TRIGGER immutable;
ALTER TABLE accord_catalog.contract_version ENABLE ALWAYS TRIGGER immutable_all;
