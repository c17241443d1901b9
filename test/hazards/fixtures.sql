-- The tables that the corpus is run on: every one has rows, so that what a statement does to it is what it does in earnest.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_accord;
CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE pair AS (a integer, b text);
CREATE TYPE lonely AS ENUM ('one');
CREATE DOMAIN plain_text AS text;
CREATE DOMAIN short_text AS varchar(10);
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN required AS text NOT NULL;
CREATE DOMAIN unused AS integer;
CREATE DOMAIN rated AS integer;
ALTER DOMAIN rated ADD CONSTRAINT rated_unchecked CHECK (VALUE < 1000) NOT VALID;
CREATE FUNCTION volatile_sql() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1';
CREATE FUNCTION volatile_plpgsql() RETURNS integer LANGUAGE plpgsql VOLATILE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION stable_plpgsql() RETURNS integer LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 1; END';
CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION is_mood(mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 IS NOT NULL';
CREATE SEQUENCE loose_sequence;
CREATE SEQUENCE default_sequence;

CREATE TABLE customers (
    id bigint PRIMARY KEY, email text NOT NULL, name varchar(50), code char(8), city text, vip boolean DEFAULT false,
    created timestamp DEFAULT now(), seen timestamptz(6), amount numeric(10,2), bits varbit(10), net cidr, tags int[], doc json, m mood,
    u uuid, small smallint, num integer, span interval(6), free numeric, "Odd Name" text);
ALTER TABLE customers ADD CONSTRAINT customers_email_key UNIQUE (email);
CREATE INDEX customers_name_idx ON customers (name);
CREATE INDEX customers_city_idx ON customers (city);
CREATE INDEX customers_lower_idx ON customers (lower(city));
CREATE INDEX customers_partial_idx ON customers (num) WHERE vip;
CREATE UNIQUE INDEX customers_num_key ON customers (num);
INSERT INTO customers SELECT i, 'e' || i, 'n' || i, 'c' || i, 'city', i % 2 = 0, now(), now(), i, B'101', '10.0.0.0/8', ARRAY[i], '{}', 'ok',
       gen_random_uuid(), i, i, interval '1 day', i, 'x' FROM generate_series(1, 50) i;
CREATE TRIGGER customers_noop BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION noop();
CREATE STATISTICS customers_stats ON name, city FROM customers;

CREATE TABLE checked (
    id integer PRIMARY KEY, a text, b text, c varchar(10), d integer,
    CONSTRAINT a_known CHECK (a IS NOT NULL), CONSTRAINT c_known CHECK (c <> ''), CONSTRAINT d_positive CHECK (d > 0));
ALTER TABLE checked ADD CONSTRAINT b_known CHECK (b IS NOT NULL) NOT VALID;
INSERT INTO checked SELECT i, 'a', 'b', 'c', i FROM generate_series(1, 20) i;

CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint REFERENCES customers, ref integer, placed date NOT NULL DEFAULT now(), total numeric(8,2));
CREATE INDEX orders_customer_idx ON orders (customer);
INSERT INTO orders SELECT i, i, i, now(), 1 FROM generate_series(1, 50) i;
CREATE TABLE order_lines (order_id bigint, line integer, customer bigint, sku text, PRIMARY KEY (order_id, line));
ALTER TABLE order_lines ADD CONSTRAINT lines_order FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE;
ALTER TABLE order_lines ADD CONSTRAINT lines_customer FOREIGN KEY (customer) REFERENCES customers NOT VALID;
INSERT INTO order_lines SELECT i, 1, i, 's' FROM generate_series(1, 50) i;
CREATE TABLE employees (id integer PRIMARY KEY, boss integer REFERENCES employees, name text);
INSERT INTO employees SELECT i, 1, 'e' FROM generate_series(1, 20) i;

CREATE TABLE readings (id bigint NOT NULL, at date NOT NULL, value integer, unit varchar(10), sensor bigint) PARTITION BY RANGE (at);
CREATE TABLE readings_2024 PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE readings_2025 PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE readings_rest PARTITION OF readings DEFAULT;
CREATE INDEX readings_at_idx ON readings (at);
INSERT INTO readings SELECT i, date '2024-06-01' + i * 20, i, 'm', 1 FROM generate_series(1, 60) i;
CREATE TABLE readings_2029 (LIKE readings);
INSERT INTO readings_2029 VALUES (1, '2029-05-05', 1, 'm', 1);
CREATE TABLE readings_2030 (LIKE readings, CONSTRAINT bound CHECK (at >= '2030-01-01' AND at < '2031-01-01'));
INSERT INTO readings_2030 VALUES (1, '2030-05-05', 1, 'm', 1);

CREATE TABLE events (id bigint, region text, payload text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE events_eu PARTITION OF events FOR VALUES IN ('eu');
CREATE TABLE events_us PARTITION OF events FOR VALUES IN ('us') PARTITION BY HASH (id);
CREATE TABLE events_us_0 PARTITION OF events_us FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_us_1 PARTITION OF events_us FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO events SELECT i, CASE i % 2 WHEN 0 THEN 'eu' ELSE 'us' END, 'p' FROM generate_series(1, 40) i;
CREATE TABLE event_notes (event bigint, region text, note text, CONSTRAINT notes_event FOREIGN KEY (event, region) REFERENCES events);
INSERT INTO event_notes SELECT i, 'eu', 'n' FROM generate_series(2, 20, 2) i;
CREATE TABLE events_asia (id bigint NOT NULL, region text NOT NULL, payload text, PRIMARY KEY (id, region));
INSERT INTO events_asia VALUES (1, 'asia', 'p');
CREATE TABLE events_africa (id bigint NOT NULL, region text NOT NULL CHECK (region IS NOT NULL AND region = 'africa'), payload text,
                            PRIMARY KEY (id, region));
INSERT INTO events_africa VALUES (1, 'africa', 'p');

CREATE TABLE animals (id integer PRIMARY KEY, name text, legs integer CHECK (legs >= 0));
CREATE TABLE dogs (breed text) INHERITS (animals);
CREATE TABLE puppies (weeks integer) INHERITS (dogs);
CREATE TABLE cats (id integer NOT NULL, name text, legs integer CONSTRAINT animals_legs_check CHECK (legs >= 0));
INSERT INTO animals VALUES (1, 'a', 4);
INSERT INTO dogs VALUES (2, 'd', 4, 'b');
INSERT INTO puppies VALUES (3, 'p', 4, 'b', 5);
INSERT INTO cats VALUES (4, 'c', 4);

CREATE TABLE typed (id serial PRIMARY KEY, feeling mood DEFAULT 'ok', kind short_text, size positive, label required DEFAULT 'x', r rated,
                    both_of pair, feelings mood[], CONSTRAINT felt CHECK (is_mood(feeling)));
INSERT INTO typed (kind, size, both_of) SELECT 'k', 1, ROW(1, 'x')::pair FROM generate_series(1, 20);
CREATE TABLE typed_too (id integer, size positive);
INSERT INTO typed_too VALUES (1, 1);

CREATE TABLE identified (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, x integer, y integer NOT NULL,
                         twice integer GENERATED ALWAYS AS (x * 2) STORED);
INSERT INTO identified (x, y) SELECT i, i FROM generate_series(1, 20) i;
CREATE TABLE numbered (id integer DEFAULT nextval('default_sequence'), x text);
INSERT INTO numbered (x) VALUES ('a'), ('b');
CREATE UNLOGGED TABLE scratch (id integer PRIMARY KEY, x text);
INSERT INTO scratch VALUES (1, 'x');
CREATE TABLE guarded (id integer PRIMARY KEY, owner_name text, x integer);
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON guarded USING (owner_name = current_user);
INSERT INTO guarded VALUES (1, 'a', 1);
CREATE TABLE ready (id integer NOT NULL, k integer, k2 integer NOT NULL);
CREATE UNIQUE INDEX ready_id_key ON ready (id);
CREATE UNIQUE INDEX ready_k_key ON ready (k);
CREATE UNIQUE INDEX ready_k2_key ON ready (k2);
INSERT INTO ready SELECT i, i, i FROM generate_series(1, 20) i;
CREATE TABLE shop.items (id integer PRIMARY KEY, sku varchar(20), price integer);
INSERT INTO shop.items SELECT i, 's', 1 FROM generate_series(1, 20) i;
CREATE TABLE shop.stock (item integer REFERENCES shop.items, amount integer);
INSERT INTO shop.stock VALUES (1, 1);
CREATE TABLE people_of (who customers, since date);
CREATE TABLE rooms (room integer, during tsrange);
INSERT INTO rooms VALUES (1, '[2024-01-01, 2024-01-02)');

CREATE VIEW customer_names AS SELECT id, name, city FROM customers;
CREATE VIEW customer_cities AS SELECT city, count(*) FROM customer_names GROUP BY city;
CREATE MATERIALIZED VIEW city_counts AS SELECT city, count(*) AS n FROM customers GROUP BY city;
CREATE UNIQUE INDEX city_counts_key ON city_counts (city);
CREATE MATERIALIZED VIEW plain_counts AS SELECT count(*) AS n FROM orders;
CREATE VIEW order_report AS SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer;
CREATE RULE orders_nothing AS ON DELETE TO scratch DO INSTEAD NOTHING;
CREATE PUBLICATION pub FOR TABLE ready;
ANALYZE;
