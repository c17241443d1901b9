-- Inheritance trees: columns go down, all else each table has for itself.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE ROLE inheritance_reader;
CREATE SCHEMA far;
CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 5, note text, gone text, CONSTRAINT small CHECK (n < 1000), CONSTRAINT not_here CHECK (n <> 77) NO INHERIT);
CREATE TABLE alike (own text, LIKE t INCLUDING ALL, CONSTRAINT odd CHECK (n <> 99)) INHERITS (t);  -- defines everything itself too
CREATE TABLE far.other (extra integer DEFAULT 0) INHERITS (t);
ALTER TABLE far.other DROP COLUMN extra, ADD COLUMN extra integer, ALTER n SET DEFAULT 7, ALTER note SET NOT NULL, ALTER note SET DEFAULT 'none', ADD CONSTRAINT pair UNIQUE (n, extra), ADD PRIMARY KEY (id);
CREATE TABLE grand (more text) INHERITS (alike);
CREATE TABLE refers (id integer PRIMARY KEY, other integer REFERENCES far.other (id), alike integer REFERENCES alike);
CREATE INDEX ON t (n);
CREATE INDEX some ON grand (n DESC, lower(more)) WHERE more <> '';
ALTER TABLE grand ADD FOREIGN KEY (id) REFERENCES alike (id), ADD CONSTRAINT long CHECK (n <> length(more)) NOT VALID;
CREATE STATISTICS far.together ON n, extra FROM far.other;
COMMENT ON COLUMN grand.n IS 'the number of a grandchild';
COMMENT ON CONSTRAINT pair ON far.other IS 'of other';
GRANT SELECT (n) ON grand TO inheritance_reader;
CREATE FUNCTION mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.extra = NEW.extra + 1000; RETURN NEW; END $$;
CREATE TRIGGER marks BEFORE UPDATE OF n ON far.other FOR EACH ROW WHEN (OLD.n > 0) EXECUTE FUNCTION mark();
CREATE POLICY mine ON grand USING (n > 0);
INSERT INTO t SELECT g, g, 'in t' FROM generate_series(1, 5) g;
INSERT INTO alike (id, n, own) SELECT g, g, 'alike' FROM generate_series(11, 15) g;
INSERT INTO far.other (id, n, extra) SELECT g, g, g FROM generate_series(21, 25) g;
INSERT INTO grand (id, n, more) SELECT g, g, 'grand' FROM generate_series(11, 14) g;
INSERT INTO refers VALUES (1, 21, 11);
SELECT accord.register_contract('t');
CREATE VIEW tables AS SELECT unnest('{t,alike,far.other,grand,refers}'::regclass[]) AS relation;
CREATE VIEW everything AS
    SELECT relation, line FROM tables, LATERAL looks(relation) line WHERE relation = 't'::regclass OR line !~ '^(schema|view)'
    UNION ALL SELECT attrelid, format('column %s local %s inherited %s', attname, attislocal, attinhcount) FROM pg_attribute JOIN tables ON attrelid = relation WHERE attnum > 0 AND NOT attisdropped
    UNION ALL SELECT conrelid, format('check %s local %s inherited %s valid %s comment %s', conname, conislocal, coninhcount, convalidated, obj_description(oid, 'pg_constraint')) FROM pg_constraint JOIN tables ON conrelid = relation WHERE contype <> 'n'
    UNION ALL SELECT polrelid, format('policy %s %s', polname, pg_get_expr(polqual, polrelid)) FROM pg_policy JOIN tables ON polrelid = relation
    UNION ALL SELECT stxrelid, pg_get_statisticsobjdef(oid) FROM pg_statistic_ext JOIN tables ON stxrelid = relation;
CREATE TABLE before_all AS SELECT * FROM everything;
\set change 'ALTER TABLE t ALTER n TYPE bigint, ALTER id TYPE bigint; ALTER TABLE t RENAME note TO remark; ALTER TABLE t DROP COLUMN gone; ALTER TABLE t ADD COLUMN fresh integer DEFAULT 3'

SELECT phase, statement FROM accord.plan('t', :'change') WHERE phase <> 'announcement' AND statement !~ 'VIEW|SCHEMA';
SELECT state FROM accord.stage('t', :'change');
INSERT INTO alike (id, own) VALUES (16, 'by its old name');
INSERT INTO far.other (id, extra) VALUES (26, 26);
INSERT INTO far.other (id, note) VALUES (27, NULL);
INSERT INTO grand (id, n) VALUES (15, 99);
INSERT INTO t_v2.t (id, n) VALUES (6, 5000000000);
INSERT INTO t_v2.t (id, n) VALUES (6, 6);
UPDATE t SET n = n + 100 WHERE id IN (12, 22);  -- of three tables, before they are filled
UPDATE far.other SET n = n + 200 WHERE id = 23;
GRANT SELECT (id) ON grand TO inheritance_reader;
CALL accord.backfill('t');
SELECT element, detail FROM accord.drift();
SELECT check_name, verdict FROM accord.verify('t') WHERE verdict <> 'ok';
UPDATE t_v2.t SET n = n + 1 WHERE id IN (13, 24);
SELECT tableoid::regclass, id, n, _accord_1_n, note FROM t WHERE id % 10 IN (2, 3, 6) ORDER BY id, 1;
-- each version has its keys, in each table its own
INSERT INTO far.other (id, n, extra) VALUES (28, 21, 21);
INSERT INTO alike (id) VALUES (11);

BEGIN;
SELECT state FROM accord.rollback('t');
SELECT element, detail FROM accord.drift();
SELECT relation, line FROM everything EXCEPT SELECT relation, line FROM before_all ORDER BY 1, 2;
SELECT relation, line FROM before_all EXCEPT SELECT relation, line FROM everything ORDER BY 1, 2;
ROLLBACK;

SELECT state FROM accord.complete('t');
SELECT element, detail FROM accord.drift();
INSERT INTO alike (id, n) VALUES (17, 17);
INSERT INTO grand (id, n) VALUES (16, 99);
UPDATE t_v1.t SET n = n + 1 WHERE id = 17;
UPDATE far.other SET n = n + 1 WHERE id = 24;
SELECT tableoid::regclass, id, n, _accord_1_old_n, remark FROM t WHERE id IN (17, 24) ORDER BY id, 1;
BEGIN;
SELECT state FROM accord.rollback('t');
SELECT element, detail FROM accord.drift();
SELECT relation, line FROM everything EXCEPT SELECT relation, line FROM before_all ORDER BY 1, 2;
SELECT relation, line FROM before_all EXCEPT SELECT relation, line FROM everything ORDER BY 1, 2;
ROLLBACK;
SELECT state FROM accord.purge('t');
SELECT element, detail FROM accord.drift();
SELECT relation, line FROM everything EXCEPT SELECT relation, line FROM before_all ORDER BY 1, 2;
SELECT relation, line FROM before_all EXCEPT SELECT relation, line FROM everything ORDER BY 1, 2;
SELECT count(*) FROM accord_catalog.migration_child;

-- two at once
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER fresh TYPE bigint', insert_null => 'default');
SELECT state FROM accord.stage('t', 'ALTER TABLE t RENAME fresh TO newest; ALTER TABLE t ALTER newest SET NOT NULL', up => 'newest = coalesce(fresh, 0)', insert_null => 'default');
INSERT INTO far.other (id, fresh) VALUES (30, NULL);
INSERT INTO t_v4.t (id, newest) VALUES (7, 1);
CALL accord.backfill('t', '3');
CALL accord.backfill('t', '4');
SELECT element, detail FROM accord.drift();
UPDATE far.other SET fresh = 30 WHERE id = 30;
SELECT id, newest FROM t_v4.t WHERE id IN (7, 30) ORDER BY id;
SELECT state FROM accord.complete('t', '3');
SELECT state FROM accord.complete('t', '4');
SELECT element, detail FROM accord.drift();
SELECT state FROM accord.purge('t', '3');
SELECT state FROM accord.purge('t', '4');
SELECT element, detail FROM accord.drift();
SELECT relation, line FROM everything WHERE line ~ 'newest|fresh' AND relation = ANY ('{alike,far.other}'::regclass[]) ORDER BY 1, 2;

-- tables that come and go meanwhile
\set change 'ALTER TABLE t ALTER n TYPE numeric'
SELECT state FROM accord.stage('t', :'change', down => 'n = n::bigint', insert_null => 'default');
ALTER TABLE alike NO INHERIT t;
CREATE TABLE alone (LIKE t INCLUDING DEFAULTS);
ALTER TABLE alone INHERIT t;
CREATE TEMPORARY TABLE short () INHERITS (t);
ALTER TABLE alike DISABLE TRIGGER "!accord_sync";
DROP TRIGGER "~accord_sync" ON grand;
ALTER TABLE grand ALTER n SET DEFAULT 8;
ALTER TABLE grand DROP CONSTRAINT "~accord_4_long";
CREATE TABLE late (CONSTRAINT of_late CHECK (id > 0)) INHERITS (t);
RESET client_min_messages;
CREATE TABLE late_alike (LIKE t INCLUDING ALL) INHERITS (alike);
SET client_min_messages = warning;
CREATE TABLE brief () INHERITS (alike);
DROP TABLE brief;
INSERT INTO late (id, n) VALUES (40, 40);
INSERT INTO late_alike (id, n) VALUES (41, 41);
TRUNCATE grand;
DROP TABLE grand;  -- with an index that is still to be built
CALL accord.backfill('t');
SELECT element, detail FROM accord.drift();
UPDATE t_v5.t SET n = n + 1 WHERE id >= 40;
SELECT tableoid::regclass, id, n, _accord_4_n FROM t WHERE id >= 40 ORDER BY id;
SELECT state FROM accord.complete('t');
SELECT state FROM accord.purge('t');
SELECT element, detail FROM accord.drift();
\d late_alike

-- what a child has for itself is its own to change, and what it inherits is not
SELECT accord.register_contract('far.other');
SELECT state FROM accord.stage('far.other', 'ALTER TABLE far.other ALTER n TYPE text');
SELECT state FROM accord.stage('far.other', 'ALTER TABLE far.other RENAME remark TO words');
SELECT state FROM accord.stage('t', 'ALTER TABLE t RENAME remark TO words');
SELECT state FROM accord.stage('far.other', 'ALTER TABLE far.other ALTER extra TYPE bigint');
CALL accord.backfill('far.other');
SELECT state FROM accord.complete('far.other');
SELECT state FROM accord.purge('far.other');
SELECT accord.drop_contract('far.other');

-- refusals, before anything is changed
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER n TYPE text, DROP CONSTRAINT small, DROP CONSTRAINT not_here', down => 'n = n::numeric', insert_null => 'default');
ALTER TABLE late ADD COLUMN words text;
SELECT state FROM accord.stage('t', 'ALTER TABLE t RENAME remark TO words');
ALTER TABLE late DROP COLUMN words;
CREATE TABLE second (remark text, newest bigint);
ALTER TABLE late INHERIT second;
SELECT state FROM accord.stage('t', 'ALTER TABLE t RENAME remark TO words');
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER newest TYPE numeric', down => 'newest = newest::bigint', insert_null => 'default');
ALTER TABLE late NO INHERIT second;
ALTER TABLE late OWNER TO inheritance_reader;
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER newest TYPE numeric', down => 'newest = newest::bigint', insert_null => 'default');
SET accord.allow_unused = on;  -- nobody minds that its rows go
DROP TABLE late;
RESET accord.allow_unused;
SELECT state FROM accord.stage('t', 'CREATE TABLE remarks (t_id bigint PRIMARY KEY REFERENCES t, remark text); ALTER TABLE t DROP COLUMN remark', up => 'remarks.remark = remark');
SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER newest TYPE numeric', down => 'newest = newest::bigint', insert_null => 'default');
SELECT accord.register_contract('late_alike');
SELECT state FROM accord.stage('late_alike', 'ALTER TABLE late_alike ADD COLUMN loud text', up => 'loud = upper(own)');
SELECT state FROM accord.rollback('t');
SELECT state FROM accord.stage('late_alike', 'ALTER TABLE late_alike ADD COLUMN loud text', up => 'loud = upper(own)');
CALL accord.backfill('late_alike');
SELECT state FROM accord.rollback('late_alike');
SELECT element, detail FROM accord.drift();
