-- Six live versions of one table: a random writer through a random version, and random steps of the migrations in any legal order.  At every
-- commit all versions and a ledger kept beside them say the same, and no step is taken out of order.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/migration.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
CREATE TABLE t (id integer PRIMARY KEY, a integer, b text NOT NULL DEFAULT 'p-q', c integer NOT NULL);
SELECT accord.register_contract('t');
-- what leads from one level to the next, and how a level says (id, a, b, c)
CREATE TABLE level (number integer, ddl text, up text, down text, a text, b text, c text);
INSERT INTO level VALUES
    (1, NULL, NULL, NULL, 'a', 'b', 'c'),
    (2, 'ALTER TABLE t ALTER a TYPE bigint', NULL, NULL, 'a', 'b', 'c'),
    (3, 'ALTER TABLE t RENAME a TO amount; ALTER TABLE t ALTER amount TYPE numeric', NULL, NULL, 'amount', 'b', 'c'),
    (4, 'ALTER TABLE t ADD b1 text NOT NULL, ADD b2 text NOT NULL, DROP b', 'b1 = split_part(b, ''-'', 1), b2 = split_part(b, ''-'', 2)', 'b = b1 || ''-'' || b2', 'amount', 'b1 || ''-'' || b2', 'c'),
    (5, 'ALTER TABLE t ALTER amount TYPE text', NULL, 'amount = amount::numeric', 'amount::numeric', 'b1 || ''-'' || b2', 'c'),
    (6, 'ALTER TABLE t RENAME b1 TO head; ALTER TABLE t ALTER c TYPE text', NULL, 'c = c::integer', 'amount::numeric', 'head || ''-'' || b2', 'c::integer');
CREATE TABLE ledger (id integer PRIMARY KEY, a numeric, b text, c integer);
CREATE TABLE live (number integer, view text, migration bigint);
CREATE TABLE done (step text, version_count integer);

-- Rows in which two versions, or a version and the ledger, differ.
CREATE FUNCTION differences() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    query text;
    found bigint;
BEGIN
    SELECT string_agg(format('SELECT id, (%s)::numeric AS a, %s AS b, %s AS c FROM %s', l.a, l.b, l.c, v.view), ' UNION ALL ') INTO query
      FROM live v JOIN level l USING (number);
    EXECUTE format('SELECT count(*) FROM (SELECT id FROM (%s UNION ALL SELECT * FROM ledger) u GROUP BY id'
                   ' HAVING count(*) <> %s OR count(DISTINCT (a, b, c)) <> 1) x', query, (SELECT count(*) + 1 FROM live)) INTO found;
    RETURN found;
END $$;

CREATE PROCEDURE write_somewhere() LANGUAGE plpgsql AS $$
DECLARE
    v record;
    key integer := 1 + floor(random() * 20);
    n integer := floor(random() * 2000) - 1000;
    p text := chr(97 + floor(random() * 26)::integer);
    q text := chr(97 + floor(random() * 26)::integer);
    amount integer := CASE WHEN random() < 0.1 THEN NULL ELSE n END;
    what double precision := random();
    a_name text;
    a_value text;
    b_names text;
    b_values text;
BEGIN
    SELECT * INTO v FROM live ORDER BY random() LIMIT 1;
    a_name := CASE WHEN v.number < 3 THEN 'a' ELSE 'amount' END;
    a_value := CASE WHEN v.number < 5 THEN coalesce(amount::text, 'NULL') ELSE quote_nullable(amount) END;
    b_names := CASE WHEN v.number < 4 THEN 'b' WHEN v.number = 6 THEN 'head, b2' ELSE 'b1, b2' END;
    b_values := CASE WHEN v.number < 4 THEN quote_literal(p || '-' || q) ELSE format('%L, %L', p, q) END;
    IF what < 0.15 THEN
        EXECUTE format('DELETE FROM %s WHERE id = %s', v.view, key);
        DELETE FROM ledger WHERE id = key;
    ELSIF what < 0.55 THEN
        EXECUTE format('UPDATE %s SET %s = %s WHERE id = %s', v.view, a_name, a_value, key);
        UPDATE ledger SET a = amount WHERE id = key;
    ELSIF what < 0.7 THEN
        EXECUTE format('UPDATE %s SET (%s) = ROW(%s) WHERE id = %s', v.view, b_names, b_values, key);
        UPDATE ledger SET b = p || '-' || q WHERE id = key;
    ELSE
        EXECUTE format('INSERT INTO %s (id, %s, %s, c) VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET c = excluded.c', v.view,
                       a_name, b_names, key, a_value, b_values, CASE WHEN v.number < 6 THEN n::text ELSE quote_literal(n) END);
        INSERT INTO ledger VALUES (key, amount, p || '-' || q, n) ON CONFLICT (id) DO UPDATE SET c = excluded.c;
    END IF;
END $$;

-- What is out of order is refused: only the newest migration is rolled back, only the oldest one completed or purged.
CREATE PROCEDURE steps_out_of_order() LANGUAGE plpgsql AS $$
DECLARE
    refused text;
    attempt text;
BEGIN
    FOR attempt IN
        SELECT format('SELECT accord.%s(''t'', %L)', step, s.to_version) FROM accord.status s, unnest('{rollback,complete,purge}'::text[]) step
         WHERE CASE step WHEN 'rollback' THEN EXISTS (SELECT FROM accord.status o WHERE o.migration > s.migration)
                         WHEN 'complete' THEN EXISTS (SELECT FROM accord.status o WHERE o.migration < s.migration AND o.state <> 'completed')
                         ELSE EXISTS (SELECT FROM accord.status o WHERE o.migration < s.migration) END
    LOOP
        refused := NULL;
        BEGIN
            EXECUTE attempt;
        EXCEPTION WHEN SQLSTATE 'AC003' THEN
            refused := SQLERRM;
        END;
        IF refused IS NULL THEN RAISE EXCEPTION 'not refused: %', attempt; END IF;
    END LOOP;
END $$;

-- One legal step: stage the next level, complete, purge the oldest, roll back the newest.
CREATE PROCEDURE step_somewhere() LANGUAGE plpgsql AS $$
DECLARE
    top integer := (SELECT max(number) FROM live);
    next level;
    chosen text;
    to_version text;
    staged record;
BEGIN
    SELECT step, version INTO chosen, to_version FROM (
        SELECT 'stage' AS step, NULL AS version WHERE top < 6
        UNION ALL (SELECT 'complete', s.to_version FROM accord.status s WHERE state = 'active' ORDER BY migration LIMIT 1)
        UNION ALL (SELECT 'purge', s.to_version FROM accord.status s WHERE migration = (SELECT min(migration) FROM accord.status) AND state = 'completed' AND random() < 0.3)
        UNION ALL (SELECT 'rollback', s.to_version FROM accord.status s ORDER BY migration DESC LIMIT 1)) legal
     ORDER BY random() * CASE step WHEN 'stage' THEN 0.5 ELSE 1 END LIMIT 1;
    CASE chosen
    WHEN 'stage' THEN
        SELECT * INTO next FROM level WHERE number = top + 1;
        SELECT * INTO staged FROM accord.stage('t', next.ddl, up => next.up, down => next.down, insert_null => 'default');
        INSERT INTO live SELECT top + 1, staged.view, staged.migration;
        INSERT INTO live SELECT top, format('%I.t', m.from_schema), NULL FROM accord.migrations m WHERE m.migration = staged.migration
           AND NOT EXISTS (SELECT FROM live WHERE view LIKE '%.%' AND number = top);
        DELETE FROM live WHERE view = 't';
        CALL fill('t');
    WHEN 'complete' THEN
        PERFORM accord.complete('t', to_version);
    WHEN 'purge' THEN
        PERFORM accord.purge('t', to_version);
        DELETE FROM live WHERE number = (SELECT min(number) FROM live);
    ELSE
        PERFORM accord.rollback('t', to_version);
        DELETE FROM live WHERE number = top;
    END CASE;
    -- without a migration the table itself is the version
    IF NOT EXISTS (SELECT FROM accord.status) THEN UPDATE live SET view = 't'; END IF;
    INSERT INTO done VALUES (chosen, (SELECT count(*) FROM live));
END $$;

CREATE PROCEDURE life(steps integer) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. steps LOOP
        FOR w IN 1 .. 4 LOOP
            CALL write_somewhere();
            IF differences() > 0 THEN RAISE EXCEPTION 'after a write: % rows differ, step %', differences(), i; END IF;
        END LOOP;
        COMMIT;
        CALL steps_out_of_order();
        CALL step_somewhere();
        IF differences() > 0 THEN RAISE EXCEPTION 'after %: % rows differ, step %', (SELECT step FROM done ORDER BY ctid DESC LIMIT 1), differences(), i; END IF;
        COMMIT;
    END LOOP;
END $$;

INSERT INTO t SELECT g, g, 'x-y', g FROM generate_series(1, 10) g;
INSERT INTO ledger SELECT * FROM t;
INSERT INTO live VALUES (1, 't', NULL);
SELECT setseed(0.4);
CALL life(60);
SELECT bool_or(version_count = 6) AS had_six, count(DISTINCT step) AS kinds FROM done;
SELECT setseed(-0.7);
CALL life(40);
SELECT count(*) FROM done;
