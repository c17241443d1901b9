-- A primary key with everything that references it from integer to bigint, as one migration of three tables.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, follows integer REFERENCES orders, total numeric NOT NULL);
CREATE TABLE items (order_id integer NOT NULL REFERENCES orders ON DELETE CASCADE, line integer, PRIMARY KEY (order_id, line));
CREATE TABLE payments (id serial PRIMARY KEY, order_id integer REFERENCES orders ON UPDATE CASCADE ON DELETE SET NULL (order_id) DEFERRABLE);
CREATE INDEX payments_order ON payments (order_id DESC NULLS LAST) INCLUDE (id);
INSERT INTO orders (follows, total) SELECT nullif(g - 1, 0), g FROM generate_series(1, 50) g;
INSERT INTO items SELECT g, 1 FROM generate_series(1, 50) g;
INSERT INTO payments (order_id) SELECT g FROM generate_series(1, 50) g;
SELECT accord.register_contract('orders'), accord.register_contract('items'), accord.register_contract('payments');
CREATE TABLE before_all AS SELECT t, looks(t) AS line FROM unnest('{orders,items,payments}'::regclass[]) t;
CREATE VIEW foreign_keys AS
SELECT conrelid::regclass AS on_table, conname, convalidated AS valid, pg_get_constraintdef(oid) FROM pg_constraint WHERE confrelid = 'orders'::regclass ORDER BY 1, 2;
\set ddl 'ALTER TABLE orders ALTER COLUMN id TYPE bigint, ALTER COLUMN follows TYPE bigint; ALTER TABLE items ALTER COLUMN order_id TYPE bigint; ALTER TABLE payments ALTER COLUMN id TYPE bigint, ALTER COLUMN order_id TYPE bigint'

SELECT statement FROM accord.plan('orders', :'ddl') WHERE phase IN ('activate', 'purge') ORDER BY step;
SELECT contract_relation, from_version, target_version, state, view, next_step FROM accord.stage('orders', :'ddl');
SELECT count(*) FROM accord_catalog.migration;
SELECT contract, migration, state, in_the_way FROM accord.status ORDER BY 1;
-- the same again, also by way of another table
SELECT contract_relation, state FROM accord.stage('items', :'ddl');
CALL accord.backfill('items');
SELECT contract, migration, state, next_step FROM accord.status ORDER BY 1;
SELECT contract, check_name, mismatched, verdict FROM unnest('{orders,items,payments}'::regclass[]) contract, accord.verify(contract) WHERE check_name LIKE '%->%' ORDER BY 1, 2;
SELECT * FROM foreign_keys;
INSERT INTO orders_v1.orders (total) VALUES (51) RETURNING *;
INSERT INTO orders_v2.orders (total, follows) VALUES (52, 51) RETURNING *;
INSERT INTO items (order_id, line) VALUES (52, 1);
INSERT INTO items_v2.items (order_id, line) VALUES (51, 1);
INSERT INTO items_v2.items (order_id, line) VALUES (53, 1);
DELETE FROM orders_v2.orders WHERE id = 52;
SELECT count(*) FROM items WHERE order_id = 52;
UPDATE payments_v2.payments SET order_id = 51 WHERE id = 2;
SELECT id, order_id FROM payments WHERE order_id = 51;
DELETE FROM orders WHERE id = 50;
SELECT p.id, p.order_id, n.order_id AS new FROM payments p JOIN payments_v2.payments n USING (id) WHERE p.id = 50;

-- nothing is left
BEGIN;
SELECT contract_relation, state FROM accord.rollback('payments');
SELECT * FROM foreign_keys;
SELECT t, line FROM unnest('{orders,items,payments}'::regclass[]) t, looks(t) line EXCEPT SELECT t, line FROM before_all;
SELECT t, line FROM before_all EXCEPT SELECT t, line FROM unnest('{orders,items,payments}'::regclass[]) t, looks(t) line;
SELECT count(*) FROM accord.status;
ROLLBACK;

SELECT contract_relation, state, next_step FROM accord.complete('orders');
SELECT * FROM foreign_keys;
SELECT c.last_name, accord_catalog.capture_shape(c.relation) -> 'constraints' = a.shape -> 'constraints' AS as_promised
  FROM accord_catalog.contract c JOIN accord_catalog.contract_version a ON a.contract_id = c.id AND a.major = 2 ORDER BY 1;
INSERT INTO orders (total, follows) VALUES (53, 51) RETURNING id, follows;
INSERT INTO items_v1.items (order_id, line) VALUES (53, 1) RETURNING *;
INSERT INTO payments (order_id) VALUES (53) RETURNING *;
-- undone, with what was written since
BEGIN;
SELECT contract_relation, state FROM accord.rollback('items');
SELECT * FROM foreign_keys;
SELECT t, line FROM unnest('{orders,items,payments}'::regclass[]) t, looks(t) line EXCEPT SELECT t, line FROM before_all;
SELECT t, line FROM before_all EXCEPT SELECT t, line FROM unnest('{orders,items,payments}'::regclass[]) t, looks(t) line;
SELECT o.id, o.follows, i.line, p.id FROM orders o JOIN items i ON i.order_id = o.id JOIN payments p ON p.order_id = o.id WHERE o.id >= 51 ORDER BY 1, 4;
ROLLBACK;
SELECT contract_relation, state FROM accord.purge('payments');
SELECT * FROM foreign_keys;
SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN ('orders'::regclass, 'items'::regclass, 'payments'::regclass) ORDER BY indexrelid::regclass::text COLLATE "C";
SELECT seqrelid::regclass, seqtypid::regtype FROM pg_sequence WHERE seqrelid::regclass::text ~ '^(orders|payments)' ORDER BY 1;
ALTER TABLE orders ALTER COLUMN id RESTART WITH 3000000000;
INSERT INTO orders (total) VALUES (55) RETURNING id;
INSERT INTO items (order_id, line) VALUES (3000000000, 1) RETURNING *;
INSERT INTO payments (order_id) VALUES (3000000000) RETURNING order_id;
SELECT t, line FROM unnest('{orders,items,payments}'::regclass[]) t, looks(t) line WHERE line LIKE '%accord%';
