-- H: what only the rows can tell
-- MF01
CREATE UNIQUE INDEX ON orders (placed);
-- MF01
ALTER TABLE order_lines ADD CONSTRAINT one_line UNIQUE (line);
-- MF02
ALTER TABLE typed ALTER COLUMN feelings SET NOT NULL;
-- MF03
ALTER TABLE customers ALTER COLUMN email TYPE integer USING email::integer;
-- MF03
ALTER TABLE customers ALTER COLUMN amount TYPE numeric(3,2);
-- MF04
ALTER TABLE customers ADD CONSTRAINT few CHECK (num < 10);
-- MF05
ALTER TABLE customers ALTER COLUMN email TYPE varchar(2);
-- PostgreSQL's own refusals
-- BC18
ALTER TABLE customers ALTER COLUMN city TYPE varchar(20);
-- BC18
ALTER TABLE customers DROP COLUMN city;
-- -
DROP TABLE customers;
-- -
DROP TABLE events;
-- -
DROP TYPE mood;
-- -
ALTER TABLE readings_2024 DROP COLUMN value;
-- -
ALTER TABLE pair ADD COLUMN c integer;
-- -
ALTER TABLE ready SET UNLOGGED;
-- -
ALTER TABLE orders SET UNLOGGED;
-- -
DROP INDEX customers_pkey;
-- -
ALTER TABLE customers ADD CONSTRAINT customers_email_key UNIQUE (email);
-- -
CREATE TABLE customers (id integer);
-- -
ALTER TABLE customers ALTER COLUMN num SET DEFAULT 'x';
-- -
REFRESH MATERIALIZED VIEW CONCURRENTLY plain_counts;
-- -
REFRESH MATERIALIZED VIEW CONCURRENTLY city_counts;
