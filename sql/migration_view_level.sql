-- What needs no copy touches no row: rename, hide, default, comment, name of the table; added columns.  The new version is open at once.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
RESET client_min_messages;
CREATE SCHEMA "Sales";
CREATE TABLE "Sales"."Order" ("Id" serial PRIMARY KEY, "unit price" numeric(8,2) DEFAULT 1.50, note text DEFAULT 'none', hidden text, "sélect" text NOT NULL);
INSERT INTO "Sales"."Order" ("sélect") VALUES ('a'), ('b');
SELECT accord.register_contract('"Sales"."Order"');
CREATE TABLE before_all AS SELECT looks('"Sales"."Order"') AS line;
SELECT pg_relation_filenode('"Sales"."Order"') AS file, max(xmin::text::bigint) AS written FROM "Sales"."Order" \gset
SELECT from_version, target_version, state, view, next_step FROM accord.stage('"Sales"."Order"', $$
    ALTER TABLE "Sales"."Order" RENAME COLUMN "unit price" TO "Preis";
    ALTER TABLE "Sales"."Order" DROP COLUMN hidden;
    ALTER TABLE "Sales"."Order" ALTER COLUMN note DROP DEFAULT;
    ALTER TABLE "Sales"."Order" ALTER COLUMN "Preis" SET DEFAULT 2.75;
    ALTER TABLE "Sales"."Order" ADD COLUMN "quo""ted" integer NOT NULL DEFAULT 7;
    COMMENT ON COLUMN "Sales"."Order"."Preis" IS 'it''s net';
    ALTER TABLE "Sales"."Order" RENAME TO "Auftrag";
$$);
SELECT pg_relation_filenode('"Sales"."Order"') = :file AS same_file, max(xmin::text::bigint) = :written AS same_rows FROM "Sales"."Order";
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = '"Sales"."Order"'::regclass AND NOT tgisinternal;
SELECT * FROM "Auftrag_v2"."Auftrag" ORDER BY 1;
SELECT * FROM "Order_v1"."Order" ORDER BY 1;
INSERT INTO "Auftrag_v2"."Auftrag" ("sélect") VALUES ('c') RETURNING *;
INSERT INTO "Order_v1"."Order" ("sélect", hidden) VALUES ('d', 'h') RETURNING *;
INSERT INTO "Sales"."Order" ("sélect") VALUES ('e') RETURNING "Id", "unit price", note;
UPDATE "Auftrag_v2"."Auftrag" SET "quo""ted" = 8 WHERE "Id" = 4 RETURNING *;
BEGIN;
SELECT state FROM accord.rollback('"Sales"."Order"');
SELECT looks('"Sales"."Order"') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('"Sales"."Order"');
ROLLBACK;
SELECT contract_relation, state, next_step FROM accord.complete('"Sales"."Order"');
INSERT INTO "Sales"."Auftrag" ("sélect") VALUES ('f') RETURNING "Id", "Preis", note, "sélect", "quo""ted";
INSERT INTO "Auftrag_v2"."Auftrag" ("sélect") VALUES ('g') RETURNING *;
INSERT INTO "Order_v1"."Order" ("sélect") VALUES ('h') RETURNING *;
SELECT last_schema, last_name FROM accord_catalog.contract;
BEGIN;
SELECT state FROM accord.rollback('"Sales"."Auftrag"');
SELECT looks('"Sales"."Order"') AS line EXCEPT SELECT line FROM before_all;
SELECT line FROM before_all EXCEPT SELECT looks('"Sales"."Order"');
ROLLBACK;
SELECT state FROM accord.purge('"Sales"."Auftrag"');
SELECT looks('"Sales"."Auftrag"');
SELECT jsonb_path_query_array(accord_catalog.capture_shape('"Sales"."Auftrag"'), '$.columns[*].name') AS now,
       jsonb_path_query_array(shape, '$.columns[*].name') AS promised FROM accord_catalog.contract_version WHERE major = 2;
