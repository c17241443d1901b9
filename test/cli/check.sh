#!/usr/bin/env bash
# accord check: good files, bad files, no server; exit status 0, 1 and 2.
set -uo pipefail
source test/tools/tap.bash
folder=$(mktemp -d "${ACCORD_CLUSTER}/check.XXXXXX")

psql -XqAt <<'SQL' >/dev/null
CREATE EXTENSION pg_accord;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
CREATE TABLE "Odd ""Name""" (id integer);
SELECT accord.register_contract('flights');
SELECT accord.register_contract('"Odd ""Name"""');
SELECT accord.register_consumer('billing', role => 'postgres');
SELECT accord.subscribe('flights', 'billing', columns => '{flight_id,dep_delay}');
SQL

run() { # run ARGUMENTS…: $output, $status, $errors
    output=$(accord "$@" 2>"$folder/err")
    status=$?
    errors=$(cat "$folder/err")
}

echo 'CREATE TABLE other (i integer); ALTER TABLE flights ADD COLUMN note text;' >"$folder/good.sql"
echo 'ALTER TABLE flights ALTER COLUMN dep_delay TYPE text;' >"$folder/bad.sql"
printf -- '-- first line\n\nALTER TABLE flights\n    DROP COLUMN carrier' >"$folder/drop.sql"
printf 'ALTER TABLE flights DROPP COLUMN carrier;' >"$folder/syntax.sql"
echo 'ALTER TABLE "Odd ""Name""" RENAME COLUMN id TO "Id";' >"$folder/quoted.sql"
: >"$folder/empty.sql"

run check "$folder/good.sql"
check 'an additive change is compatible' 0 "$status"
run check "$folder/bad.sql"
check 'a retype is incompatible' 1 "$status"
check_match 'it names the rule' 'column-retyped|type-' "$output"
check_match 'it names the consumer' 'billing' "$output"
check_match 'it names the file and line' 'bad.sql:1' "$output"
run check --format json "$folder/bad.sql"
check 'in JSON too' 1 "$status"
check 'JSON parses and names the element' 'dep_delay' "$(python3 -c '
import json, sys
rows = json.load(sys.stdin)
print(",".join(sorted({"dep_delay" for r in rows if "dep_delay" in (r["element"] or "")})))' <<<"$output")"
run check "$folder/good.sql" "$folder/drop.sql"
check 'several files are one script' 1 "$status"
check_match 'and lines are those of their file' 'drop.sql:3' "$output"
run check - <"$folder/bad.sql"
check 'standard input' 1 "$status"
check_match 'named so' '<stdin>:1' "$output"
run check "$folder/quoted.sql"
check 'a name that needs quoting' 1 "$status"
run check "$folder/empty.sql"
check 'an empty file is compatible' 0 "$status"
check 'nothing was changed by any of it' 'flight_id,dep_delay,carrier' \
    "$(query "SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'flights'::regclass AND attnum > 0")"

# hazards: of tables that hold rows, by default
rules() { python3 -c 'import json, sys; print(" ".join("%s:%s" % (r["severity"], r["rule"]) for r in json.load(sys.stdin) if r["severity"] != "ok"))' <<<"$output"; }
psql -XqAt -c 'CREATE TABLE big (id integer, note text); INSERT INTO big SELECT g FROM generate_series(1, 1000) g; ANALYZE big; CREATE TABLE void (id integer, note text); ANALYZE void'
echo 'ALTER TABLE big ALTER COLUMN id TYPE bigint;' >"$folder/big.sql"
echo 'ALTER TABLE void ALTER COLUMN id TYPE bigint;' >"$folder/void.sql"
echo 'DELETE FROM void;' >"$folder/delete.sql"
run check --format json "$folder/big.sql"
check 'a hazard on a table that holds rows' '1 warning:RW06 advice:TX01' "$status $(rules)"
run check --format json "$folder/void.sql"
check 'and on one that holds none' '0 warning:RW06 advice:TX01' "$status $(rules)"
for level in error:0:0 data:1:0 warning:1:1 advice:1:1; do
    IFS=: read -r word big void <<<"$level"
    run check --fail-on "$word" "$folder/big.sql"
    check "--fail-on $word: rows" "$big" "$status"
    run check --fail-on "$word" "$folder/void.sql"
    check "--fail-on $word: no rows" "$void" "$status"
done
run check --format json --fail-on warning "$folder/delete.sql"
check 'a hazard of a script' '1 warning:DX07' "$status $(rules)"
run check "$folder/delete.sql"
check 'which by default fails nothing' 0 "$status"
(echo "SET lock_timeout = '1s';"; cat "$folder/void.sql") >"$folder/bounded.sql"
run check --format json --fail-on advice "$folder/bounded.sql"
check 'advice that is followed is not given' '1 warning:RW06' "$status $(rules)"
echo 'CREATE INDEX CONCURRENTLY ON void (id);' >"$folder/fine.sql"
run check --format json --fail-on advice "$folder/fine.sql"
check 'nothing to say at any level' '0 ' "$status $(rules)"
echo "INSERT INTO void VALUES (NULL); ANALYZE void" | psql -XqAt
echo "SET lock_timeout = '1s'; ALTER TABLE void ALTER COLUMN id SET NOT NULL;" >"$folder/fails.sql"
run check --format json --fail-on error "$folder/fails.sql"
check 'rows that make it fail are an error' '1 warning:SC01 error:MF02' "$status $(rules)"
run check --fail-on never "$folder/fails.sql"
check 'an unknown level' 2 "$status"

run check "$folder/syntax.sql"
check 'a syntax error cannot be told' 2 "$status"
check_match 'and says where' 'DROPP' "$errors"
run check "$folder/missing.sql"
check 'a missing file' 2 "$status"
check_match 'is named' 'missing.sql' "$errors"
mkdir "$folder/nothing"
run check "$folder/nothing"
check 'a folder without files' 2 "$status"
check_match 'is named' 'no SQL file in folder ".*nothing"' "$errors"
run check
check 'no file at all' 2 "$status"
run check --format yaml "$folder/good.sql"
check 'an unknown format' 2 "$status"
run check --dbname "host=$folder dbname=x" "$folder/good.sql"
check 'no server' 2 "$status"
check_match 'says so' 'accord: ' "$errors"
run check --dbname postgres "$folder/good.sql"
check 'a database without the extension' 2 "$status"
check_match 'says what to do' 'CREATE EXTENSION pg_accord' "$errors"
run check --dbname "postgres' OR 1=1" "$folder/good.sql"
check 'a database name with a quote in it' 2 "$status"

# --ephemeral: no database needed, and what only an execution can tell
cat >"$folder/prepare.sql" <<'SQL'
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
SELECT accord.register_contract('flights');
SELECT accord.register_consumer('billing');
SELECT accord.subscribe('flights', 'billing');
SQL
echo 'DO $$ BEGIN EXECUTE $d$ALTER TABLE flights DROP COLUMN dep_delay$d$; END $$;' >"$folder/do.sql"
unset PGHOST
export TMPDIR=$folder/tmp # clusters of others come and go in /tmp
chmod 711 "$folder" && mkdir -m 777 "$TMPDIR"
run check "$folder/do.sql" --dbname "host=$folder dbname=x"
before=$(ls -d "$TMPDIR"/accord.?????? 2>/dev/null | sort)
run check --ephemeral --prepare "$folder/prepare.sql" "$folder/good.sql"
check 'ephemeral: compatible' 0 "$status"
run check --ephemeral --prepare "$folder/prepare.sql" "$folder/bad.sql"
check 'ephemeral: incompatible' 1 "$status"
run check --ephemeral --prepare "$folder/prepare.sql" "$folder/do.sql"
check 'ephemeral: a DO block is told by running it' 1 "$status"
run check --ephemeral --prepare "$folder/syntax.sql" "$folder/good.sql"
check 'ephemeral: a broken preparation' 2 "$status"
check_match 'is named' 'syntax.sql' "$errors"
echo 'ALTER TABLE nowhere ADD COLUMN a integer;' >"$folder/nowhere.sql"
run check --ephemeral --prepare "$folder/prepare.sql" "$folder/nowhere.sql"
check 'ephemeral: a statement that fails' 2 "$status"
run check --ephemeral --bindir "$folder" "$folder/good.sql"
check 'ephemeral: no server in the folder' 2 "$status"
timeout -s INT 2 accord check --ephemeral --prepare <(echo 'SELECT pg_sleep(60)') "$folder/good.sql" >/dev/null 2>&1
timeout -s KILL 2 accord check --ephemeral --prepare <(echo 'SELECT pg_sleep(60)') "$folder/good.sql" >/dev/null 2>&1
left_behind() { ls -d "$TMPDIR"/accord.?????? 2>/dev/null | sort; }
for _ in {1..60}; do # a busy machine takes its time
    [[ $(left_behind) == "$before" ]] && break
    sleep 0.5
done
check 'no cluster is left behind, not by Ctrl-C nor by kill -9' "$before" "$(left_behind)"
check 'and no server' '' "$(pgrep -fa "postgres -D $TMPDIR")"
