-- D: partitions and relations that the statement does not name
-- PT01
ALTER TABLE readings DETACH PARTITION readings_2024;
-- PT01
ALTER TABLE events DETACH PARTITION events_us;
-- DX01 PT03
DROP TABLE readings_2024;
-- DX01 PT03
DROP TABLE events_us_1;
-- PT04
ALTER TABLE readings ADD COLUMN note text;
-- PT04
ALTER TABLE animals ADD COLUMN note text;
-- DX02 PT04
ALTER TABLE events DROP COLUMN payload;
-- BC02 PT04
ALTER TABLE readings RENAME COLUMN value TO amount;
-- HL01
ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey;
-- HL01
ALTER TABLE event_notes DROP CONSTRAINT notes_event;
-- HL01
ALTER TABLE order_lines DROP CONSTRAINT lines_order, DROP CONSTRAINT lines_customer;
-- DX02 HL01 HL05
ALTER TABLE orders DROP COLUMN customer CASCADE;
-- DX01 HL02
DROP TABLE order_lines;
-- DX01 HL02
DROP TABLE event_notes;
-- DX01 HL02
DROP TABLE shop.stock;
-- HL03
CREATE TABLE payments (id integer PRIMARY KEY, order_id bigint REFERENCES orders);
-- HL03 HL04
CREATE TABLE payments (id integer PRIMARY KEY, order_id bigint REFERENCES orders, customer bigint REFERENCES customers);
-- HL03
CREATE TABLE answers (event bigint, region text, FOREIGN KEY (event, region) REFERENCES events);
-- DX01 HL05
DROP TABLE customers CASCADE;
-- HL05
DROP VIEW customer_names CASCADE;
-- DX02 HL05
ALTER TABLE customers DROP COLUMN city CASCADE;
-- HL05
ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE;
-- DX06 HL06
TRUNCATE orders CASCADE;
-- DX06 HL06
TRUNCATE customers CASCADE;
-- HL07
DROP TYPE mood CASCADE;
-- HL07
DROP DOMAIN positive CASCADE;
-- -
CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION noop();
-- -
CREATE TRIGGER t AFTER INSERT ON readings FOR EACH ROW EXECUTE FUNCTION noop();
-- -
CREATE OR REPLACE TRIGGER customers_noop BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION noop();
-- -
ALTER TABLE customers DISABLE TRIGGER customers_noop;
-- -
ALTER TABLE customers ENABLE ALWAYS TRIGGER customers_noop;
-- -
DROP TRIGGER customers_noop ON customers;
-- -
CREATE RULE r AS ON INSERT TO employees DO ALSO NOTHING;
-- -
CREATE POLICY p ON employees USING (true);
-- -
DROP POLICY own_rows ON guarded;
-- -
ALTER POLICY own_rows ON guarded USING (true);
-- -
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
-- -
ALTER TABLE customers FORCE ROW LEVEL SECURITY;
-- -
ALTER TABLE customers OWNER TO CURRENT_USER;
-- -
ALTER TABLE customers REPLICA IDENTITY FULL;
-- -
ALTER TABLE customers REPLICA IDENTITY USING INDEX customers_email_key;
-- -
ALTER TABLE customers ALTER COLUMN email SET STORAGE EXTERNAL;
-- -
ALTER TABLE customers ALTER COLUMN city SET DEFAULT 'x';
-- -
ALTER TABLE customers ALTER COLUMN vip DROP DEFAULT;
-- -
ALTER TABLE customers RENAME CONSTRAINT customers_email_key TO emails;
-- -
CREATE OR REPLACE VIEW customer_names AS SELECT id, name, city, email FROM customers;
-- -
ALTER TABLE customers ALTER COLUMN email SET STATISTICS 500;
-- -
ALTER TABLE customers SET (fillfactor = 80);
-- -
ALTER TABLE customers SET (autovacuum_enabled = false);
-- -
ALTER TABLE customers ALTER COLUMN email SET (n_distinct = 10);
-- -
COMMENT ON TABLE customers IS 'who buys';
-- -
COMMENT ON COLUMN customers.email IS 'where to write';
-- -
CREATE STATISTICS s ON email, city FROM customers;
-- -
ANALYZE customers;
-- -
ALTER TABLE cats INHERIT animals;
-- -
ALTER TABLE dogs NO INHERIT animals;
-- -
ALTER SEQUENCE loose_sequence RESTART;
-- -
ALTER SEQUENCE loose_sequence AS integer;
-- -
ALTER SEQUENCE typed_id_seq OWNED BY NONE;
-- -
LOCK TABLE customers IN SHARE MODE;
