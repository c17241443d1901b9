-- A primary key of type integer becomes bigint, with foreign keys from several tables and from its own: first the columns that reference it,
-- then the key.  Each table at its own pace, and each step with a way back.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, follows integer REFERENCES orders, total numeric NOT NULL);
CREATE TABLE items (order_id integer NOT NULL REFERENCES orders ON DELETE CASCADE, line integer, PRIMARY KEY (order_id, line));
CREATE TABLE payments (id serial PRIMARY KEY, order_id integer REFERENCES orders ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE);
CREATE INDEX payments_order ON payments (order_id);
INSERT INTO orders (follows, total) SELECT nullif(g - 1, 0), g FROM generate_series(1, 50) g;
INSERT INTO items SELECT g, 1 FROM generate_series(1, 50) g;
INSERT INTO payments (order_id) SELECT g FROM generate_series(1, 50) g;
SELECT accord.register_contract('orders'), accord.register_contract('items'), accord.register_contract('payments');
CREATE TABLE before_all AS SELECT t, looks(t) AS line FROM unnest('{orders,items,payments}'::regclass[]) t;

-- one after the other: a foreign key cannot have two new ends at once
SELECT state FROM accord.stage('items', 'ALTER TABLE items ALTER COLUMN order_id TYPE bigint');
SELECT state FROM accord.stage('orders', 'ALTER TABLE orders ALTER COLUMN id TYPE bigint, ALTER COLUMN follows TYPE bigint');
SELECT state FROM accord.stage('payments', 'ALTER TABLE payments ALTER COLUMN order_id TYPE bigint');
CALL accord.backfill('items');
CALL accord.backfill('payments');
SELECT state FROM accord.complete('items');
SELECT state FROM accord.complete('payments');
SELECT state FROM accord.purge('items');
SELECT state FROM accord.purge('payments');
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE confrelid = 'orders'::regclass ORDER BY 1, 2;

SELECT state FROM accord.stage('orders', 'ALTER TABLE orders ALTER COLUMN id TYPE bigint, ALTER COLUMN follows TYPE bigint');
SELECT state FROM accord.stage('items', 'ALTER TABLE items ALTER COLUMN order_id TYPE numeric', down => 'order_id = order_id');
CALL accord.backfill('orders');
SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE confrelid = 'orders'::regclass ORDER BY 1, 2;
INSERT INTO orders_v1.orders (total) VALUES (51) RETURNING *;
INSERT INTO orders_v2.orders (total, follows) VALUES (52, 51) RETURNING *;
INSERT INTO items (order_id, line) VALUES (52, 1), (51, 1);
INSERT INTO items (order_id, line) VALUES (53, 1);
DELETE FROM orders_v2.orders WHERE id = 52;
SELECT count(*) FROM items WHERE order_id = 52;
DELETE FROM orders WHERE id = 1;
BEGIN;
SELECT state FROM accord.rollback('orders');
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE confrelid = 'orders'::regclass ORDER BY 1, 2;
ROLLBACK;

SELECT state FROM accord.complete('orders');
SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE confrelid = 'orders'::regclass ORDER BY 1, 2;
SELECT accord_catalog.capture_shape('orders') -> 'constraints' AS now, (SELECT v.shape -> 'constraints' FROM accord_catalog.contract_version v JOIN accord_catalog.contract c ON c.id = v.contract_id WHERE c.last_name = 'orders' AND major = 2) AS promised \gset
SELECT :'now'::jsonb = :'promised'::jsonb AS as_promised;
INSERT INTO orders (total, follows) VALUES (53, 51) RETURNING id, follows;
INSERT INTO orders_v1.orders (total, follows) VALUES (54, 51) RETURNING id, follows;
INSERT INTO items (order_id, line) VALUES (53, 1), (54, 1);
BEGIN;
SELECT state FROM accord.rollback('orders');
SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE confrelid = 'orders'::regclass ORDER BY 1, 2;
SELECT line FROM looks('orders') line WHERE line !~ '^(schema|view)' EXCEPT SELECT line FROM before_all WHERE t = 'orders'::regclass;
ROLLBACK;
SELECT state FROM accord.purge('orders');
SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE confrelid = 'orders'::regclass ORDER BY 1, 2;
ALTER TABLE orders ALTER COLUMN id RESTART WITH 3000000000;
INSERT INTO orders (total) VALUES (55) RETURNING id;
INSERT INTO items (order_id, line) VALUES (3000000000, 1) RETURNING *;
INSERT INTO payments (order_id) VALUES (3000000000) RETURNING order_id;
SELECT c.last_name, a.shape -> 'columns' -> 0 ->> 'name' AS first_column, accord_catalog.capture_shape(c.relation) -> 'constraints' = a.shape -> 'constraints' AS as_promised
  FROM accord_catalog.contract c JOIN accord_catalog.contract_version a ON a.contract_id = c.id AND a.major = 2 ORDER BY 1;
