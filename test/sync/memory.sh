#!/usr/bin/env bash
# No memory grows with the number of statements: 100,000 that succeed and 100,000 that fail, in one session each, through kept and through
# statement-wise plans.
set -uo pipefail
statements=${STATEMENTS:-10000} # sent one by one; ten times as many run inside blocks

psql -Xq -v ON_ERROR_STOP=1 <<'SQL' >/dev/null
SET client_min_messages = warning;
CREATE EXTENSION pg_accord;
\i test/fixtures/hand_staged.sql
CREATE FUNCTION checked(integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN IF $1 < 0 THEN RAISE 'negative'; END IF; RETURN $1; END $$;
CREATE TABLE plain (id integer PRIMARY KEY, a integer, note text);
CREATE TABLE wide (id integer PRIMARY KEY, a integer, note text);
INSERT INTO plain SELECT i, i, 'x' FROM generate_series(1, 100) i;
INSERT INTO wide SELECT i, i, 'x' FROM generate_series(1, 100) i;
SELECT hand.stage('plain', '{"a": "smallint", "note": "text"}', hand.pair('{a}', '{a}', '{a}', '{a}'), hand.pair('{note}', '{note}', '{upper(note)}', '{lower(note)}'));
SELECT hand.stage('wide', '{"a": "text"}', hand.pair('{a}', '{a}', '{checked(a)}', '{a::integer}'));
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := NEW.note || ''; RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON wide FOR EACH ROW EXECUTE FUNCTION touch();
SQL

. test/sync/memory.bash

check 'updates' 'UPDATE plain SET a = @ % 1000 WHERE id = 1 + @ % 100;' "$statements"
check 'updates in blocks' 'DO $$ BEGIN FOR i IN 1..100 LOOP UPDATE plain SET a = i + @ % 100 WHERE id = i; END LOOP; END $$;' $((statements / 10))
check 'updates with functions in PL/pgSQL and a user trigger' 'UPDATE wide SET a = @ WHERE id = 1 + @ % 100;' $((statements / 2))
check 'values that the other version cannot hold' 'UPDATE plain SET a = 100000 + @ WHERE id = 1;' "$statements" 1
check 'values that the other version cannot hold, caught' 'DO $$ BEGIN FOR i IN 1..100 LOOP BEGIN UPDATE plain SET a = 100000 + i + @ WHERE id = i; EXCEPTION WHEN numeric_value_out_of_range THEN NULL; END; END LOOP; END $$;' $((statements / 10))
check 'functions that raise' 'UPDATE wide SET a = -@ WHERE id = 1;' $((statements / 5)) 1
check 'conflicting values' 'UPDATE plain SET note = $$n @$$, _accord_1_note = $$m$$ WHERE id = 1;' $((statements / 5)) 1
check 'inserts and deletes' 'INSERT INTO plain (id, a) VALUES (1000 + @, 1); DELETE FROM plain WHERE id = 1000 + @;' $((statements / 5))
check 'a program that is made again for each statement' 'ALTER TABLE plain ALTER note SET STATISTICS 100; UPDATE plain SET a = @ % 10 WHERE id = 1;' $((statements / 20))
psql -XqAt -c "ALTER FUNCTION checked(integer) RENAME TO checked_gone"
check 'a program that cannot be made' 'UPDATE wide SET a = @ WHERE id = 1;' $((statements / 20)) 1
