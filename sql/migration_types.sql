-- What a new type needs: a way back, where it is not certain, and all that stands on the column to fit it.
CREATE EXTENSION pg_accord;
-- several ways back at once; arrays follow from their elements
CREATE TABLE many (id integer PRIMARY KEY, "a b" date, j jsonb, arr integer[], words character varying(9)[]);
SELECT FROM accord.register_contract('many');
SELECT accord.stage('many', 'ALTER TABLE many ALTER "a b" TYPE timestamptz USING "a b"::timestamp AT TIME ZONE ''UTC'', ALTER j TYPE text, ALTER arr TYPE bigint[], ALTER words TYPE text[]');
SELECT state FROM accord.stage('many', 'ALTER TABLE many ALTER arr TYPE bigint[], ALTER words TYPE text[]');
INSERT INTO many_v2.many (id, arr, words) VALUES (1, '{5,NULL}', '{a,b}');
INSERT INTO many_v2.many (id, arr) VALUES (2, '{5000000000}');
INSERT INTO many_v2.many (id, words) VALUES (3, '{0123456789}');
SELECT arr, words FROM many;
SELECT state FROM accord.rollback('many');

-- what would not fit the new type when the migration is completed
CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER positive BEFORE INSERT ON many FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION same();
CREATE POLICY recent ON many USING ("a b" > '2020-01-01'::date - 7);
SET accord.allow_unused = on;
SELECT accord.stage('many', 'ALTER TABLE many ALTER id TYPE text', down => 'id = id::integer');
SELECT accord.stage('many', 'ALTER TABLE many ALTER "a b" TYPE text USING to_hex("a b" - ''2000-01-01''::date)', down => '"a b" = ''2000-01-01''::date + length("a b")');
RESET accord.allow_unused;

-- a narrower type: its way back is certain, and what it cannot hold is said before anything changes
CREATE TABLE narrow (id integer PRIMARY KEY, code text, amount bigint, words text[]);
INSERT INTO narrow VALUES (1, 'short', 5, '{a}'), (2, 'much too long for it', 6, '{b}'), (3, 'c', 5000000000, NULL);
SELECT FROM accord.register_contract('narrow');
SELECT accord.stage('narrow', 'ALTER TABLE narrow ALTER code TYPE varchar(10)');
SELECT accord.stage('narrow', 'ALTER TABLE narrow ALTER amount TYPE integer');
DELETE FROM narrow WHERE id > 1;
SELECT state FROM accord.stage('narrow', 'ALTER TABLE narrow ALTER code TYPE varchar(10), ALTER amount TYPE integer, ALTER words TYPE varchar(3)[]');
SET client_min_messages = warning;
CALL accord.backfill('narrow');
RESET client_min_messages;
UPDATE narrow_v2.narrow SET code = 'new', amount = 7, words = '{new}';
SELECT * FROM narrow;
UPDATE narrow SET code = 'much too long for it';
UPDATE narrow SET amount = 5000000000;
SELECT state FROM accord.rollback('narrow');
-- not where values are rounded
SET accord.allow_unused = on;
ALTER TABLE narrow ALTER amount TYPE numeric;
RESET accord.allow_unused;
SELECT accord.stage('narrow', 'ALTER TABLE narrow ALTER amount TYPE integer');

-- what does not survive is found by its text where no operator of PostgreSQL's own tells (those of a box compare areas)
RESET accord.allow_unused;
CREATE TYPE noted AS (n integer, note json);
CREATE TABLE shapes (id integer PRIMARY KEY, b box, c noted);
INSERT INTO shapes VALUES (1, '(1,1),(0,0)', '(1,"{""a"": 1}")'), (2, '(2,3),(1,1)', NULL);
SELECT FROM accord.register_contract('shapes');
SELECT state FROM accord.stage('shapes', 'ALTER TABLE shapes ALTER b TYPE float8 USING area(b), ALTER c TYPE text USING (c).note::text',
                               down => 'b = box(point(0, 0), point(b, 1)), c = CASE WHEN c IS NOT NULL THEN ROW(1, c)::noted END');
SELECT state FROM accord.rollback('shapes');
