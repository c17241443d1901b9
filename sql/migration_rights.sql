-- Who may do what: rights on the versions are those of the table; nobody gains anything.
CREATE EXTENSION pg_accord;
CREATE ROLE regress_migration_owner;
CREATE ROLE regress_migration_admin;
CREATE ROLE regress_migration_writer;
CREATE ROLE regress_migration_reader;
CREATE ROLE regress_migration_column;
CREATE ROLE regress_migration_nobody;
GRANT accord_admin TO regress_migration_admin;
CREATE SCHEMA shop AUTHORIZATION regress_migration_owner;
GRANT USAGE ON SCHEMA shop TO regress_migration_writer, regress_migration_reader, regress_migration_column,
    regress_migration_admin, regress_migration_nobody;
SET ROLE regress_migration_owner;
CREATE TABLE shop.item (id integer PRIMARY KEY, tenant name NOT NULL DEFAULT current_user, price integer);
GRANT SELECT, INSERT, UPDATE ON shop.item TO regress_migration_writer;
GRANT SELECT ON shop.item TO regress_migration_reader;
GRANT SELECT (id) ON shop.item TO regress_migration_column;
ALTER TABLE shop.item ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.item USING (tenant = current_user);
CREATE POLICY all_rows ON shop.item FOR SELECT TO regress_migration_reader USING (true);
INSERT INTO shop.item VALUES (1, 'regress_migration_writer', 5), (2, 'somebody', 7);
SELECT accord.register_contract('shop.item');
\set stage 'SELECT state FROM accord.stage(''shop.item'', ''ALTER TABLE shop.item ALTER COLUMN price TYPE bigint'');'

RESET ROLE;
SET ROLE regress_migration_nobody;
:stage
SELECT * FROM accord.plan('shop.item', 'ALTER TABLE shop.item ALTER COLUMN price TYPE bigint');
RESET ROLE;
SET ROLE regress_migration_writer;
:stage
SELECT accord.complete('shop.item');
SELECT accord.rollback('shop.item');
SELECT accord.purge('shop.item');
SELECT accord_catalog.activate(1);
RESET ROLE;
-- an administrator of contracts does not become the owner of tables: up and down run with the owner's rights
SET ROLE regress_migration_admin;
:stage
RESET ROLE;
SET ROLE regress_migration_owner;
:stage
SELECT version, published_by FROM accord.contract_versions WHERE table_name = 'item' ORDER BY version;
RESET ROLE;
SET ROLE regress_migration_writer;
SELECT * FROM item_v1.item;
SELECT * FROM item_v2.item;
UPDATE item_v1.item SET price = price + 1 RETURNING *;
RESET ROLE;
SET ROLE regress_migration_owner;
SET client_min_messages = warning;
CALL accord.backfill('shop.item');
RESET client_min_messages;
RESET ROLE;
SET ROLE regress_migration_writer;
SELECT * FROM item_v2.item;
INSERT INTO item_v2.item (id, price) VALUES (3, 5000) RETURNING *;
INSERT INTO item_v2.item (id, price) VALUES (1, 6) ON CONFLICT (id) DO UPDATE SET price = excluded.price + 1 RETURNING *;
INSERT INTO item_v2.item (id, tenant, price) VALUES (4, 'somebody', 1);
DELETE FROM item_v2.item;
RESET ROLE;
SET ROLE regress_migration_reader;
SELECT * FROM item_v2.item ORDER BY id;
UPDATE item_v2.item SET price = 0;
RESET ROLE;
SET ROLE regress_migration_column;
SELECT id FROM item_v2.item;
SELECT count(id) FROM shop.item;
RESET ROLE;
SET ROLE regress_migration_nobody;
SELECT * FROM item_v2.item;
RESET ROLE;
-- what is granted on the table reaches the views of the versions that are open
SET ROLE regress_migration_nobody;
SELECT accord.use_version('shop.item', '2');
RESET ROLE;
SET ROLE regress_migration_owner;
GRANT SELECT ON shop.item TO regress_migration_nobody;
GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA shop TO regress_migration_nobody;
GRANT SELECT ON shop.item TO regress_migration_nobody WITH GRANT OPTION;
RESET ROLE;
SELECT table_schema, string_agg(privilege_type || CASE is_grantable WHEN 'YES' THEN '*' ELSE '' END, ', ' ORDER BY privilege_type)
  FROM information_schema.role_table_grants WHERE grantee = 'regress_migration_nobody' GROUP BY table_schema ORDER BY 1;
SET ROLE regress_migration_nobody;
SELECT accord.use_version('shop.item', '2');
SELECT count(*) FROM item;
RESET ROLE;
RESET search_path;
SET accord.guard = off;
REVOKE ALL ON shop.item FROM regress_migration_nobody;
RESET accord.guard;
SET ROLE regress_migration_nobody;
SELECT count(*) FROM item_v2.item;
RESET ROLE;
-- privileges on a column that is replaced go along with it
GRANT SELECT (price) ON shop.item TO regress_migration_column;
SET ROLE regress_migration_owner;
SELECT state FROM accord.rollback('shop.item');
:stage
RESET ROLE;
SELECT count(*) FROM pg_attribute WHERE attrelid = 'shop.item'::regclass AND attname ~ '^_accord_.*_price$' AND has_column_privilege('regress_migration_column', attrelid, attnum, 'SELECT');
SET accord.guard = off;  -- taking a right away breaks the contract
REVOKE SELECT (price) ON shop.item FROM regress_migration_column;
RESET accord.guard;
SELECT count(*) FROM pg_attribute WHERE attrelid = 'shop.item'::regclass AND attname ~ '^_accord_.*_price$' AND has_column_privilege('regress_migration_column', attrelid, attnum, 'SELECT');
-- a consumer in the way is named to those who may know it
SET ROLE regress_migration_owner;
:stage
SET client_min_messages = warning;
CALL accord.backfill('shop.item');
RESET client_min_messages;
RESET ROLE;
SELECT accord.register_consumer('billing');
SELECT accord.subscribe('shop.item', 'billing', '1');
SET ROLE regress_migration_owner;
SELECT accord.complete('shop.item');
SELECT state, next_step, in_the_way FROM accord.status;
SELECT state FROM accord.complete('shop.item', force => true);
RESET ROLE;
SET ROLE regress_migration_writer;
INSERT INTO shop.item (id, price) VALUES (5, 50);
SELECT id, price FROM shop.item ORDER BY id;
SELECT id, price FROM item_v1.item ORDER BY id;
RESET ROLE;
SELECT action, actor, detail FROM accord_catalog.audit_log WHERE action IN ('stage', 'activate', 'complete', 'rollback') ORDER BY id;
-- arguments
SELECT accord.stage(NULL, 'ALTER TABLE shop.item RENAME COLUMN price TO p');
SELECT accord.stage('shop.item', NULL);
SELECT accord.stage('pg_class', 'ALTER TABLE pg_class RENAME COLUMN relname TO p');
SELECT accord.stage('shop.item', 'ALTER TABLE shop.item RENAME COLUMN price TO p', to_version => '1.5');
SELECT accord.stage('shop.item', 'ALTER TABLE shop.item RENAME COLUMN price TO p', to_version => 'two');
SELECT accord.stage('shop.item', 'ALTER TABLE shop.item RENAME COLUMN price TO p', insert_null => 'maybe');
SELECT accord.complete('shop.item', '9');
SELECT accord.rollback('shop.item', 'x');
SELECT accord_catalog.activate(NULL);
SELECT accord_catalog.activate(99);

-- an owner who may create nothing in the schema of its table
CREATE ROLE regress_confined;
CREATE SCHEMA given;
GRANT USAGE ON SCHEMA given TO regress_confined;
CREATE TABLE given.t (id integer PRIMARY KEY, a integer, b text, UNIQUE (a, b), CHECK (a > 0));
CREATE INDEX ON given.t (a, lower(b));
CREATE STATISTICS given.together ON a, b FROM given.t;
INSERT INTO given.t SELECT i, i, i FROM generate_series(1, 10) i;
ALTER STATISTICS given.together OWNER TO regress_confined;
ALTER TABLE given.t OWNER TO regress_confined;
SET client_min_messages = warning;
SET ROLE regress_confined;
SELECT accord.register_contract('given.t');
SELECT state FROM accord.stage('given.t', 'ALTER TABLE given.t ALTER a TYPE bigint, ALTER id TYPE bigint');
CALL accord.backfill('given.t');
SELECT state FROM accord.complete('given.t');
SELECT state FROM accord.rollback('given.t');
SELECT accord.stage('given.t', 'ALTER TABLE given.t ALTER a TYPE bigint; CREATE INDEX more ON given.t (a, id)');
SELECT state FROM accord.stage('given.t', 'ALTER TABLE given.t ALTER a TYPE bigint, ALTER id TYPE bigint');
CALL accord.backfill('given.t');
SELECT state FROM accord.complete('given.t');
SELECT state FROM accord.purge('given.t');
RESET ROLE;
SELECT indexrelid::regclass, pg_get_userbyid(relowner) FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE indrelid = 'given.t'::regclass ORDER BY indexrelid::regclass::text COLLATE "C";
SELECT pg_get_statisticsobjdef(oid), pg_get_userbyid(stxowner) FROM pg_statistic_ext WHERE stxrelid = 'given.t'::regclass;
RESET client_min_messages;
