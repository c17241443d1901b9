-- Partitions, children, types and views: what reaches a contracted table by another way.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE parent (id integer, name text);
CREATE TABLE child (extra integer) INHERITS (parent);
SELECT FROM accord.register_contract('child');
ALTER TABLE parent RENAME COLUMN name TO title;
ALTER TABLE parent DROP COLUMN name;
ALTER TABLE parent ALTER COLUMN name TYPE varchar(10);
ALTER TABLE parent ADD COLUMN note text;
ALTER TABLE ONLY parent ADD CONSTRAINT positive CHECK (id > 0) NO INHERIT;
ALTER TABLE parent RENAME TO ancestor;
SELECT version FROM accord.contract_versions WHERE table_name = 'child' ORDER BY 1;

CREATE TABLE measure (taken date, value integer) PARTITION BY RANGE (taken);
CREATE TABLE measure_old PARTITION OF measure FOR VALUES FROM ('2000-01-01') TO ('2020-01-01');
SELECT FROM accord.register_contract('measure');
ALTER TABLE measure DROP COLUMN value;
ALTER TABLE measure ALTER COLUMN value TYPE text;
ALTER TABLE measure_old DROP COLUMN value;
CREATE TABLE measure_new PARTITION OF measure FOR VALUES FROM ('2020-01-01') TO ('2030-01-01');
DROP TABLE measure_new;

CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE people (id integer, feels mood);
SELECT FROM accord.register_contract('people');
ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
ALTER TYPE mood RENAME TO humour;
DROP TYPE mood;
DROP TYPE mood CASCADE;

CREATE VIEW names AS SELECT id, name FROM child;
SELECT FROM accord.register_contract('names');
CREATE OR REPLACE VIEW names AS SELECT id, upper(name) AS name FROM child;
CREATE OR REPLACE VIEW names AS SELECT id, name FROM child;
DROP VIEW names;
ALTER VIEW names RENAME COLUMN name TO label;

CREATE SCHEMA depot;
CREATE TABLE depot.stock (id integer);
SELECT FROM accord.register_contract('depot.stock');
ALTER SCHEMA depot RENAME TO warehouse;
SELECT table_name, version FROM accord.contracts ORDER BY 1;
