-- What counts is the difference that clients can see, not the statement: real statements of an old client before and after.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE ROLE regress_net_client;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE DOMAIN code AS text;
CREATE TABLE t (id integer PRIMARY KEY, name text NOT NULL, feeling mood, tag code, price numeric(10,2), old_name text);
GRANT SELECT, INSERT, UPDATE ON t TO regress_net_client;
SELECT FROM accord.register_contract('t');
SELECT FROM accord.register_consumer('shop', role => 'regress_net_client');
SELECT FROM accord.subscribe('t', 'shop', columns => '{id,name,feeling,tag,price}');
-- what the client does, and what comes of it; undone
CREATE FUNCTION client(n integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    SET LOCAL ROLE regress_net_client;
    EXECUTE format('INSERT INTO t (id, name, feeling, tag) VALUES (%s, ''a'', ''ok'', ''x'') ON CONFLICT (id) DO NOTHING', n);
    EXECUTE format('UPDATE t SET price = 1.25 WHERE id = %s', n);
    EXECUTE format('SELECT concat_ws('' '', id, name, feeling, tag, price) FROM t WHERE id = %s', n) INTO result;
    RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'works: ' || coalesce(result, 'no row');
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN SQLERRM;
    WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT client(1);

-- a column added NOT NULL with a default that the same transaction drops again: harmless alone, not together
BEGIN;
ALTER TABLE t ADD COLUMN extra integer NOT NULL DEFAULT 0;
SELECT client(1);
ALTER TABLE t ALTER extra DROP DEFAULT;
ROLLBACK;
SET accord.judge_at = 'commit';
BEGIN;
ALTER TABLE t ADD COLUMN extra integer NOT NULL DEFAULT 0;
ALTER TABLE t ALTER extra DROP DEFAULT;
SELECT client(1);
COMMIT;
BEGIN;
ALTER TABLE t ADD COLUMN extra integer NOT NULL DEFAULT 0;
ALTER TABLE t ALTER extra DROP DEFAULT;
ALTER TABLE t ALTER extra SET DEFAULT 1;
SELECT client(1);
COMMIT;
RESET accord.judge_at;
SELECT client(1);
-- in one statement
ALTER TABLE t ADD COLUMN more integer NOT NULL DEFAULT 0, ALTER more DROP DEFAULT;
ALTER TABLE t ADD COLUMN more integer NOT NULL;

-- DROP and ADD of one name
ALTER TABLE t DROP COLUMN price, ADD COLUMN price numeric(10,2);
BEGIN;
SET LOCAL accord.judge_at = 'commit';
ALTER TABLE t DROP COLUMN price;
SELECT client(1);
ALTER TABLE t ADD COLUMN price numeric(10,2);
COMMIT;

-- a name that lives on with another meaning: nobody uses it any more, and nobody may give it another type
SELECT accord.waive('t', rule => 'column-dropped', reason => 'nobody uses it') > 0 AS granted;
ALTER TABLE t DROP COLUMN old_name;
SELECT kind, name, type, dropped_in FROM accord.tombstones;
SELECT consumer, version FROM accord.subscriptions;
ALTER TABLE t ADD COLUMN old_name integer;
SELECT version, status FROM accord.contract_versions ORDER BY major, minor;
-- two columns that swap their names
ALTER TABLE t ADD COLUMN title text NOT NULL DEFAULT '';
BEGIN;
SET LOCAL accord.judge_at = 'commit';
ALTER TABLE t RENAME name TO other;
ALTER TABLE t RENAME title TO name;
ALTER TABLE t RENAME other TO title;
SELECT client(1);
COMMIT;

-- an enum made again with fewer labels under its old name
BEGIN;
SET LOCAL accord.judge_at = 'commit';
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'glad');
ALTER TABLE t ALTER feeling TYPE mood USING feeling::text::mood;
SELECT client(1);
COMMIT;
-- with all of them: drivers are told another type, and nobody else notices
BEGIN;
SET LOCAL accord.judge_at = 'commit';
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
ALTER TABLE t ALTER feeling TYPE mood USING feeling::text::mood;
DROP TYPE mood_old;
SELECT client(1);
COMMIT;
SELECT FROM accord.subscribe('t', 'shop', columns => '{id,name,feeling,tag,price}', strictness => 'text');
BEGIN;
SET LOCAL accord.allow_unused = on;
SET LOCAL accord.judge_at = 'commit';
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
ALTER TABLE t ALTER feeling TYPE mood USING feeling::text::mood;
DROP TYPE mood_old;
SELECT client(1);
COMMIT;
SELECT FROM accord.subscribe('t', 'shop', columns => '{id,name,feeling,tag,price}');

-- NOT NULL in the disguise of a check, also one that is not valid yet; and the other way round
ALTER TABLE t ADD CONSTRAINT present CHECK (price IS NOT NULL);
ALTER TABLE t ADD CONSTRAINT present CHECK (price IS NOT NULL) NOT VALID;
BEGIN;
SET LOCAL accord.judge_at = 'commit';
ALTER TABLE t ADD CONSTRAINT named CHECK (name IS NOT NULL);
ALTER TABLE t ALTER name DROP NOT NULL;
SELECT client(1);
COMMIT;

-- a domain that becomes NOT NULL: who leaves the column out is saved by the domain's default
CREATE DOMAIN label AS text;
CREATE DOMAIN filled AS text DEFAULT '-';
CREATE TABLE s (id integer, label label, filled filled);
GRANT INSERT, SELECT ON s TO regress_net_client;
SELECT FROM accord.register_contract('s');
SELECT FROM accord.subscribe('s', 'shop', columns => '{id}', access => 'write');
SET accord.allow_unused = on;
ALTER DOMAIN label SET NOT NULL;
ALTER DOMAIN filled SET NOT NULL;
RESET accord.allow_unused;
SET ROLE regress_net_client;
INSERT INTO s (id) VALUES (1) RETURNING id;
RESET ROLE;

-- IF NOT EXISTS and IF EXISTS that do nothing
SELECT version FROM accord.contracts WHERE table_name = 't';
ALTER TABLE t ADD COLUMN IF NOT EXISTS name integer;
ALTER TABLE t DROP COLUMN IF EXISTS nothing;
CREATE TABLE IF NOT EXISTS t (id text);
ALTER TABLE IF EXISTS nothing DROP COLUMN name;
CREATE UNIQUE INDEX IF NOT EXISTS t_pkey ON t (name);
SELECT version FROM accord.contracts WHERE table_name = 't';
SELECT client(1);
