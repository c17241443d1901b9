-- F: names and what old code meets
-- BC01
ALTER TABLE customers RENAME TO clients;
-- BC01
ALTER TABLE readings RENAME TO measurements;
-- BC02
ALTER TABLE customers RENAME COLUMN city TO town;
-- BC02
ALTER VIEW customer_names RENAME COLUMN city TO town;
-- BC03
ALTER SCHEMA shop RENAME TO store;
-- BC04
ALTER TABLE orders SET SCHEMA shop;
-- BC05
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
-- DX02
ALTER TABLE customers DROP COLUMN code;
-- -
ALTER TABLE customers ALTER COLUMN email DROP NOT NULL;
-- -
ALTER TABLE orders ALTER COLUMN placed DROP DEFAULT;
-- BC14
DROP FUNCTION noop() CASCADE;
-- -
ALTER TYPE lonely ADD VALUE 'two';
-- -
GRANT SELECT ON customers TO PUBLIC;
-- -
ALTER TABLE guarded DISABLE ROW LEVEL SECURITY;

-- G: destruction
-- DX01
DROP TABLE rooms;
-- DX01
DROP TABLE IF EXISTS identified;
-- DX01
DROP TABLE events;
-- DX01
DROP TABLE puppies, cats;
-- -
DROP MATERIALIZED VIEW city_counts;
-- DX02
ALTER TABLE identified DROP COLUMN x CASCADE;
-- DX03
DROP SCHEMA shop CASCADE;
-- DX06
TRUNCATE rooms;
-- DX06
TRUNCATE readings;
-- DX08
DROP SEQUENCE default_sequence CASCADE;
-- DX08
DROP SEQUENCE loose_sequence;
-- -
ALTER TABLE checked DROP CONSTRAINT d_positive;
-- -
ALTER TABLE rooms ADD CONSTRAINT one CHECK (room > 0) NOT VALID, ADD CONSTRAINT two CHECK (room < 9) NOT VALID;

-- J: security and replication
-- -
ALTER TABLE rooms REPLICA IDENTITY NOTHING;
-- -
ALTER PUBLICATION pub ADD TABLE rooms;
