-- capture_shape: what a shape holds, and what it leaves out.
CREATE EXTENSION pg_accord;
CREATE ROLE regress_registry_reader;
CREATE SCHEMA "Mixed Case";
SET search_path = "Mixed Case", public;

CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TYPE mood ADD VALUE 'meh' BEFORE 'ok';
CREATE DOMAIN positive AS integer DEFAULT 3 CHECK (VALUE > 0);
CREATE DOMAIN small_positive AS positive NOT NULL CHECK (VALUE < 100);
CREATE DOMAIN code AS varchar(10);
CREATE DOMAIN codes AS code[];
CREATE TABLE other (id bigint PRIMARY KEY);
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';

CREATE TABLE "Flüge" (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT fluege_pkey PRIMARY KEY,
    gone integer,
    number integer NOT NULL DEFAULT 5,
    "select" text COLLATE "C" DEFAULT 'it''s',
    mood mood,
    moods mood[],
    positive positive,
    small small_positive,
    code code,
    codes codes,
    limited varchar(20),
    amount numeric(10,2),
    at timestamptz(3) DEFAULT now(),
    since timestamptz DEFAULT '2020-02-03 04:05:06+00',
    span interval DEFAULT '1 day 2 hours',
    raw bytea DEFAULT 'abc',
    price money DEFAULT 12.5,
    ratio double precision DEFAULT 0.1,
    twice integer GENERATED ALWAYS AS (number * 2) STORED,
    other bigint CONSTRAINT fluege_other REFERENCES other ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    _accord_1_number bigint,
    CONSTRAINT sane CHECK (number > 0 AND "select" <> 'z') NO INHERIT,
    CONSTRAINT late UNIQUE (number, "select") DEFERRABLE,
    CONSTRAINT _accord_1_check CHECK (number > 1),
    CONSTRAINT hidden CHECK (_accord_1_number > 0)
);
ALTER TABLE "Flüge" DROP COLUMN gone;
ALTER TABLE "Flüge" ADD CONSTRAINT unsure CHECK (amount > 0) NOT VALID;
CREATE UNIQUE INDEX "some unique" ON "Flüge" (number, lower("select")) INCLUDE (amount) WHERE number > 3;
CREATE UNIQUE INDEX _accord_1_index ON "Flüge" (number);
CREATE INDEX not_unique ON "Flüge" (number);
CREATE TRIGGER before_row BEFORE INSERT ON "Flüge" FOR EACH ROW WHEN (new.number > 3) EXECUTE FUNCTION fill();
CREATE TRIGGER before_statement BEFORE INSERT ON "Flüge" EXECUTE FUNCTION fill();
CREATE TRIGGER after_row AFTER INSERT ON "Flüge" FOR EACH ROW EXECUTE FUNCTION fill();
CREATE TRIGGER "!accord_sync" BEFORE INSERT ON "Flüge" FOR EACH ROW EXECUTE FUNCTION fill();
CREATE TRIGGER "~accord_sync" BEFORE INSERT ON "Flüge" FOR EACH ROW EXECUTE FUNCTION fill();
ALTER TABLE "Flüge" DISABLE TRIGGER before_row;
CREATE RULE nothing AS ON DELETE TO "Flüge" DO INSTEAD NOTHING;
ALTER TABLE "Flüge" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON "Flüge" FOR UPDATE TO regress_registry_reader, CURRENT_USER USING (number > 3) WITH CHECK ("select" IS NOT NULL);
CREATE POLICY nested ON "Flüge" AS RESTRICTIVE USING (EXISTS (SELECT FROM other o WHERE o.id = "Flüge".other));
GRANT SELECT ON "Flüge" TO PUBLIC;
GRANT SELECT, UPDATE (number, _accord_1_number) ON "Flüge" TO regress_registry_reader WITH GRANT OPTION;
COMMENT ON TABLE "Flüge" IS 'all of them';
COMMENT ON COLUMN "Flüge"."select" IS 'a keyword';

-- one line for each column, constraint, and so on
CREATE FUNCTION part(shape jsonb, key text) RETURNS SETOF jsonb LANGUAGE sql AS
$$ SELECT value FROM jsonb_array_elements(shape -> key) WITH ORDINALITY e (value, n) ORDER BY n $$;
\pset format unaligned
\pset tuples_only on
SELECT jsonb_pretty(accord_catalog.capture_shape('"Flüge"') - '{columns,constraints,policies,privileges,triggers}'::text[]);
SELECT part(accord_catalog.capture_shape('"Flüge"'), 'columns');
SELECT part(accord_catalog.capture_shape('"Flüge"'), 'constraints');
SELECT part(accord_catalog.capture_shape('"Flüge"'), 'policies');
SELECT part(accord_catalog.capture_shape('"Flüge"'), 'privileges');
SELECT part(accord_catalog.capture_shape('"Flüge"'), 'triggers');

-- partitions, inheritance, views
CREATE TABLE measured (city integer NOT NULL, day date NOT NULL, PRIMARY KEY (city, day)) PARTITION BY RANGE (day, city);
CREATE TABLE computed (city integer) PARTITION BY HASH ((city + 1));
CREATE TABLE measured_1 PARTITION OF measured FOR VALUES FROM ('2020-01-01', 1) TO ('2021-01-01', MAXVALUE);
CREATE TABLE measured_rest PARTITION OF measured DEFAULT;
CREATE TABLE points_there (city integer, day date, CONSTRAINT points_there FOREIGN KEY (city, day) REFERENCES measured);
CREATE UNLOGGED TABLE child (extra text, CONSTRAINT once EXCLUDE USING btree (extra WITH =)) INHERITS (other);
ALTER TABLE child REPLICA IDENTITY FULL;
CREATE VIEW seen WITH (security_invoker, check_option = local) AS SELECT number, "select" FROM "Flüge" WHERE number > 1;
SELECT accord_catalog.capture_shape('measured');
SELECT accord_catalog.capture_shape('measured_1');
SELECT accord_catalog.capture_shape('measured_rest');
SELECT accord_catalog.capture_shape('computed') -> 'partition_key';
SELECT part(accord_catalog.capture_shape('points_there'), 'constraints');
SELECT accord_catalog.capture_shape('child');
-- the text of a view's definition is the server's own and differs between its versions
SELECT accord_catalog.capture_shape('seen') - 'view_definition', accord_catalog.capture_shape('seen') ->> 'view_definition' ~ '^security_invoker=true, check_option=local;.* "Mixed Case"."Flüge"';

-- what is no relation with columns has no shape
CREATE SEQUENCE counter;
SELECT accord_catalog.capture_shape('counter') IS NULL, accord_catalog.capture_shape(1::regclass) IS NULL, accord_catalog.capture_shape(NULL) IS NULL;

-- the session's settings make no difference
CREATE TABLE shapes AS SELECT accord_catalog.capture_shape('"Flüge"') AS shape;
SET search_path = "Mixed Case", pg_catalog;
SET quote_all_identifiers = on;
SET IntervalStyle = 'iso_8601';
SET bytea_output = 'escape';
SET extra_float_digits = -10;
SET DateStyle = 'German';
SET TimeZone = 'Asia/Tokyo';
SELECT count(DISTINCT s) FROM (SELECT shape FROM shapes UNION ALL SELECT accord_catalog.capture_shape('"Mixed Case"."Flüge"')) AS x (s);

RESET ALL;
\pset format unaligned
SET search_path = "Mixed Case";
-- an expression is written as pg_get_expr and pg_get_constraintdef do
SELECT accord_catalog.check_text(oid) = pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '"Flüge"'::regclass AND contype = 'c' ORDER BY conname;
SELECT accord_catalog.expression_text(adbin, adrelid) = pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = '"Flüge"'::regclass ORDER BY adnum;

-- what only PostgreSQL 18 has
DO $do$
DECLARE
    shape jsonb;
BEGIN
    IF current_setting('server_version_num')::integer >= 180000 THEN
        EXECUTE 'CREATE TABLE eighteen (a integer CONSTRAINT named NOT NULL, b integer, v integer GENERATED ALWAYS AS (a * 2) VIRTUAL,
                 CONSTRAINT idle CHECK (a > 0) NOT ENFORCED)';
        EXECUTE 'ALTER TABLE eighteen ADD CONSTRAINT later NOT NULL b NOT VALID';
        shape := accord_catalog.capture_shape('eighteen');
        ASSERT shape #> '{columns,0,not_null}' = 'true' AND shape #> '{columns,1,not_null}' IS NULL, shape::text;
        ASSERT shape #>> '{columns,2,generated_kind}' = 'virtual' AND shape #>> '{columns,2,generated}' = '(a * 2)', shape::text;
        ASSERT jsonb_array_length(shape -> 'constraints') = 2 AND shape #> '{constraints,0,enforced}' = 'false', shape::text;
        ASSERT shape #>> '{constraints,0,definition}' = 'CHECK ((a > 0)) NOT ENFORCED', shape::text;
        ASSERT shape #>> '{constraints,1,definition}' = 'CHECK ((b IS NOT NULL)) NOT VALID', shape::text;
        ASSERT shape #> '{constraints,1,validated}' = 'false' AND shape #>> '{constraints,1,kind}' = 'check', shape::text;
    END IF;
END
$do$;
