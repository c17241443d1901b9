-- Several tables in one migration: whose columns up and down speak of, what is refused, consumers, and the order of several such migrations.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set tables 'ARRAY[''orders'', ''shop.orders'', ''"Lines ü"'']::regclass[]'
\set ECHO none
\i :fixture
\set ECHO all
CREATE SCHEMA shop;
CREATE TABLE orders (id integer PRIMARY KEY, total numeric NOT NULL, note text);
CREATE TABLE shop.orders (id integer PRIMARY KEY, price integer NOT NULL);
CREATE TABLE "Lines ü" (id integer PRIMARY KEY, price integer NOT NULL);
CREATE TABLE stranger (id integer);
INSERT INTO orders VALUES (1, 1.5, 'a'), (2, 2.5, NULL);
INSERT INTO shop.orders VALUES (1, 10);
INSERT INTO "Lines ü" VALUES (1, 100);
CREATE ROLE regress_till LOGIN;
GRANT USAGE ON SCHEMA shop TO regress_till;
GRANT SELECT, INSERT, UPDATE ON orders, shop.orders, "Lines ü" TO regress_till;
SELECT accord.register_contract(t) FROM unnest(:tables) t;
CREATE TABLE before_all AS SELECT t, looks(t) AS line FROM unnest(:tables) t;
\set ddl 'ALTER TABLE orders ALTER total TYPE text; /* ü */ ALTER TABLE "Lines ü" ALTER price TYPE text; ALTER TABLE shop.orders RENAME TO purchases; ALTER TABLE shop.purchases ALTER price TYPE text'

-- refused: a table without a contract, columns of a table that the migration does not change, of no table, wrong ones
SELECT accord.stage('orders', 'ALTER TABLE orders RENAME note TO remark; ALTER TABLE stranger ADD x integer');
SELECT accord.stage('orders', :'ddl', down => 'total = total::numeric, "Lines ü".price = price::integer, stranger.id = 1');
SELECT accord.stage('orders', :'ddl', down => 'total = total::numeric, "Lines ü".price = price::integr, purchases.price = price::integer');
SELECT accord.stage('orders', :'ddl', down => 'total = total::numeric, "Lines ü".price = price::integer, purchases.pric = price::integer');
SELECT accord.stage('orders', :'ddl', down => 'total = total::numeric, total.x[1] = 1');
SELECT accord.stage('orders', :'ddl', down => 'total = total::numeric, orders.total = 1');
SELECT accord.stage('orders', :'ddl', down => 'total = total::numeric');
SELECT accord.stage('orders', :'ddl' || '; ALTER TABLE "Lines ü" ALTER pric TYPE text', down => 'total = total::numeric');
SELECT accord.stage('orders', 'ALTER TABLE shop.orders RENAME price TO cost');
SELECT accord.stage('orders', 'DROP TABLE orders, stranger');
-- refused late, by the server: nothing is left of the first table either
CREATE SCHEMA lines; CREATE FUNCTION lines.late() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE '%Lines%') THEN RAISE EXCEPTION 'not today'; END IF; END $$;
CREATE EVENT TRIGGER zz_late ON ddl_command_end WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION lines.late();
SELECT accord.stage('orders', :'ddl', down => 'total = total::numeric, "Lines ü".price = price::integer, purchases.price = price::integer');
DROP EVENT TRIGGER zz_late;
SELECT count(*) FROM accord_catalog.migration;
SELECT t, line FROM unnest(:tables) t, looks(t) line EXCEPT SELECT t, line FROM before_all;

-- qualified by any name that the table has on the way; without one it is the contract of the call
SELECT contract_relation, state, view, next_step FROM accord.stage('orders', :'ddl', down => '
  "Lines ü".price = price::integer /* , */, total = total::numeric,
  shop.orders.price = purchases.price::integer');
SELECT c.last_schema, c.last_name, t.up, t.down FROM accord_catalog.migration_transform t JOIN accord_catalog.contract c ON c.id = t.contract_id ORDER BY 1, 2;
-- the next one of two tables, before the first is ready: the other table waits for its own
SELECT contract_relation, state FROM accord.stage('orders', 'ALTER TABLE orders RENAME note TO remark; ALTER TABLE purchases RENAME price TO cost') ;
CALL accord.backfill('orders', to_version => '2');
SELECT accord.complete('orders', '3');
SELECT contract, migration, from_version, to_version, state FROM accord.status ORDER BY migration, contract;

-- consumers: those of all tables move together, there and back
SELECT accord.register_consumer('till', role => 'regress_till');
SELECT accord.subscribe(t, 'till', version => '1') FROM unnest(:tables) t;
CREATE VIEW seen AS SELECT c.last_name, s.major FROM accord_catalog.subscription s JOIN accord_catalog.contract c ON c.id = s.contract_id ORDER BY 1, 2;
SELECT accord.switch_version('orders', 'till', '2') IS NOT NULL AS moved;
SELECT * FROM seen;
SELECT accord.switch_version('"Lines ü"', 'till', '1', live => true);
SELECT accord.switch_version('"Lines ü"', 'till', '1') IS NOT NULL AS moved;
SELECT * FROM seen;
SELECT accord.switch_version('orders', 'till', '3') IS NOT NULL AS moved;
SELECT * FROM seen;
SELECT accord.switch_version('orders', 'till', '1') IS NOT NULL AS moved;
SELECT * FROM seen;

-- complete refuses for all while one of them is in use; and in the order of each table
SELECT accord.complete('"Lines ü"');
SELECT accord.complete('orders', '3');
SELECT accord.switch_version('orders', 'till', '3') IS NOT NULL AS moved;
SELECT * FROM seen;
SELECT accord.complete('shop.orders', '3');
SELECT contract_relation, state FROM accord.complete('"Lines ü"');
SELECT contract_relation, state FROM accord.complete('shop.purchases', '3');
SELECT to_regclass('shop.orders'), to_regclass('shop.purchases');
SELECT * FROM purchases_v3.purchases;
INSERT INTO orders_v1.orders VALUES (3, 3.5, 'x');
SELECT total, remark FROM orders WHERE id = 3;
SELECT accord.rollback('"Lines ü"');
SELECT accord.purge('orders', '3');
SELECT accord.switch_version('orders', 'till', '2') IS NOT NULL AS moved;
SELECT * FROM seen;
SELECT contract_relation, state FROM accord.rollback('orders', '3');
SELECT accord.switch_version('orders', 'till', '1') IS NOT NULL AS moved;
SELECT accord.drop_unused_generations('till') >= 0 AS dropped;
SELECT contract_relation, state FROM accord.rollback('shop.purchases');
SELECT t, line FROM unnest(:tables) t, looks(t) line EXCEPT SELECT t, line FROM before_all;
SELECT t, line FROM before_all EXCEPT SELECT t, line FROM unnest(:tables) t, looks(t) line;
SELECT * FROM orders ORDER BY id;
