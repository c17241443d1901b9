-- accord.check on names that need quoting: schema, table, column, type and sequence.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE SCHEMA "Sho""p \ Größe";
CREATE TYPE "Sho""p \ Größe"."St" AS ENUM ('new', 'paid');
CREATE TABLE "Sho""p \ Größe"."Or'ders" (
    "I d" serial PRIMARY KEY,
    "to""tal" numeric(10,2) CHECK ("to""tal" >= 0),
    state "Sho""p \ Größe"."St" DEFAULT 'new',
    parent integer REFERENCES "Sho""p \ Größe"."Or'ders");
SELECT accord.register_contract($$"Sho""p \ Größe"."Or'ders"$$);
SELECT rule, severity, element, safe_sql
  FROM accord.check($$ALTER TABLE "Sho""p \ Größe"."Or'ders" ALTER "to""tal" TYPE numeric(12,4)$$) WHERE severity = 'error';
SELECT rule, severity, element
  FROM accord.check($$ALTER TABLE "Sho""p \ Größe"."Or'ders" DROP COLUMN parent;
                      ALTER TYPE "Sho""p \ Größe"."St" RENAME VALUE 'new' TO 'open';
                      ALTER TABLE "Sho""p \ Größe"."Or'ders" SET SCHEMA public$$) WHERE severity = 'error';
-- nothing to say, and nothing left behind
SET search_path = "Sho""p \ Größe";
SELECT rule, severity, element FROM accord.check('COMMENT ON TABLE "Or''ders" IS ''x''') WHERE severity <> 'advice';
SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'accord_check%';
