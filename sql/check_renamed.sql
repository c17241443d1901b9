-- needs: citext
-- needs: pg_buffercache
-- accord.check on what has a name that clients use and is not a table: types, collations, the schema or extension that has them.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE SCHEMA "Words";
CREATE SCHEMA elsewhere;
CREATE EXTENSION citext SCHEMA "Words";
CREATE COLLATION "Words".plain FROM "C";
CREATE DOMAIN "Words".amount AS numeric(10, 2);
CREATE TABLE glossary (term "Words".citext, terms "Words".citext[], plain text COLLATE "Words".plain, price "Words".amount, id integer);
CREATE TABLE other (id integer);
SELECT FROM accord.register_contract('glossary');
SELECT FROM accord.register_contract('other');
SELECT FROM accord.register_consumer('app');
SELECT FROM accord.subscribe('glossary', 'app');
SELECT FROM accord.subscribe('other', 'app');
CREATE FUNCTION told(ddl text) RETURNS TABLE (rule text, severity text, element text, consumers name[]) LANGUAGE sql AS
  $$SELECT rule, severity, element, consumers FROM accord.check(ddl) WHERE severity NOT IN ('advice', 'warning')$$;
SELECT * FROM told('ALTER SCHEMA "Words" RENAME TO vocabulary');
SELECT * FROM told('ALTER SCHEMA "Words" RENAME TO vocabulary; ALTER SCHEMA vocabulary RENAME TO "Words"');
SELECT * FROM told('ALTER COLLATION "Words".plain RENAME TO simple');
SELECT * FROM told('ALTER COLLATION "Words".plain SET SCHEMA elsewhere');
SELECT * FROM told('ALTER EXTENSION citext SET SCHEMA elsewhere');
SELECT * FROM told('ALTER TYPE "Words".citext RENAME TO word');
SELECT * FROM told('ALTER TYPE "Words".citext SET SCHEMA elsewhere');
SELECT * FROM told('ALTER DOMAIN "Words".amount RENAME TO sum');
-- that would lock its view
CREATE EXTENSION pg_buffercache;
SELECT * FROM told('ALTER EXTENSION pg_buffercache SET SCHEMA elsewhere');
-- judged together
SET accord.judge_at = 'commit';
SELECT * FROM told('BEGIN; ALTER EXTENSION citext SET SCHEMA elsewhere; ALTER EXTENSION citext SET SCHEMA "Words"; COMMIT');
SELECT * FROM told('BEGIN; ALTER EXTENSION citext SET SCHEMA elsewhere; COMMIT');
RESET accord.judge_at;
SELECT * FROM told('ALTER COLLATION "Words".nothing RENAME TO simple');
SELECT * FROM told('ALTER EXTENSION nothing SET SCHEMA elsewhere');
-- nothing has changed
SELECT FROM accord.drift();
SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = 'citext';
