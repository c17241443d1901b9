-- SET lists and the expressions in them: what is accepted, how it is resolved, and where an error points.
CREATE EXTENSION pg_accord;
CREATE SCHEMA regress_sync;
SET search_path = regress_sync;

-- SET lists are taken apart with their own text and positions
SELECT * FROM accord_catalog.parse_assignments($$ a = b + 1, "Odd, name" = 'x, y' || $q$,$q$ , c=(f(1, 2)),d = ARRAY[1,2] $$);
SELECT * FROM accord_catalog.parse_assignments(E'a = 1 -- one, two\n /* b = 3, */ , é = ''ü'', b = 2;');
SELECT * FROM accord_catalog.parse_assignments('  -- nothing');
SELECT * FROM accord_catalog.parse_assignments(NULL);
SELECT accord_catalog.parse_assignments('a = 1, b = = 2');
SELECT accord_catalog.parse_assignments('é = 1, a = 1, a = 2');
SELECT accord_catalog.parse_assignments('(a, b) = (1, 2)');
SELECT accord_catalog.parse_assignments('a[1] = 2');
SELECT accord_catalog.parse_assignments('a = DEFAULT');
SELECT accord_catalog.parse_assignments('a = 1 WHERE true');
SELECT accord_catalog.parse_assignments('a = 1;DROP TABLE pg_class');
SELECT accord_catalog.parse_assignments('a = ''open');

-- a version shows some columns, under its own names
CREATE TABLE t (a integer, hidden text, b numeric(5,1), gone text, note varchar(5), at timestamptz, twice integer GENERATED ALWAYS AS (a * 2) STORED);
ALTER TABLE t DROP COLUMN gone;
CREATE FUNCTION resolve(expression text, target name DEFAULT 'a') RETURNS text LANGUAGE sql
    RETURN accord_catalog.resolve_expression('t', 'flights', '{x,"B c",note,at,twice}', '{a,b,note,at,twice}', expression, target);
SELECT resolve('x + 1'), resolve('flights.x + "B c"'), resolve('"B c"', 'b'), resolve($$'12'$$), resolve($$'$1' || note || '$2'$$, 'note'), resolve('NULL');
SELECT resolve('CASE WHEN x > 5 THEN x ELSE 0 END'), resolve('twice'), resolve($$extract(hour FROM at AT TIME ZONE 'UTC')$$);
SELECT resolve('hidden');
SELECT resolve('x + a');
SELECT resolve('t.a');
SELECT resolve('""');
SELECT resolve('b', 'b');
SELECT resolve('length(flights)');
SELECT resolve('(flights IS NULL)::int');
SELECT resolve('ctid::text::int');
SELECT resolve('xmin::text::int');
SELECT resolve('tableoid::int');
SELECT resolve('(SELECT 1)');
SELECT resolve('x, x');
SELECT resolve('x AS y');
SELECT resolve('x FROM pg_class');
SELECT resolve('sum(x)');
SELECT resolve('generate_series(1, x)');
SELECT resolve('x +');
SELECT resolve('');
SELECT resolve('$1');
SELECT resolve('at');
SELECT resolve('1', 'nowhere');
SELECT accord_catalog.resolve_expression('t', 'flights', '{x}', '{nowhere}', 'x', 'a');
SELECT accord_catalog.resolve_expression('t', 'flights', '{x}', '{a}', NULL, 'a');

-- it must be immutable
SELECT resolve('note || now()', 'note');
SELECT resolve('at::text', 'note');
SELECT resolve('random()');
SELECT resolve('current_date', 'at');
SELECT resolve($$to_char(x, '999')$$, 'note');

-- the user's search_path is used now, and never again
CREATE FUNCTION double(integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN $1 * 2;
CREATE FUNCTION add(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN $1 + $2;
CREATE OPERATOR @+@ (FUNCTION = add, LEFTARG = integer, RIGHTARG = integer);
CREATE DOMAIN small AS integer CHECK (VALUE < 10);
SELECT resolve('double(x) @+@ 3::small');
RESET search_path;
SELECT regress_sync.resolve('double(x)');

-- whoever owns the table will run it
CREATE ROLE regress_sync_owner;
GRANT CREATE, USAGE ON SCHEMA regress_sync TO regress_sync_owner;
ALTER TABLE regress_sync.t OWNER TO regress_sync_owner;
REVOKE EXECUTE ON FUNCTION regress_sync.double FROM PUBLIC;
CREATE SCHEMA regress_sync_closed;
CREATE FUNCTION regress_sync_closed.id(integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN $1;
SELECT accord_catalog.resolve_expression('regress_sync.t', 't', '{a}', NULL, 'regress_sync_closed.id(a)', 'a');

SET client_min_messages = warning;
DROP SCHEMA regress_sync, regress_sync_closed CASCADE;
DROP ROLE regress_sync_owner;
