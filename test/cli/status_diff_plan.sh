#!/usr/bin/env bash
# accord status, diff and plan: good and bad input, table and JSON, without a server.
set -uo pipefail
source test/tools/tap.bash
folder=$(mktemp -d "${ACCORD_CLUSTER}/tool.XXXXXX")
run() {
    output=$(accord "$@" 2>"$folder/err")
    status=$?
    errors=$(cat "$folder/err")
}
json() { python3 -c "import json, sys; rows = json.load(sys.stdin); print($1)" <<<"$output"; }

psql -XqAt <<'SQL' >/dev/null
CREATE EXTENSION pg_accord;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
SELECT accord.register_contract('flights');
ALTER TABLE flights ADD COLUMN note text;
SQL

run status
check 'status: nothing live' '0 no live migrations' "$status $output"
run status --format json
check 'status: nothing live, JSON' '0 []' "$status $output"
run diff flights
check 'diff: the table is as published' '0 no differences' "$status $output"
run diff flights 1.0.0
check 'diff: an added column is compatible' 0 "$status"
check_match 'diff: and shown' 'note' "$output"
run diff flights 1.0.0 1.1.0 --format json
check 'diff: JSON' '0 1 minor' "$status $(json 'len(rows), rows[0]["bump"]' | tr -d "(),'")"
run diff nowhere
check 'diff: unknown table' 2 "$status"
check_match 'diff: says so' 'nowhere' "$errors"
run diff flights 7
check 'diff: unknown version' 2 "$status"
run diff "flights'; DROP TABLE flights; --"
check 'diff: injection is a name that does not exist' 2 "$status"
check 'diff: nothing happened' flights "$(query "SELECT 'flights'::regclass")"
run diff
check 'diff: no table' 2 "$status"

echo 'ALTER TABLE flights ALTER COLUMN dep_delay TYPE interval USING make_interval(mins => dep_delay);' >"$folder/retype.sql"
down='dep_delay = (extract(epoch FROM dep_delay) / 60)::integer'
run plan flights "$folder/retype.sql" --down "$down"
check 'plan: a retype' 0 "$status"
check_match 'plan: shows the dual column' '_accord_' "$output"
run plan flights "$folder/retype.sql" --down "$down" --format json
check 'plan: JSON' True "$(json 'len(rows) > 3 and all("statement" in r and "lock" in r for r in rows)')"
run plan flights "$folder/retype.sql"
check 'plan: no way back is refused' 1 "$status"
check_match 'plan: and says what is missing' 'down' "$errors"
run plan flights - --down "$down" <"$folder/retype.sql"
check 'plan: standard input' 0 "$status"
run plan flights "$folder/missing.sql"
check 'plan: a missing file' 2 "$status"
echo 'ALTER TABLE flights ALTERR' >"$folder/syntax.sql"
run plan flights "$folder/syntax.sql"
check 'plan: a syntax error' 2 "$status"
check 'plan: nothing was changed' 0 "$(query 'SELECT count(*) FROM accord_catalog.migration')"

query "SELECT accord.stage('flights', \$\$$(cat "$folder/retype.sql")\$\$, down => \$\$$down\$\$)" >/dev/null
run status
check 'status: a live migration' 0 "$status"
check_match 'status: with its next statement' 'accord.backfill' "$output"
run status --format json
check 'status: JSON' 1 "$(json 'len(rows)')"

run nonsense
check 'an unknown command' 2 "$status"
run --help
check 'help' 0 "$status"
run --version
check_match 'version' '^accord [0-9.]+$' "$output"
PGHOST=$folder run status
check 'status: no server' 2 "$status"
PGHOST=$folder run diff flights
check 'diff: no server' 2 "$status"
PGHOST=$folder run plan flights "$folder/retype.sql"
check 'plan: no server' 2 "$status"
query 'UPDATE pg_extension SET extversion = '"'0.0'"' WHERE extname = '"'pg_accord'" >/dev/null
run status
check 'an extension of another version' 2 "$status"
check_match 'names both versions' '0\.0.*' "$errors"
