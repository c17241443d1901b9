-- Random writes through both versions and the base table, with and without user triggers, against an oracle.
\getenv root PG_ABS_SRCDIR
\set fixture :root '/test/fixtures/hand_staged.sql'
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
\set ECHO none
\i :fixture
\set ECHO all
-- After each statement that succeeds: no row violates a pair, no row that was written is pending, and what the writer wrote is what he reads back
-- through the version that he wrote through.  A statement may fail only with the errors that are ours to give (AC005, AC006, 22xxx).
CREATE TABLE t (id integer PRIMARY KEY, a integer, s text, tag text, other integer DEFAULT 0);
INSERT INTO t SELECT i, i, 's' || i, 'x' FROM generate_series(1, 30) i;
SELECT hand.stage('t', '{"a": "numeric(12,2)", "label": "text"}',
    hand.pair('{a}', '{a}', '{a}', '{round(a)::integer}'),
    hand.pair('{s,tag}', '{label}', ARRAY['coalesce(s, '''') || ''/'' || coalesce(tag, '''')'],
              ARRAY['split_part(label, ''/'', 1)', 'split_part(label, ''/'', 2)'])) IS NOT NULL AS staged;
SELECT hand.stage('t', '{"cents": "bigint"}', hand.pair('{a}', '{cents}', '{(a * 100)::bigint}', '{cents / 100.0}')) IS NOT NULL AS staged;

CREATE FUNCTION change_old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.other % 3 = 1 THEN NEW.a := coalesce(NEW.a, 0) + 1; END IF; RETURN NEW; END $$;
CREATE FUNCTION change_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.other % 3 = 2 THEN NEW._accord_1_label := upper(NEW._accord_1_label); END IF; RETURN NEW; END $$;
CREATE FUNCTION nest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() = 1 AND NEW.other % 5 = 0 THEN
        UPDATE t_v2.t SET a = a + 0.25 WHERE id = 1 + (NEW.id + 7) % 30 AND id <> NEW.id;
        IF NEW.other % 10 = 0 THEN RETURN NULL; END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION run(seed double precision, steps integer, triggers boolean) RETURNS TABLE (statements bigint, refused bigint, problems text) LANGUAGE plpgsql AS $$
DECLARE
    kind integer; version integer; key integer; shift integer := 0;
    number numeric; word text; other integer;
    statement text; got record; codes text[] := '{}'; code text; bad text;
BEGIN
    PERFORM setseed(seed);
    statements := 0; refused := 0;
    FOR step IN 1..steps LOOP
        kind := floor(random() * 8); version := 1 + floor(random() * 3); key := 1 + floor(random() * 30);
        number := CASE WHEN random() < 0.1 THEN NULL WHEN random() < 0.05 THEN 9999999999 ELSE (floor(random() * 4000) - 2000) / CASE version WHEN 1 THEN 1.0 ELSE 100.0 END END;
        IF version = 1 THEN number := trunc(number); END IF;
        word := CASE WHEN random() < 0.1 THEN NULL ELSE substr(md5(random()::text), 1, 3) END;
        other := CASE WHEN triggers THEN floor(random() * 30) ELSE 0 END;
        statement := CASE kind
            WHEN 0 THEN format('UPDATE t_v%s.t SET %s, other = %s WHERE id = %s', version,
                CASE version WHEN 1 THEN format('a = %L', number) WHEN 2 THEN format('a = %L', number) ELSE format('cents = %L', (number * 100)::bigint) END, other, key)
            WHEN 1 THEN format('UPDATE t_v%s.t SET %s, other = %s WHERE id = %s', version,
                CASE version WHEN 1 THEN format('s = %L', word) ELSE format('label = %L', word || '/' || key) END, other, key)
            WHEN 2 THEN format('INSERT INTO t_v%s.t (id, %s, other) VALUES (%s, %L, %s) ON CONFLICT (id) DO UPDATE SET %2$s = EXCLUDED.%2$s, other = EXCLUDED.other',
                version, CASE version WHEN 3 THEN 'cents' ELSE 'a' END, key, CASE version WHEN 3 THEN (number * 100)::bigint ELSE number END, other)
            WHEN 3 THEN format('DELETE FROM t_v%s.t WHERE id = %s', version, key)
            WHEN 4 THEN format('UPDATE t SET other = %s WHERE id BETWEEN %s AND %s', other, key, key + 3)
            WHEN 5 THEN format('INSERT INTO t_v%s.t (id) VALUES (%s) ON CONFLICT DO NOTHING', version, key)
            -- a save of the whole row as it is read through that version
            WHEN 6 THEN (SELECT format('UPDATE t_v%s.t AS x SET (%2$s) = (SELECT %2$s FROM t_v%1$s.t y WHERE y.id = x.id) WHERE id = %3$s', version,
                CASE version WHEN 1 THEN 'a, s, tag' WHEN 2 THEN 'a, label' ELSE 'cents, label' END, key))
            WHEN 7 THEN format('UPDATE t SET a = %L, _accord_1_a = %L WHERE id = %s', trunc(number), CASE WHEN random() < 0.5 THEN number ELSE 1 END, key)
        END;
        BEGIN
            IF kind = 6 THEN CREATE TEMPORARY TABLE before ON COMMIT DROP AS SELECT * FROM t WHERE id = key; END IF;
            EXECUTE statement;
            statements := statements + 1;
            IF kind = 6 AND NOT triggers THEN
                SELECT string_agg(format('%s: saving row %s whole changed it', step, key), '; ') INTO bad FROM t JOIN before b USING (id)
                 WHERE NOT b._accord_1_pending IS TRUE AND NOT b._accord_2_pending IS TRUE AND t IS DISTINCT FROM b::text::t;
                IF bad IS NOT NULL THEN problems := concat_ws('; ', problems, bad); END IF;
            END IF;
            IF kind IN (0, 2) AND NOT triggers THEN
                EXECUTE format('SELECT string_agg(format(''%%s: row %%s reads %%s'', %1$s, id, %2$s), ''; '') FROM t_v%3$s.t WHERE id = %4$s AND %2$s IS DISTINCT FROM %5$L',
                    step, CASE version WHEN 3 THEN 'cents' ELSE 'a' END, version, key, CASE version WHEN 3 THEN (number * 100)::bigint ELSE number END) INTO bad;
                IF bad IS NOT NULL THEN problems := concat_ws('; ', problems, bad || ' after ' || statement); END IF;
            END IF;
            IF kind = 6 THEN DROP TABLE before; END IF;
        EXCEPTION WHEN OTHERS THEN
            refused := refused + 1;
            IF SQLSTATE !~ '^(AC00[56]|22)' THEN problems := concat_ws('; ', problems, step || ': ' || SQLSTATE || ' ' || SQLERRM || ' in ' || statement); END IF;
        END;
        SELECT string_agg(v, '; ') INTO bad FROM hand.violations('t') v;
        IF bad IS NOT NULL THEN problems := concat_ws('; ', problems, step || ': ' || bad || ' after ' || statement); END IF;
        EXIT WHEN length(problems) > 1000;
    END LOOP;
    RETURN NEXT;
END $$;

SELECT problems, statements > 80 AS enough_statements, refused > 0 AS some_refused FROM run(0.1, 150, false);
SELECT problems, statements > 80 AS enough_statements, refused > 0 AS some_refused FROM run(0.2, 150, false);
CREATE TRIGGER change_old BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION change_old();
SELECT problems, statements > 80 AS enough_statements FROM run(0.3, 150, true);
CREATE TRIGGER change_new BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION change_new();
SELECT problems, statements > 80 AS enough_statements FROM run(0.4, 150, true);
CREATE TRIGGER nest BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION nest();
SELECT problems, statements > 80 AS enough_statements FROM run(0.5, 150, true);
SELECT count(*) > 10 AS rows_left, count(*) FILTER (WHERE _accord_1_pending) < 30 AS some_filled FROM t;
