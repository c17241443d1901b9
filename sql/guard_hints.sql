-- The SQL that a refusal offers runs as it is: each hint is pasted, and the migration carried through.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE "Hub" ("Code" text PRIMARY KEY);
CREATE TABLE "Leg" (
    "Id" integer PRIMARY KEY,
    hub text CONSTRAINT leg_hub_fkey REFERENCES "Hub",
    "Via" text,
    delay integer CONSTRAINT sane CHECK (delay < 1000),
    seats integer NOT NULL CONSTRAINT few CHECK (seats < 900),
    note text CONSTRAINT note_once UNIQUE,
    gate text);
CREATE UNIQUE INDEX gate_once ON "Leg" (gate);
INSERT INTO "Hub" VALUES ('AMS'), ('ORY');
INSERT INTO "Leg" VALUES (5, 'AMS', 'ORY', 5, 100, 'a', 'A1'), (6, 'ORY', NULL, -7, 200, 'b', 'B2'), (7, NULL, 'AMS', NULL, 300, 'c', 'C3');
SELECT accord.register_contract('"Leg"');
CREATE FUNCTION refused(ddl text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE ddl;
    RAISE 'not refused: %', ddl;
EXCEPTION WHEN SQLSTATE 'AC001' THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN hint;
END $$;
-- Refused, pasted, filled, completed and purged.
CREATE FUNCTION offered(ddl text) RETURNS text LANGUAGE sql AS $$ SELECT substring(refused(ddl) from 'SELECT accord\.stage\(.*?\);') $$;
CREATE FUNCTION carry_through(ddl text) RETURNS SETOF text LANGUAGE sql AS $$
    VALUES ('SELECT FROM (' || rtrim(replace(offered(ddl), 'SELECT accord.stage', 'SELECT * FROM accord.stage'), ';') || ') s'), ($c$CALL accord.backfill('"Leg"')$c$),
           ($c$SELECT FROM accord.complete('"Leg"')$c$), ($c$SELECT FROM accord.purge('"Leg"')$c$) $$;
\pset format unaligned
\pset tuples_only on
SELECT refused('ALTER TABLE "Leg" ADD CONSTRAINT late CHECK (delay > 0)');
SELECT carry_through('ALTER TABLE "Leg" ADD CONSTRAINT late CHECK (delay > 0)') \gexec
SELECT refused('ALTER TABLE "Leg" ADD CONSTRAINT there CHECK ("Via" IS NOT NULL)');
SELECT carry_through('ALTER TABLE "Leg" ADD CONSTRAINT there CHECK ("Via" IS NOT NULL)') \gexec
SELECT carry_through('ALTER TABLE "Leg" ADD CONSTRAINT roomy CHECK (seats > 50)') \gexec
SELECT carry_through('ALTER TABLE "Leg" ADD UNIQUE (seats)') \gexec
SELECT refused('CREATE UNIQUE INDEX "Once" ON "Leg" (lower(hub)) WHERE delay > 0');
SELECT carry_through('CREATE UNIQUE INDEX "Once" ON "Leg" (lower(hub)) WHERE delay > 0') \gexec
-- one that is built CONCURRENTLY is known by its words only
CREATE UNIQUE INDEX CONCURRENTLY ON "Leg" ((coalesce("Via", hub)) DESC) INCLUDE (note) where seats > 0;
SELECT carry_through('ALTER TABLE "Leg" ADD FOREIGN KEY (gate) REFERENCES "Hub" NOT VALID') \gexec
SELECT carry_through('ALTER TABLE "Leg" ADD CONSTRAINT apart EXCLUDE USING hash (delay WITH =)') \gexec
-- of the table to itself; two checks of one name, of which one is of a new column
SELECT carry_through('ALTER TABLE "Leg" ADD FOREIGN KEY (delay) REFERENCES "Leg"') \gexec
ALTER TABLE "Leg" ADD CONSTRAINT "Leg_seats_check" CHECK (seats IS NOT NULL);
SELECT carry_through('ALTER TABLE "Leg" ADD CHECK (seats < 800), ADD COLUMN z integer CHECK (z > 0)') \gexec
SELECT refused('ALTER TABLE "Leg" DROP CONSTRAINT sane');
SELECT carry_through('ALTER TABLE "Leg" DROP CONSTRAINT sane') \gexec
SELECT carry_through('ALTER TABLE "Leg" DROP CONSTRAINT note_once') \gexec
SELECT carry_through('ALTER TABLE "Leg" DROP CONSTRAINT leg_hub_fkey') \gexec
SELECT refused('DROP INDEX gate_once');
SELECT carry_through('DROP INDEX gate_once') \gexec
-- not while it is referenced, by the table itself too
SELECT offered('ALTER TABLE "Leg" DROP CONSTRAINT "Leg_pkey"') \gexec
SELECT carry_through('ALTER TABLE "Leg" DROP CONSTRAINT "Leg_delay_fkey"') \gexec
SELECT carry_through('ALTER TABLE "Leg" DROP CONSTRAINT "Leg_pkey"') \gexec
\pset format aligned
\pset tuples_only off
SELECT * FROM "Leg" ORDER BY "Id";
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '"Leg"'::regclass AND contype <> 'n' ORDER BY conname;
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '"Leg"'::regclass ORDER BY 1;
-- Where stage can do nothing, a waiver is what is left.
ALTER TABLE "Leg" DROP CONSTRAINT few, ADD CONSTRAINT few CHECK (seats < 800);
CREATE VIEW legs AS SELECT * FROM "Leg";
SELECT accord.register_contract('legs');
ALTER VIEW legs RENAME gate TO door;
