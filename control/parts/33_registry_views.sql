-- What users see of the registry.  The views read as the owner of the extension, so the filters below are all that hides a row: they are
-- security barriers, and a function of the user's cannot look behind them.
--
-- Contracts and versions are for everybody, as the catalogs of PostgreSQL are.  Names of consumers are shown to the owner of the contract,
-- to members of the consumer's role, to who registered it, and to accord_admin (and superusers, who are members of every role).

CREATE OR REPLACE VIEW accord_catalog.my_role AS
SELECT r.rolname AS name FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(r.oid, 'USAGE');
COMMENT ON VIEW accord_catalog.my_role IS 'roles whose rights the current user has';

CREATE OR REPLACE VIEW accord.contracts WITH (security_barrier) AS
SELECT c.relation AS contract,
       coalesce(n.nspname, c.last_schema) AS schema_name,
       coalesce(r.relname, c.last_name) AS table_name,
       c.owner,
       c.level,
       c.mode,
       (SELECT v.major || '.' || v.minor || '.' || v.patch
          FROM accord_catalog.contract_version v
         WHERE v.contract_id = c.id AND v.status IN ('active', 'deprecated')
         ORDER BY v.major DESC, v.minor DESC, v.patch DESC LIMIT 1) AS version,
       c.description,
       c.created_by,
       c.created_at,
       c.id AS contract_id,
       c.partitions_may_go
  FROM accord_catalog.contract c
  LEFT JOIN pg_catalog.pg_class r ON r.oid = c.relation
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace;
COMMENT ON VIEW accord.contracts IS 'all contracts; contract is NULL once the table is dropped, version the latest one that is promised; partitions_may_go: accord.allow_row_removal';

CREATE OR REPLACE VIEW accord.contract_versions WITH (security_barrier) AS
SELECT c.contract, c.schema_name, c.table_name,
       v.major || '.' || v.minor || '.' || v.patch AS version,
       v.status, v.reason, v.statement, v.published_by, v.published_at, v.deprecated_at, v.retired_at, v.sunset,
       v.fingerprint, v.shape, v.contract_id, v.major, v.minor, v.patch
  FROM accord_catalog.contract_version v
  JOIN accord.contracts c ON c.contract_id = v.contract_id;
COMMENT ON VIEW accord.contract_versions IS 'what was promised, with the statement that led to it where DDL published it';

CREATE OR REPLACE VIEW accord.consumers WITH (security_barrier) AS
SELECT u.name AS consumer, u.role, u.team, u.contact, u.description, u.created_by, u.created_at
  FROM accord_catalog.consumer u
 WHERE u.role IN (SELECT name FROM accord_catalog.my_role)
    OR u.created_by IN (SELECT name FROM accord_catalog.my_role)
    OR 'accord_admin' IN (SELECT name FROM accord_catalog.my_role)
    OR u.id IN (SELECT s.consumer_id
                  FROM accord_catalog.subscription s
                  JOIN accord_catalog.contract c ON c.id = s.contract_id
                 WHERE c.owner IN (SELECT name FROM accord_catalog.my_role));
COMMENT ON VIEW accord.consumers IS 'consumers: your own, those of your contracts; all of them for accord_admin';

CREATE OR REPLACE VIEW accord.subscriptions WITH (security_barrier) AS
SELECT c.contract, c.schema_name, c.table_name, u.name AS consumer, s.major::text AS version,
       v.version AS latest_version, v.status, v.sunset, s.columns, s.access, s.strictness, s.created_by, s.created_at
  FROM accord_catalog.subscription s
  JOIN accord_catalog.consumer u ON u.id = s.consumer_id
  JOIN accord.contracts c ON c.contract_id = s.contract_id
  LEFT JOIN LATERAL (SELECT v.major || '.' || v.minor || '.' || v.patch AS version, v.status, v.sunset
                       FROM accord_catalog.contract_version v
                      WHERE v.contract_id = s.contract_id AND v.major = s.major AND v.status NOT IN ('draft', 'preparing')
                      ORDER BY v.minor DESC, v.patch DESC LIMIT 1) v ON true
 WHERE u.role IN (SELECT name FROM accord_catalog.my_role)
    OR u.created_by IN (SELECT name FROM accord_catalog.my_role)
    OR c.owner IN (SELECT name FROM accord_catalog.my_role)
    OR 'accord_admin' IN (SELECT name FROM accord_catalog.my_role);
COMMENT ON VIEW accord.subscriptions IS 'who relies on which major version, on which columns (NULL: all), and how; latest_version is what that major is at, with its status';

CREATE OR REPLACE VIEW accord.tombstones WITH (security_barrier) AS
SELECT c.contract, c.schema_name, c.table_name, t.kind, t.name, t.type, t.dropped_in, t.dropped_at
  FROM accord_catalog.tombstone t
  JOIN accord.contracts c ON c.contract_id = t.contract_id;
COMMENT ON VIEW accord.tombstones IS 'names that were promised once and must not come back with another meaning';

CREATE OR REPLACE VIEW accord.settings WITH (security_barrier) AS
SELECT d.name, coalesce(s.value, d.value) AS value, d.value AS default_value, d.description
  FROM (VALUES ('guard_mode', 'enforce', 'what the guard does about a breaking change: enforce, warn or off')) d (name, value, description)
  LEFT JOIN accord_catalog.setting s USING (name);
COMMENT ON VIEW accord.settings IS 'settings of this database';

-- An owner sees what was done to the contracts, everybody what they did themselves.
CREATE OR REPLACE VIEW accord.audit_log WITH (security_barrier) AS
SELECT a.id, a.at, a.actor, a.action, c.contract, a.detail, a.migration_id, a.transaction, a.contract_id
  FROM accord_catalog.audit_log a
  LEFT JOIN accord.contracts c ON c.contract_id = a.contract_id
 WHERE a.actor IN (SELECT name FROM accord_catalog.my_role)
    OR c.owner IN (SELECT name FROM accord_catalog.my_role)
    OR 'accord_admin' IN (SELECT name FROM accord_catalog.my_role);
COMMENT ON VIEW accord.audit_log IS 'who did what through pg_accord: on your contracts, and by yourself; everything for accord_admin';

GRANT SELECT ON accord.contracts, accord.contract_versions, accord.consumers, accord.subscriptions, accord.tombstones, accord.settings,
    accord.audit_log TO PUBLIC;
