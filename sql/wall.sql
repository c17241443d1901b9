-- The wall: errors cross between PostgreSQL and C++ with nothing lost on either side.
CREATE EXTENSION pg_accord;
CREATE SCHEMA wall;
CREATE EXTENSION wall_test;

-- every kind of exception becomes an ordinary error, and every live object is destroyed
\set SHOW_CONTEXT never
SELECT wall.misbehave('failure');
\set VERBOSITY sqlstate
SELECT wall.misbehave('failure');
SELECT wall.misbehave('std');
SELECT wall.misbehave('int');
SELECT wall.misbehave('out of memory');
SELECT wall.misbehave('ereport');
SELECT wall.misbehave('spi');
SELECT wall.misbehave('spi failure');
SELECT wall.misbehave('spi spi failure');
SELECT wall.misbehave('spi std');
SELECT wall.misbehave('failure under pg');
SELECT wall.misbehave('in another identity');
SELECT wall.misbehave(NULL);
SELECT wall.misbehave('no such kind');
\set VERBOSITY default
SELECT wall.alive(), wall.destroyed(), wall.exceptions_in_flight();

-- identity and settings are back after an error
SELECT current_user = session_user AS same_user, current_setting('search_path') AS search_path;

-- PostgreSQL's own errors keep their text
SELECT wall.misbehave('ereport');
SELECT wall.misbehave('spi');

-- cancelled in the middle
SELECT wall.destroyed() > 0 AS reset;
SET statement_timeout = '100ms';
\set VERBOSITY sqlstate
SELECT wall.misbehave('sleep');
SELECT wall.misbehave('spi sleep');
\set VERBOSITY default
RESET statement_timeout;
SELECT wall.alive(), wall.destroyed();

-- caught in a subtransaction, the session goes on and what the subtransaction did is undone
CREATE TABLE wall.t (i integer CHECK (i > 0));
SELECT kind, wall.caught(kind)
  FROM unnest('{failure,ereport,spi,spi failure,spi spi failure,failure under pg,in another identity}'::text[]) AS kind;
SELECT wall.committed('INSERT INTO wall.t VALUES (1)'), wall.committed('INSERT INTO wall.t VALUES (2), (-1)');
SELECT * FROM wall.t;
SELECT current_user = session_user AS same_user, current_setting('search_path') AS search_path, wall.alive();
-- but a cancel is never swallowed
SET statement_timeout = '100ms';
SELECT wall.caught('sleep');
RESET statement_timeout;

-- 100,000 failing calls do not grow the session
CREATE FUNCTION wall.fail_often(kind text, times integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    failed integer := 0;
BEGIN
    FOR i IN 1 .. times LOOP
        BEGIN
            PERFORM wall.misbehave(kind);
        EXCEPTION WHEN OTHERS THEN
            failed := failed + 1;
        END;
    END LOOP;
    RETURN failed;
END
$$;
CREATE TEMPORARY TABLE memory (round integer, resident bigint, contexts numeric);
SELECT wall.fail_often('failure', 2000) + wall.fail_often('ereport', 2000) + wall.fail_often('spi failure', 2000) AS warm_up;
INSERT INTO memory SELECT 1, wall.resident(), sum(used_bytes) FROM pg_backend_memory_contexts;
SELECT wall.fail_often('failure', 40000), wall.fail_often('ereport', 40000), wall.fail_often('spi failure', 20000);
INSERT INTO memory SELECT 2, wall.resident(), sum(used_bytes) FROM pg_backend_memory_contexts;
SELECT b.resident - a.resident < 2048 AS resident_grew_less_than_2_mb,
       b.contexts - a.contexts < 262144 AS contexts_grew_less_than_256_kb
  FROM memory a, memory b WHERE a.round = 1 AND b.round = 2;
SELECT wall.alive();

DROP FUNCTION wall.fail_often;
DROP TABLE wall.t;
DROP EXTENSION wall_test;
DROP SCHEMA wall;
