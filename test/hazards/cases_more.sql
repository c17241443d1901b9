-- Written after the check, to break it: several commands at once, odd names, long chains, objects found by way of others.

-- RW06 SC01
ALTER TABLE customers ALTER COLUMN num TYPE bigint, ALTER COLUMN city SET NOT NULL;
-- DX02 RW06
ALTER TABLE customers ALTER COLUMN small TYPE integer, DROP COLUMN code;
-- -
ALTER TABLE customers ADD COLUMN a integer, ADD COLUMN b text DEFAULT 'x', ALTER COLUMN vip DROP DEFAULT;
-- RW01
ALTER TABLE customers ADD COLUMN a integer DEFAULT 1, ADD COLUMN b uuid DEFAULT gen_random_uuid();
-- IX03 SC02
ALTER TABLE customers ADD CONSTRAINT codes UNIQUE (code), ADD CONSTRAINT nums CHECK (num > 0);
-- RW06 RW07
ALTER TABLE customers ALTER COLUMN num TYPE bigint, ALTER COLUMN amount TYPE numeric(12,3);
-- -
ALTER TABLE customers ALTER COLUMN bits TYPE varbit(20), ALTER COLUMN net TYPE inet;
-- IX04 RW02
ALTER TABLE rooms ADD COLUMN id serial PRIMARY KEY;
-- RW04
ALTER TABLE identified ADD COLUMN thrice integer GENERATED ALWAYS AS (x * 3) STORED;
-- RW06
ALTER TABLE orders ALTER COLUMN customer TYPE integer;
-- RW06
ALTER TABLE order_lines ALTER COLUMN sku TYPE bytea USING sku::bytea;
-- RW06
ALTER TABLE employees ALTER COLUMN id TYPE bigint;
-- BC18
ALTER TABLE orders ALTER COLUMN id TYPE numeric;
-- RW10
ALTER TABLE typed ALTER COLUMN kind TYPE required;
-- RW06
ALTER TABLE typed ALTER COLUMN feelings TYPE text[] USING feelings::text[];
-- RW06
ALTER TABLE typed ALTER COLUMN kind TYPE varchar(10);
-- -
ALTER TABLE shop.stock VALIDATE CONSTRAINT stock_item_fkey;
-- HL01
ALTER TABLE shop.stock DROP CONSTRAINT stock_item_fkey;
-- SC05
ALTER TABLE shop.stock ADD FOREIGN KEY (item) REFERENCES employees (id);
-- HL05
DROP VIEW order_report, customer_names CASCADE;
-- -
DROP VIEW order_report;
-- HL07
DROP DOMAIN short_text CASCADE;
-- HL07
DROP TYPE pair CASCADE;
-- -
DROP TYPE lonely;
-- -
DROP DOMAIN unused;
-- BC14
DROP FUNCTION is_mood(mood) CASCADE;
-- -
DROP FUNCTION stable_plpgsql();
-- -
ALTER TYPE mood ADD VALUE 'great' AFTER 'happy';
-- -
ALTER TYPE mood RENAME TO humour;
-- -
ALTER TYPE pair ADD ATTRIBUTE c integer;
-- BC04
ALTER TYPE mood SET SCHEMA shop;
-- BC04
ALTER VIEW customer_names SET SCHEMA shop;
-- BC04
ALTER SEQUENCE loose_sequence SET SCHEMA shop;
-- -
ALTER DOMAIN positive DROP CONSTRAINT positive_check;
-- -
ALTER DOMAIN positive RENAME CONSTRAINT positive_check TO more_than_nothing;
-- IX06
REINDEX TABLE shop.items;
-- IX06
REINDEX INDEX readings_2024_at_idx;
-- RW14
CLUSTER shop.items USING items_pkey;
-- DX06
TRUNCATE typed, typed_too RESTART IDENTITY;
-- DX06
TRUNCATE ONLY dogs;
-- -
TRUNCATE orders;
-- DX06
TRUNCATE order_lines;
-- DX06
TRUNCATE readings_2024;
-- -
LOCK TABLE readings IN EXCLUSIVE MODE;
-- -
LOCK TABLE ONLY animals, customer_names IN ROW SHARE MODE;
-- -
COMMENT ON COLUMN shop.items.sku IS 'which';
-- -
COMMENT ON CONSTRAINT a_known ON checked IS 'why';
-- -
COMMENT ON INDEX customers_name_idx IS 'by name';
-- PT01
ALTER TABLE events_us DETACH PARTITION events_us_0;
-- PT04 RW06 RW17
ALTER TABLE dogs ALTER COLUMN breed TYPE bytea USING breed::bytea;
-- PT04
ALTER TABLE dogs ADD COLUMN fleas integer;
-- -
ALTER TABLE puppies ADD COLUMN fleas integer;
-- BC02 PT04
ALTER TABLE animals RENAME COLUMN legs TO feet;
-- IX01
CREATE INDEX ON events_us (payload);
-- IX01
CREATE INDEX ON dogs (breed);
-- IX01
CREATE UNIQUE INDEX ON shop.items (id, sku);
-- IX01
CREATE INDEX ON city_counts (city, n);
-- IX02
DROP INDEX city_counts_key;
-- IX02
DROP INDEX ready_k_key;
-- IX07
ALTER TABLE customers ALTER COLUMN city TYPE text COLLATE "C";
-- -
ALTER INDEX customers_lower_idx ALTER COLUMN 1 SET STATISTICS 100;
-- -
ALTER TABLE customers ALTER COLUMN "Odd Name" SET DEFAULT 'y';
-- DX02
ALTER TABLE customers DROP COLUMN "Odd Name";
-- BC02
ALTER TABLE customers RENAME COLUMN "Odd Name" TO odd;
-- -
ALTER TABLE guarded NO FORCE ROW LEVEL SECURITY;
-- -
CREATE POLICY q ON public.guarded AS RESTRICTIVE FOR UPDATE TO PUBLIC USING (x > 0) WITH CHECK (x < 9);
-- -
ALTER POLICY own_rows ON guarded RENAME TO my_rows;
-- -
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION noop();
-- -
ALTER TRIGGER customers_noop ON customers RENAME TO nothing;
-- -
DROP RULE orders_nothing ON scratch;
-- -
CREATE STATISTICS shop.more (ndistinct) ON sku, price FROM shop.items;
-- HL03
CREATE TABLE shop.prices (item integer REFERENCES shop.items (id), at date, PRIMARY KEY (item, at)) PARTITION BY RANGE (at);
-- -
CREATE TABLE kittens (weeks integer) INHERITS (cats);
-- PT02 SC11
CREATE TABLE readings_2032 PARTITION OF readings FOR VALUES FROM ('2032-01-01') TO ('2033-01-01') PARTITION BY RANGE (at);
-- PT02
CREATE TABLE events_rest PARTITION OF events DEFAULT;
-- -
CREATE TABLE shop.copied (LIKE shop.items INCLUDING ALL);
-- -
CREATE MATERIALIZED VIEW fresh AS SELECT count(*) FROM customers;
-- -
CREATE OR REPLACE VIEW shop.report AS SELECT i.sku, s.amount FROM shop.items i JOIN shop.stock s ON s.item = i.id;
-- -
CREATE SCHEMA fresh_schema CREATE TABLE inside (a integer) CREATE VIEW seen AS SELECT a FROM inside;
-- DX01
DROP TABLE identified, numbered;
-- DX01 HL02 HL05
DROP TABLE orders, order_lines CASCADE;
-- -
DROP TABLE IF EXISTS nowhere, nothing;
-- -
ALTER SEQUENCE typed_id_seq INCREMENT 2;
-- -
ALTER SEQUENCE identified_id_seq RESTART WITH 100;
-- -
GRANT SELECT (id, name) ON customers TO PUBLIC;
-- -
REVOKE ALL ON shop.items FROM PUBLIC;
-- -
GRANT USAGE ON SEQUENCE loose_sequence TO PUBLIC;
-- -
ALTER TABLE readings SET (autovacuum_enabled = false);
-- -
ALTER TABLE readings_2024 SET (fillfactor = 50);
-- -
ALTER MATERIALIZED VIEW city_counts ALTER COLUMN n SET STATISTICS 10;
-- BC02
ALTER MATERIALIZED VIEW city_counts RENAME COLUMN n TO many;
-- -
ALTER TABLE orders ALTER COLUMN id SET DEFAULT 5, ALTER COLUMN placed SET DEFAULT '2020-01-01';
-- -
ALTER TABLE orders DISABLE TRIGGER ALL;
-- -
ALTER TABLE orders DISABLE TRIGGER USER;
-- -
ALTER TABLE checked DROP CONSTRAINT IF EXISTS nothing;
-- -
ALTER TABLE checked RENAME CONSTRAINT a_known TO a_is_known;
-- -
SET search_path = shop, public; ALTER TABLE items ALTER COLUMN price SET DEFAULT 2;
-- RW06
SET search_path = shop; ALTER TABLE items ALTER COLUMN price TYPE bigint;
