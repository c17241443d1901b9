-- A new partition takes rows that went to the default one: what it has and that one has not is put on writers of the table.
CREATE EXTENSION pg_accord;
SET client_min_messages = error;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE kinds (id integer PRIMARY KEY);
CREATE TABLE "Parcels" (id integer NOT NULL, "Kind" integer CONSTRAINT "low Kind" CHECK ("Kind" < 100) REFERENCES kinds, note text, PRIMARY KEY (id)) PARTITION BY LIST (id);
CREATE UNIQUE INDEX ON "Parcels" (id, "Kind");
CREATE TRIGGER own BEFORE UPDATE ON "Parcels" FOR EACH ROW EXECUTE FUNCTION same();
SELECT FROM accord.register_contract('"Parcels"');
SELECT FROM accord.register_consumer('app');
SELECT FROM accord.register_consumer('noter');
SELECT FROM accord.subscribe('"Parcels"', 'app', access => 'write');
SELECT FROM accord.subscribe('"Parcels"', 'noter', access => 'write', columns => '{id, note}');
-- rows of a partition that come to no default one went nowhere
CREATE TABLE parcels_0 PARTITION OF "Parcels" (CHECK ("Kind" > 0)) FOR VALUES IN (0);
CREATE TABLE parcels_rest PARTITION OF "Parcels" (CONSTRAINT nothing_new CHECK ("Kind" > 1)) DEFAULT PARTITION BY HASH (id);
CREATE TABLE parcels_rest_0 PARTITION OF parcels_rest FOR VALUES WITH (MODULUS 1, REMAINDER 0);
-- what the table has itself, or the default partition
CREATE TABLE parcels_1 PARTITION OF "Parcels" (CONSTRAINT another_name CHECK ("Kind" > 1)) FOR VALUES IN (1);
CREATE TABLE parcels_2 PARTITION OF "Parcels" (CHECK ("Kind" > 5), CHECK (note <> '')) FOR VALUES IN (2);
CREATE TABLE parcels_2 PARTITION OF "Parcels" (note UNIQUE) FOR VALUES IN (2);
CREATE UNLOGGED TABLE parcels_2 PARTITION OF "Parcels" FOR VALUES IN (2);
CREATE TABLE parcels_2 (note text, id integer PRIMARY KEY, "Kind" integer NOT NULL CONSTRAINT "low Kind" CHECK ("Kind" < 100));
ALTER TABLE "Parcels" ATTACH PARTITION parcels_2 FOR VALUES IN (2);
ALTER TABLE parcels_2 ALTER "Kind" DROP NOT NULL;
CREATE TRIGGER swallow BEFORE INSERT ON parcels_2 FOR EACH ROW EXECUTE FUNCTION nothing();
ALTER TABLE "Parcels" ATTACH PARTITION parcels_2 FOR VALUES IN (2);
DROP TRIGGER swallow ON parcels_2;
ALTER TABLE "Parcels" ATTACH PARTITION parcels_2 FOR VALUES IN (2);
-- with partitions of its own
CREATE TABLE parcels_3 (note text, id integer PRIMARY KEY, "Kind" integer CONSTRAINT "low Kind" CHECK ("Kind" < 100)) PARTITION BY LIST (id);
CREATE TABLE parcels_3_3 PARTITION OF parcels_3 (CHECK (note IS NOT NULL)) FOR VALUES IN (3);
ALTER TABLE "Parcels" ATTACH PARTITION parcels_3 FOR VALUES IN (3);
SET accord.judge_at = 'commit';
BEGIN;
ALTER TABLE "Parcels" ATTACH PARTITION parcels_3 FOR VALUES IN (3);
COMMIT;
BEGIN;
ALTER TABLE "Parcels" ATTACH PARTITION parcels_3 FOR VALUES IN (3);
ALTER TABLE parcels_3_3 DROP CONSTRAINT parcels_3_3_note_check;
COMMIT;
RESET accord.judge_at;
SELECT rule, element, consumers FROM accord.check($$CREATE TABLE parcels_4 PARTITION OF "Parcels" (CHECK (note IS NOT NULL)) FOR VALUES IN (4);
  CREATE TABLE parcels_5 (LIKE "Parcels" INCLUDING ALL); ALTER TABLE parcels_5 ALTER note SET NOT NULL;
  ALTER TABLE "Parcels" ATTACH PARTITION parcels_5 FOR VALUES IN (5)$$) WHERE consumers <> '{}';
SELECT accord.waive('"Parcels"', rule => 'not-null-added', reason => 'no such rows');
CREATE TABLE parcels_4 PARTITION OF "Parcels" (CHECK (note IS NOT NULL)) FOR VALUES IN (4);
SELECT FROM accord.drift('"Parcels"');
