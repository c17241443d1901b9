#!/usr/bin/env bash
# No memory grows with the number of statements: 100,000 that succeed and 100,000 that fail, in one session each, through kept and through
# statement-wise plans.  Measured inside the session: the total of its memory contexts and its private resident size (shared buffers
# that it touches are not its own).
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

used="SELECT (SELECT sum(total_bytes) FROM pg_backend_memory_contexts), substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+)')::bigint * 1024"

# name, SQL with @ for the number, how often, errors each time
check() {
    local name=$1 sql=$2 count=$3
    local warm=$((count < 2000 ? count : 2000))
    local errors=$((${4-0} * (count + warm)))
    {
        for ((i = 1; i <= warm; i++)); do echo "${sql//@/$i}"; done
        echo "$used;"
        awk -v sql="$sql" -v n="$count" 'BEGIN { for (i = 1; i <= n; i++) { s = sql; gsub(/@/, i, s); print s } }'
        echo "$used;"
    } | psql -XqAt -F ' ' 2>"$ACCORD_CLUSTER/errors" >"$ACCORD_CLUSTER/memory"
    read -r contexts_before resident_before < <(head -n 1 "$ACCORD_CLUSTER/memory")
    read -r contexts_after resident_after < <(tail -n 1 "$ACCORD_CLUSTER/memory")
    echo "# $name: $count statements, $(grep -c ERROR "$ACCORD_CLUSTER/errors") errors; contexts $contexts_before -> $contexts_after, resident $resident_before -> $resident_after"
    # A context may still double once; a leak of 16 bytes a statement is 1.6 MB.
    if [[ -n $contexts_after && $(wc -l <"$ACCORD_CLUSTER/memory") == 2 ]] && ((contexts_after - contexts_before < 400000 && resident_after - resident_before < 2000000)); then
        echo "ok - $name"
    else
        echo "not ok - $name"
    fi
    if [[ $errors != "$(grep -c ERROR "$ACCORD_CLUSTER/errors")" ]]; then echo "not ok - $name: expected $errors errors"; fi
}

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
