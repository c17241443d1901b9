BEGIN;
--
-- Add field note to flight
--
ALTER TABLE "flights" ADD COLUMN "note" varchar(200) NULL;
--
-- Rename field carrier on flight to airline
--
ALTER TABLE "flights" RENAME COLUMN "carrier" TO "airline";
--
-- Alter field dep_delay on flight
--
ALTER TABLE "flights" ALTER COLUMN "dep_delay" TYPE text USING "dep_delay"::text;
COMMIT;
