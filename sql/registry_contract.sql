-- Contracts: register, alter, drop.
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE EXTENSION pg_accord;
CREATE ROLE regress_registry_owner;
CREATE ROLE regress_registry_team;
CREATE ROLE regress_registry_other;
CREATE ROLE regress_registry_admin IN ROLE accord_admin;
GRANT regress_registry_team TO regress_registry_owner;
CREATE SCHEMA flights_schema AUTHORIZATION regress_registry_owner;
SET ROLE regress_registry_owner;
SET search_path = flights_schema;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer);

-- good
SELECT accord.register_contract('flights', description => 'departures');
SELECT contract, schema_name, table_name, owner, level, mode, version, description, created_by FROM accord.contracts;
SELECT version, status, published_by, fingerprint ~ '^[0-9a-f]{16}$' AS fingerprinted, shape = accord_catalog.capture_shape('flights') AS same
  FROM accord.contract_versions;  -- as nobody of the catalog
SELECT version, status, published_by, fingerprint ~ '^[0-9a-f]{16}$' AS fingerprinted, jsonb_array_length(shape -> 'columns') FROM accord.contract_versions;
SELECT actor, action, contract, detail FROM accord.audit_log ORDER BY id;

-- again
SELECT accord.register_contract('flights');
SELECT accord.register_contract('flights', if_not_exists => true);

-- NULL and unknown
SELECT accord.register_contract(NULL);
SELECT accord.register_contract('nowhere');
SELECT accord.register_contract(1::regclass);
SELECT accord.alter_contract(NULL);
SELECT accord.alter_contract('pg_class');
SELECT accord.drop_contract(NULL);
SELECT accord.forget_contract(NULL, 'x');
SELECT accord.forget_contract('flights_schema', NULL);
SELECT accord.forget_contract('flights_schema', 'flights');

-- what cannot have one
CREATE SEQUENCE counter;
CREATE TEMPORARY TABLE passing (a integer);
CREATE TABLE other (a integer);
SELECT accord.register_contract('counter');
SELECT accord.register_contract('flights_pkey');
SELECT accord.register_contract('passing');
RESET ROLE;
SELECT accord.register_contract('pg_class');
SELECT accord.register_contract('accord_catalog.contract');
SELECT accord.register_contract('accord.contracts');
SET ROLE regress_registry_owner;

-- arguments
SELECT accord.register_contract('other', version => 'one');
SELECT accord.register_contract('other', version => '1.0.0; DROP TABLE other');
SELECT accord.register_contract('other', level => 'everything');
SELECT accord.register_contract('other', owner => 'regress_registry_nobody');
SELECT accord.register_contract('other', owner => 'regress_registry_other');
SELECT accord.register_contract('other', owner => 'regress_registry_team', version => '0.3', level => 'BACKWARD_TRANSITIVE',
                                description => $$'; DROP TABLE flights; --$$);
SELECT table_name, owner, level, version, description FROM accord.contracts WHERE contract = 'other'::regclass;

-- other kinds, and names that need quoting
CREATE TABLE "Größe ""x"" 'y' $accord$" ("Spalte ""1""" integer);
CREATE TABLE parted (a integer) PARTITION BY LIST (a);
CREATE VIEW seen AS SELECT flight_id FROM flights;
SELECT accord.register_contract('"Größe ""x"" ''y'' $accord$"'), accord.register_contract('parted'), accord.register_contract('seen');
SELECT accord.register_contract('"Größe ""x"" ''y'' $accord$"');
SELECT contract, table_name, shape #>> '{columns,0,name}' AS "column", shape ->> 'kind' AS kind FROM accord.contract_versions ORDER BY table_name COLLATE "C";

-- rights
SET ROLE regress_registry_other;
SELECT accord.register_contract('flights_schema.flights');
RESET ROLE;
GRANT USAGE ON SCHEMA flights_schema TO regress_registry_other, regress_registry_admin;
SET ROLE regress_registry_other;
CREATE TEMPORARY TABLE mine (a integer);
SELECT accord.register_contract('flights_schema.flights');
SELECT accord.alter_contract('flights', level => 'none');
SELECT accord.drop_contract('flights');
SELECT accord.drop_contract('flights', true);
SELECT count(*) FROM accord_catalog.contract;
SELECT actor, action FROM accord.audit_log;
SELECT table_name, owner FROM accord.contracts ORDER BY table_name COLLATE "C";

-- change
SET ROLE regress_registry_owner;
SELECT accord.alter_contract('flights');
SELECT accord.alter_contract('flights', level => 'some');
SELECT accord.alter_contract('flights', owner => 'regress_registry_other');
SELECT accord.alter_contract('flights', owner => 'regress_registry_team', level => 'full', description => 'all departures');
SELECT owner, level, description FROM accord.contracts WHERE contract = 'flights'::regclass;
SET ROLE regress_registry_admin;
SELECT accord.alter_contract('flights', owner => 'regress_registry_owner');
SELECT owner, level, description FROM accord.contracts WHERE contract = 'flights'::regclass;

-- drop: not under consumers
SET ROLE regress_registry_owner;
SELECT accord.register_consumer('billing');
SELECT accord.subscribe('flights', 'billing');
SELECT accord.drop_contract('flights');
BEGIN;
SELECT accord.drop_contract('flights', force => true);
SELECT count(*) AS contracts, (SELECT count(*) FROM accord.contract_versions WHERE contract = 'flights'::regclass) AS versions,
       (SELECT count(*) FROM accord.subscriptions) AS subscriptions FROM accord.contracts WHERE contract = 'flights'::regclass;
SELECT action, contract, detail FROM accord.audit_log ORDER BY id DESC LIMIT 1;
ROLLBACK;
SELECT accord.unsubscribe('flights', 'billing');
SELECT accord.drop_contract('flights');
SELECT accord.drop_contract('flights');
SELECT accord.register_contract('flights', version => '3');

-- a published version stays as it is, also for the owner of the catalog
RESET ROLE;
UPDATE accord_catalog.contract_version SET shape = '{"format": 1}';
UPDATE accord_catalog.contract_version SET minor = minor + 1;
UPDATE accord_catalog.contract_version SET statement = '';
UPDATE accord_catalog.contract_version SET status = 'draft';
DELETE FROM accord_catalog.contract_version;
TRUNCATE accord_catalog.contract_version;
SET session_replication_role = replica;
DELETE FROM accord_catalog.contract_version;
RESET session_replication_role;
BEGIN;
UPDATE accord_catalog.contract_version SET status = 'deprecated', deprecated_at = now();
ROLLBACK;
SELECT table_name, version, status FROM accord.contract_versions ORDER BY table_name COLLATE "C";
