-- Written by one who did not write the check: inherited tables, partitions of partitions, another schema, and what only touches a catalog.

-- A: rewrites
-- PT04 RW04 RW17
ALTER TABLE animals ADD COLUMN pairs integer GENERATED ALWAYS AS (legs / 2) STORED;
-- PT04 RW02 RW17
ALTER TABLE animals ADD COLUMN n serial;
-- PT04 RW05 RW17
ALTER TABLE readings ADD COLUMN size positive;
-- PT04 RW09 RW17
ALTER TABLE readings ALTER COLUMN value TYPE integer USING value + 1;
-- RW06
ALTER TABLE orders ALTER COLUMN placed TYPE timestamptz;
-- RW09
ALTER TABLE orders ALTER COLUMN placed TYPE date USING placed + 1;
-- RW06
ALTER TABLE shop.items ALTER COLUMN price TYPE numeric;
-- RW07
ALTER TABLE shop.items ALTER COLUMN sku TYPE varchar(10);
-- -
ALTER TABLE shop.items ALTER COLUMN sku TYPE text;
-- RW06
ALTER TABLE typed ALTER COLUMN feelings TYPE text[] USING feelings::text[];
-- RW12
ALTER TABLE shop.stock SET UNLOGGED;
-- -
ALTER TABLE shop.items SET UNLOGGED;
-- RW14
CLUSTER numbered;
-- RW14
CLUSTER customers USING customers_city_idx;
-- RW03
ALTER TABLE rooms ADD COLUMN n integer GENERATED ALWAYS AS IDENTITY;
-- -
ALTER TABLE rooms ADD COLUMN free boolean DEFAULT true NOT NULL, ALTER COLUMN room SET DEFAULT 0;

-- B: scans
-- PT04 SC01
ALTER TABLE dogs ALTER COLUMN breed SET NOT NULL;
-- PT04 SC02
ALTER TABLE dogs ADD CONSTRAINT few_legs CHECK (legs < 10);
-- PT04
ALTER TABLE dogs ADD CONSTRAINT few_legs CHECK (legs < 10) NOT VALID;
-- PT04 SC03
ALTER TABLE readings ADD COLUMN age integer CHECK (age > 0);
-- SC02
ALTER TABLE events_us_0 ADD CHECK (id > 0);
-- SC01
ALTER TABLE events_eu ALTER COLUMN payload SET NOT NULL;
-- SC05
ALTER TABLE shop.stock ADD FOREIGN KEY (amount) REFERENCES employees;
-- SC05
ALTER TABLE readings_2029 ADD FOREIGN KEY (sensor) REFERENCES customers;
-- SC10
ALTER TABLE events ATTACH PARTITION events_asia DEFAULT;
-- -
ALTER DOMAIN rated DROP CONSTRAINT rated_unchecked;
-- -
ALTER TABLE typed ALTER COLUMN kind TYPE text, ADD CHECK (kind <> '') NOT VALID, DROP CONSTRAINT felt;

-- C: indexes
-- IX01
CREATE INDEX ON events_us (payload);
-- IX01
CREATE INDEX ON dogs (breed);
-- IX01
CREATE INDEX ON shop.stock USING hash (item);
-- IX02
DROP INDEX customers_lower_idx, orders_customer_idx;
-- IX03 PT04
ALTER TABLE dogs ADD PRIMARY KEY (id);
-- IX03
ALTER TABLE customers ADD CONSTRAINT one_each UNIQUE NULLS NOT DISTINCT (u);
-- IX03
ALTER TABLE shop.items ADD UNIQUE (id, sku) DEFERRABLE;
-- IX05
ALTER TABLE shop.items ADD EXCLUDE USING btree (id WITH =) WHERE (price > 0);
-- IX06
REINDEX TABLE order_lines;
-- -
REINDEX INDEX readings_at_idx;
-- -
ALTER INDEX readings_at_idx RENAME TO readings_by_date;

-- D: what the statement does not name
-- HL01
ALTER TABLE shop.stock DROP CONSTRAINT stock_item_fkey;
-- DX02 HL01
ALTER TABLE shop.stock DROP COLUMN item;
-- DX02 HL01
ALTER TABLE order_lines DROP COLUMN customer;
-- HL03
CREATE TABLE tickets (id integer PRIMARY KEY, boss integer REFERENCES employees ON DELETE CASCADE);
-- HL03 HL04
CREATE TABLE baskets (a bigint, b integer, FOREIGN KEY (a) REFERENCES orders, FOREIGN KEY (b) REFERENCES shop.items);
-- PT02
CREATE TABLE events_elsewhere PARTITION OF events DEFAULT;
-- -
CREATE TABLE events_us_2 PARTITION OF events_us FOR VALUES WITH (MODULUS 2, REMAINDER 1);
-- PT01
ALTER TABLE events_us DETACH PARTITION events_us_0;
-- DX01 PT03
DROP TABLE readings_2025;
-- DX06
TRUNCATE readings;
-- DX06
TRUNCATE readings_2024, typed RESTART IDENTITY;
-- DX06 HL06
TRUNCATE events CASCADE;
-- -
DROP SCHEMA shop;
-- HL07
DROP DOMAIN required CASCADE;
-- -
DROP TYPE lonely;
-- -
DROP MATERIALIZED VIEW city_counts;
-- BC14
DROP FUNCTION is_mood(mood) CASCADE;
-- -
DROP FUNCTION volatile_sql();
-- BC02 PT04
ALTER TABLE animals RENAME COLUMN legs TO feet;
-- DX02 PT04
ALTER TABLE animals DROP COLUMN name;
-- -
CREATE TABLE kittens () INHERITS (cats);
-- -
ALTER TABLE pair OWNER TO CURRENT_USER;

-- F and J: names, rights, replication
-- BC01
ALTER MATERIALIZED VIEW city_counts RENAME TO counts_of_cities;
-- BC04
ALTER VIEW customer_cities SET SCHEMA shop;
-- BC04
ALTER TABLE readings SET SCHEMA shop;
-- BC05
ALTER TYPE lonely RENAME VALUE 'one' TO 'two';
-- -
ALTER TYPE lonely RENAME TO alone;
-- BC04
ALTER TYPE lonely SET SCHEMA shop;
-- -
ALTER PUBLICATION pub ADD TABLE orders;
-- -
ALTER PUBLICATION pub DROP TABLE ready;
-- -
CREATE PUBLICATION of_events FOR TABLE events;
-- -
ALTER TABLE employees REPLICA IDENTITY NOTHING;
-- -
ALTER TABLE customers DISABLE TRIGGER ALL;
-- -
ALTER TABLE scratch DISABLE RULE orders_nothing;
-- -
DROP RULE orders_nothing ON scratch;
-- -
ALTER TABLE guarded DISABLE ROW LEVEL SECURITY;
-- -
ALTER POLICY own_rows ON guarded RENAME TO rows_of_mine;
-- -
REVOKE ALL ON customers FROM PUBLIC;
-- -
GRANT SELECT (id) ON orders TO PUBLIC;
-- -
COMMENT ON CONSTRAINT d_positive ON checked IS 'more than none';
-- -
COMMENT ON INDEX customers_name_idx IS 'by name';
-- -
ALTER TABLE events_eu ALTER COLUMN payload SET DEFAULT 'x';
-- -
CREATE TABLE pairs OF pair;
-- -
ALTER TABLE numbered ALTER COLUMN id SET DEFAULT 5;
-- -
ALTER TRIGGER customers_noop ON customers RENAME TO nothing;

-- H: what the rows say
-- MF01
CREATE UNIQUE INDEX ON readings_2024 (unit);
-- MF04
ALTER TABLE dogs ADD CHECK (legs > 10);
-- MF04
ALTER TABLE shop.stock ADD CONSTRAINT many CHECK (amount > 100);
-- MF03
ALTER TABLE dogs ALTER COLUMN breed TYPE integer USING breed::integer;
