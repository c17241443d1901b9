-- Comments on constraints and indexes in the DDL of a migration; and an index that is written before its columns are renamed.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE "T" (id integer PRIMARY KEY, code text, "Amount" integer, tag text,
    CONSTRAINT positive CHECK ("Amount" > 0), CONSTRAINT one_code UNIQUE (code, "Amount"));
CREATE INDEX by_amount ON "T" ("Amount");
CREATE INDEX by_tag ON "T" (tag);
COMMENT ON INDEX by_amount IS 'old words';
COMMENT ON CONSTRAINT positive ON "T" IS 'old, too';
COMMENT ON INDEX one_code IS 'goes';
COMMENT ON INDEX by_tag IS 'shared';
INSERT INTO "T" SELECT g, 'c' || g, g, 't' FROM generate_series(1, 5) g;
CREATE TABLE other (id integer PRIMARY KEY, n integer CONSTRAINT small CHECK (n < 100));
CREATE INDEX by_n ON other (n);
SELECT accord.register_contract('"T"'), accord.register_contract('other');
CREATE TABLE before_all AS SELECT looks('"T"') AS line;
CREATE VIEW comments AS
SELECT 'index' AS of, c.relname AS name, d.description, pg_get_indexdef(c.oid) AS definition
  FROM pg_class c LEFT JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid
  JOIN pg_index i ON i.indexrelid = c.oid WHERE i.indrelid = '"T"'::regclass
UNION ALL
SELECT 'constraint', n.conname, d.description, pg_get_constraintdef(n.oid)
  FROM pg_constraint n LEFT JOIN pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = n.oid WHERE n.conrelid = '"T"'::regclass AND n.contype <> 'n';

-- refused: what both versions have in common, and what is not there
SELECT accord.stage('"T"', $$ ALTER TABLE "T" ALTER COLUMN "Amount" TYPE bigint; COMMENT ON INDEX by_tag IS 'x' $$);
SELECT accord.stage('"T"', $$ ALTER TABLE "T" ALTER COLUMN "Amount" TYPE bigint; COMMENT ON CONSTRAINT "T_pkey" ON "T" IS 'x' $$);
SELECT accord.stage('"T"', $$ ALTER TABLE "T" ALTER COLUMN "Amount" TYPE bigint; COMMENT ON INDEX nowhere IS 'x' $$);
SELECT accord.stage('"T"', $$ ALTER TABLE "T" ALTER COLUMN "Amount" TYPE bigint; COMMENT ON CONSTRAINT positive ON nowhere IS 'x' $$);
SELECT accord.stage('"T"', $$ COMMENT ON INDEX by_n IS 'x' $$);
SELECT looks('"T"') AS line EXCEPT SELECT line FROM before_all;

SELECT state FROM accord.stage('"T"', $$
    ALTER TABLE "T" ALTER COLUMN "Amount" TYPE bigint;
    CREATE UNIQUE INDEX two_parts ON "T" (("Amount" + 1) DESC, lower(tag)) INCLUDE (code) WHERE "Amount" > 3 AND code <> '';
    CREATE INDEX plain ON "T" (code, "Amount");
    COMMENT ON INDEX two_parts IS 'written before the rename';
    ALTER TABLE "T" RENAME COLUMN "Amount" TO total;
    ALTER TABLE "T" RENAME COLUMN code TO "Amount";
    ALTER TABLE "T" ADD CONSTRAINT not_huge CHECK (total < 1000000), ADD CONSTRAINT one_total UNIQUE (total);
    COMMENT ON CONSTRAINT not_huge ON "T" IS 'it''s added';
    COMMENT ON CONSTRAINT one_total ON "T" IS 'a key';
    COMMENT ON INDEX one_total IS 'its index';
    COMMENT ON INDEX by_amount IS 'new words';
    COMMENT ON CONSTRAINT positive ON "T" IS NULL;
    COMMENT ON INDEX one_code IS '' $$);
CALL accord.backfill('"T"');
SELECT state, in_the_way FROM accord.status;
SELECT * FROM comments WHERE name IN ('two_parts', 'plain', 'not_huge', 'one_total') ORDER BY name, of;
SELECT state FROM accord.complete('"T"');
SELECT of, name, description FROM comments WHERE name !~ '_old_' ORDER BY name, of;
SELECT of, name, description FROM comments WHERE name ~ '_old_' AND description IS NOT NULL ORDER BY name, of;
-- undo gives the old words back
SELECT state FROM accord.rollback('"T"');
SELECT looks('"T"') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('"T"');
SELECT of, name, description FROM comments WHERE description IS NOT NULL ORDER BY name, of;

-- of several tables, and of one that comes with the version
SELECT state FROM accord.stage('"T"', $$
    ALTER TABLE "T" ALTER COLUMN "Amount" TYPE bigint;
    ALTER TABLE other ALTER COLUMN n TYPE bigint;
    COMMENT ON CONSTRAINT small ON other IS 'of the other';
    COMMENT ON INDEX by_n IS 'of the other, too';
    COMMENT ON INDEX by_amount IS 'of the first';
    CREATE TABLE fresh (id integer CONSTRAINT fresh_key PRIMARY KEY, t text);
    CREATE INDEX fresh_t ON fresh (t);
    COMMENT ON INDEX fresh_t IS 'a new index';
    COMMENT ON CONSTRAINT fresh_key ON fresh IS 'a new key' $$);
CALL accord.backfill('"T"');
SELECT state FROM accord.complete('"T"');
SELECT state FROM accord.purge('"T"');
SELECT obj_description('by_n'::regclass, 'pg_class') AS by_n, obj_description('by_amount'::regclass, 'pg_class') AS by_amount,
       obj_description('fresh_t'::regclass, 'pg_class') AS fresh_t,
       (SELECT string_agg(conname || ': ' || obj_description(oid, 'pg_constraint'), ', ' ORDER BY conname) FROM pg_constraint WHERE conname IN ('small', 'fresh_key', 'positive')) AS constraints;
