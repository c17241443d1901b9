-- accord.impact on a schema as it grows: quoted names, partitions of partitions, row security elsewhere, functions that reach the table through a view.
CREATE EXTENSION pg_accord;
SET client_min_messages = error;  -- wal_level
CREATE SCHEMA "Air Ops";
CREATE TABLE "Air Ops"."Flight" (
    "Id" bigint,
    "Dep" date,
    "Delay" integer,
    PRIMARY KEY ("Id", "Dep")) PARTITION BY RANGE ("Dep");
CREATE TABLE "Air Ops"."Flight 2026" PARTITION OF "Air Ops"."Flight" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST ("Dep");
CREATE TABLE "Air Ops"."Flight 2026 x" PARTITION OF "Air Ops"."Flight 2026" DEFAULT;
CREATE TABLE "Air Ops"."Crew" ("Member" text PRIMARY KEY, "Flight" bigint, "Dep" date, "Stays $" text,
    CONSTRAINT "flies on" FOREIGN KEY ("Flight", "Dep") REFERENCES "Air Ops"."Flight");
CREATE TABLE "Air Ops"."Officer" ("Rank" text) INHERITS ("Air Ops"."Crew");
CREATE VIEW "Air Ops"."Late" AS SELECT "Id", "Delay" FROM "Air Ops"."Flight" WHERE "Delay" > 15;
CREATE VIEW "Air Ops"."Very late" AS SELECT * FROM "Air Ops"."Late" WHERE "Delay" > 60;
CREATE MATERIALIZED VIEW "Air Ops"."Worst" AS SELECT max("Delay") FROM "Air Ops"."Very late";
CREATE FUNCTION "Air Ops"."Delays"() RETURNS SETOF integer LANGUAGE sql BEGIN ATOMIC SELECT "Delay" FROM "Air Ops"."Flight"; END;
CREATE FUNCTION by_text() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM "Air Ops"."Flight"); END';
CREATE FUNCTION by_view() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM "Air Ops"."Very late"); END';
CREATE FUNCTION other_words() RETURNS text LANGUAGE sql AS 'SELECT ''Flights'' || ''InFlight''';
CREATE TABLE notes (flight bigint, note text);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY "of late ones" ON notes USING (EXISTS (SELECT FROM "Air Ops"."Flight" f WHERE f."Id" = flight AND f."Delay" > 0));
CREATE POLICY "all" ON "Air Ops"."Flight" USING (true);
CREATE RULE copied AS ON INSERT TO notes DO ALSO SELECT count(*) FROM "Air Ops"."Flight";
CREATE PUBLICATION "Pub" FOR TABLE "Air Ops"."Flight" WHERE ("Id" > 0) WITH (publish_via_partition_root = true);
INSERT INTO "Air Ops"."Flight" SELECT i, '2026-05-01', i FROM generate_series(1, 100) i;
ANALYZE;
SELECT FROM accord.register_contract('"Air Ops"."Flight"') f, accord.register_contract('"Air Ops"."Very late"') v;
SELECT FROM accord.register_consumer('Board') b, accord.subscribe('"Air Ops"."Flight"', 'Board', columns => '{Delay}') s;
SELECT FROM accord.register_consumer('Desk') d, accord.subscribe('"Air Ops"."Very late"', 'Desk') s;
CREATE FUNCTION brief(ddl text) RETURNS TABLE (kind text, object text, relation regclass, effect text, confidence text, "rows" bigint, bytes boolean) LANGUAGE sql AS
    $$ SELECT kind, object, relation, effect, confidence, "rows", bytes > 0 FROM accord.impact(ddl) WHERE kind <> 'summary' $$;
SELECT * FROM brief('ALTER TABLE "Air Ops"."Flight" ALTER "Delay" TYPE bigint');
SELECT * FROM brief('ALTER TABLE "Air Ops"."Flight" RENAME "Delay" TO "Late by"');
SELECT * FROM brief('COMMENT ON TABLE "Air Ops"."Flight" IS ''x''');
SELECT * FROM brief('ALTER TABLE "Air Ops"."Crew" DROP COLUMN "Stays $"');
SELECT audience, effect FROM accord.impact('ALTER TABLE "Air Ops"."Flight" RENAME "Delay" TO "Late by"') WHERE kind = 'summary';
