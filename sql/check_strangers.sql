-- needs: xml
-- accord.check runs nobody's code as somebody who did not write it: the expressions of a table are evaluated as its owner, or not at all.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
SET lock_timeout = '1min';
CREATE ROLE check_mallory;
CREATE ROLE check_alice;
CREATE ROLE check_team;
CREATE ROLE check_bob;
GRANT check_team TO check_bob;
GRANT check_mallory TO check_alice;
CREATE SCHEMA spy AUTHORIZATION check_mallory;
GRANT USAGE ON SCHEMA spy TO PUBLIC;
-- an advisory lock of the session outlives the rollback that accord.check ends with
CREATE TABLE spy.who (role name, number integer, name text);
GRANT SELECT ON spy.who TO PUBLIC;
INSERT INTO spy.who SELECT 'check_' || r, n, r FROM unnest(ARRAY ['mallory', 'alice', 'team', 'bob']) WITH ORDINALITY x(r, n);
INSERT INTO spy.who VALUES (current_user, 9, 'the superuser');
CREATE FUNCTION ran_as() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT w.name FROM spy.who w JOIN pg_locks l ON l.locktype = 'advisory' AND l.pid = pg_backend_pid() AND l.classid = 77 AND l.objid = w.number ORDER BY 1;
  PERFORM pg_advisory_unlock_all();
END $$;
CREATE FUNCTION brief(ddl text) RETURNS TABLE (line integer, severity text, rule text, element text, rewrite boolean, scan boolean, basis text)
LANGUAGE sql AS 'SELECT line, severity, rule, element, rewrite, scan, basis FROM accord.check(ddl)';

SET ROLE check_mallory;
-- immutable, so that a call with constants is evaluated when a statement is planned
CREATE FUNCTION spy.note(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  PERFORM pg_advisory_lock(77, number) FROM spy.who WHERE role = current_user;
  RETURN $1;
END $$;
CREATE FUNCTION spy.note_eq(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT spy.note($1) = $2';
CREATE OPERATOR spy.=== (FUNCTION = spy.note_eq, LEFTARG = text, RIGHTARG = text);
CREATE DOMAIN spy.word AS text DEFAULT spy.note('default') CHECK (VALUE <> spy.note('check'));
CREATE TABLE spy.indexed (id integer, a text);
CREATE INDEX ON spy.indexed ((a || spy.note('index')));
CREATE TABLE spy.checked (id integer, a text CHECK (a <> spy.note('check')));
CREATE TABLE spy.operator (id integer, a text CHECK (a <> (('x' OPERATOR(spy.===) 'x')::text)));
CREATE TABLE spy.typed (id integer, a spy.word);
CREATE TABLE spy.parted (id integer, a text) PARTITION BY LIST ((id || spy.note('key')));
CREATE TABLE spy.plain (id integer, a text);
CREATE VIEW spy.viewed AS SELECT id FROM spy.plain WHERE a = spy.note('view');
CREATE TABLE spy.guarded (id integer, a text);
CREATE POLICY p ON spy.guarded USING (a = spy.note('policy'));
GRANT ALL ON ALL TABLES IN SCHEMA spy TO PUBLIC;
RESET ROLE;
INSERT INTO spy.indexed VALUES (1, 'x');
INSERT INTO spy.checked VALUES (1, 'x');
SELECT count(*) FROM ran_as();

-- a superuser: as the owner, and with a whole verdict
SELECT * FROM brief('ALTER TABLE spy.indexed ALTER COLUMN id TYPE bigint');
SELECT * FROM ran_as();
SELECT * FROM brief('CREATE INDEX ON spy.indexed (id); CREATE UNIQUE INDEX ON spy.indexed (a)');
SELECT * FROM ran_as();
SELECT * FROM brief('ALTER TABLE spy.checked ALTER COLUMN a TYPE varchar(80); ALTER TABLE spy.checked ALTER id SET NOT NULL');
SELECT * FROM ran_as();
SELECT * FROM brief('ALTER TABLE spy.operator ADD CONSTRAINT c CHECK (id > 0)');
SELECT * FROM ran_as();
SELECT * FROM brief('ALTER TABLE spy.plain ADD COLUMN w spy.word');
SELECT * FROM ran_as();
SELECT * FROM brief($$CREATE TABLE spy.parted_1 PARTITION OF spy.parted FOR VALUES IN ('1key')$$);
SELECT * FROM ran_as();
SELECT * FROM brief('DELETE FROM spy.viewed WHERE id = 1; DELETE FROM spy.guarded');
SELECT * FROM ran_as();
-- what the script itself calls
SELECT * FROM brief($$CREATE INDEX ON spy.plain ((a || spy.note('script')))$$);
SELECT * FROM ran_as();
SELECT * FROM brief($$ALTER TABLE spy.plain ADD CHECK (a OPERATOR(spy.===) ('x' OPERATOR(spy.===) 'x')::text)$$);
SELECT * FROM ran_as();
-- a table of his own that takes nothing from her
CREATE TABLE mine (id integer, a text);
SELECT * FROM brief('ALTER TABLE mine ALTER COLUMN id TYPE bigint');
-- with her function in his own script: as her
SELECT * FROM brief($$CREATE INDEX ON mine ((a || spy.note('script')))$$);
SELECT * FROM ran_as();

-- a member of the owner's: as the owner
SET ROLE check_alice;
SELECT * FROM brief('ALTER TABLE spy.indexed ALTER COLUMN id TYPE bigint');
RESET ROLE;
SELECT * FROM ran_as();
-- somebody who may use the table: not at all, and it says so
SET ROLE check_bob;
SELECT * FROM brief('ALTER TABLE spy.indexed ALTER COLUMN id TYPE bigint; CREATE INDEX ON spy.indexed (id); SET lock_timeout = 0');
SELECT * FROM brief('ALTER TABLE spy.plain ALTER COLUMN id TYPE bigint');
RESET ROLE;
SELECT * FROM ran_as();
-- tables of two strangers that both bring code: not at all
CREATE SCHEMA team AUTHORIZATION check_team;
SET ROLE check_team;
CREATE FUNCTION team.note(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN spy.note($1); END $$;
CREATE TABLE team.own (id integer, a text CHECK (a <> team.note('team')));
RESET ROLE;
SELECT count(*) FROM ran_as();
SELECT * FROM brief('ALTER TABLE team.own ALTER COLUMN id TYPE bigint');
SELECT * FROM ran_as();
SELECT * FROM brief('ALTER TABLE team.own ADD COLUMN x integer; ALTER TABLE spy.checked ADD COLUMN x integer');
SELECT * FROM ran_as();
-- functions of PostgreSQL's own that run what they are given
SET ROLE check_mallory;
CREATE VIEW spy.bait AS SELECT spy.note('bait') AS a;
GRANT SELECT ON spy.bait TO PUBLIC;
CREATE DOMAIN spy.xmlword AS xml DEFAULT table_to_xml('spy.bait', true, true, '');
RESET ROLE;
SELECT count(*) FROM ran_as();
SELECT * FROM brief('ALTER TABLE mine ADD COLUMN x spy.xmlword');
SELECT * FROM ran_as();
-- written into the script they are nobody's
SELECT * FROM brief($$ALTER TABLE mine ADD COLUMN x xml DEFAULT table_to_xml('spy.bait', true, true, '')$$);
SELECT * FROM ran_as();
-- impact looks with the same eyes
SELECT count(*) > 0 AS told FROM accord.impact('ALTER TABLE spy.checked ALTER COLUMN id TYPE bigint');
SELECT * FROM ran_as();
DROP SCHEMA spy, team CASCADE;
DROP ROLE check_mallory, check_alice, check_bob, check_team;
