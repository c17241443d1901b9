#!/usr/bin/env bash
# accord check: folders of migrations, the rendered SQL of other tools, dumps; and what is executed for real.
set -uo pipefail
source test/tools/tap.bash
folder=$(mktemp -d "${ACCORD_CLUSTER}/migrations.XXXXXX")
export TMPDIR=$folder/tmp
chmod 711 "$folder" && mkdir -m 777 "$TMPDIR"
rendered=test/cli/rendered
run() {
    output=$(accord "$@" 2>"$folder/err")
    status=$?
    errors=$(cat "$folder/err")
}
rules() { python3 -c 'import json, sys; print(" ".join("%s:%s" % (r["rule"], r["line"]) for r in json.load(sys.stdin) if r["severity"] != "ok"))' <<<"$output"; }
places() { python3 -c 'import json, sys; print(" ".join(dict.fromkeys(r["file"].split("/")[-1] for r in json.load(sys.stdin))))' <<<"$output"; }

psql -XqAt <<'SQL' >/dev/null
CREATE EXTENSION pg_accord;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
SELECT accord.register_contract('flights');
SQL

# Flyway: versions are numbers, repeatable ones come last, undo scripts do not count
flyway=$folder/flyway
mkdir -p "$flyway/deeper"
echo 'ALTER TABLE flights ADD COLUMN a integer;' >"$flyway/V1__one.sql"
echo 'ALTER TABLE flights RENAME COLUMN a TO b;' >"$flyway/V1.2__two.sql"
echo 'ALTER TABLE flights RENAME COLUMN b TO c;' >"$flyway/deeper/V1_10__ten.sql"
echo 'ALTER TABLE flights DROP COLUMN c;' >"$flyway/V20__last.sql"
echo 'ALTER TABLE flights DROP COLUMN carrier;' >"$flyway/U20__last.sql"
echo "COMMENT ON TABLE flights IS 'all';" >"$flyway/R__a_view.sql"
run check --format json "$flyway"
check 'Flyway: order' 'V1__one.sql V1.2__two.sql V1_10__ten.sql V20__last.sql R__a_view.sql' "$(places)"
check 'Flyway: each on the result of those before' 0 "$status"
run check --format json --after 1.10 "$flyway"
check 'Flyway: only the later ones, which need those before' 2 "$status"
echo 'ALTER TABLE flights DROP COLUMN carrier;' >"$flyway/V21_misnamed.sql"
run check "$flyway"
check 'Flyway: a misnamed file' 2 "$status"
check_match 'is named' 'V21_misnamed.sql" is not named' "$errors"
rm "$flyway/V21_misnamed.sql"
: >"$flyway/deeper/V20.0__again.sql"
run check "$flyway"
check 'Flyway: two of one version' 2 "$status"
check_match 'are named' 'have the same version' "$errors"
rm "$flyway/deeper/V20.0__again.sql"
run check --after x "$flyway"
check 'Flyway: --after is no version' 2 "$status"

plain=$folder/plain
mkdir "$plain"
echo 'ALTER TABLE flights ADD COLUMN a integer;' >"$plain/2_x.up.sql"
echo 'ALTER TABLE flights RENAME COLUMN a TO b;' >"$plain/10_y.up.sql"
echo 'ALTER TABLE flights DROP COLUMN carrier;' >"$plain/2_x.down.sql"
run check --format json "$plain"
check 'a plain folder: numbers in their order, what undoes left out' '0 2_x.up.sql 10_y.up.sql' "$status $(places)"
run check --after 2 "$plain"
check 'a plain folder has no versions' 2 "$status"

# rendered SQL on standard input
run check --format json - <"$rendered/django.sql"
check 'Django: what it renames and retypes, in one transaction' '1 TX01:5 column-renamed:9 type-changed:13 RW06:13 SC08:13' "$status $(rules)"
run check --format json - <"$rendered/alembic.sql"
check 'Alembic: what it retypes, and what depends on it cannot be told' '1 True' "$status $(python3 -c '
import json, sys
print(any(r["line"] == 32 and r["severity"] == "error" and r["element"] == "column \"dep_delay\"" for r in json.load(sys.stdin)))' <<<"$output")"

# only psql understands it
printf 'SELECT 1;\n\\i other.sql\n' >"$folder/psql.sql"
run check "$folder/psql.sql"
check 'a command of psql cannot be told' 2 "$status"
check_match 'is named, with its place' 'psql.sql:2: "\\i other.sql" is a command of psql' "$errors"
printf 'COPY flights FROM stdin;\n1\t\\N\tAA\n\\.\nSELECT 1;\n' >"$folder/copy.sql"
run check "$folder/copy.sql"
check 'rows after COPY cannot be told' 2 "$status"
check_match 'say so' 'copy.sql:1: "COPY … FROM stdin" reads its rows' "$errors"
printf "SELECT '\\\\i', E'\\\\'\\\\\\\\i', \"a\"\"\\\\b\", \$x\$ \\\\i \$x\$ /* /* */ \\\\i */ -- \\\\i\n;" >"$folder/quoted.sql" 2>/dev/null
cat >"$folder/quoted.sql" <<'SQL'
SELECT '\i', E'\'\\i', $x$ \i $ $$ $x$ AS "a""\b" /* /* */ \i */ -- \i
;
SQL
run check "$folder/quoted.sql"
check 'a backslash in quotes or in a comment is none' 0 "$status"

# for real, in a throw-away cluster
unset PGHOST
ephemeral() { run check --ephemeral "$@"; }
cat >"$folder/contracts.sql" <<'SQL'
SELECT accord.register_contract('flights');
SELECT accord.register_consumer('billing');
SELECT accord.subscribe('flights', 'billing', columns => '{flight_id,dep_delay,carrier}');
SQL
ephemeral --prepare "$rendered/rails_structure.sql" --contracts "$folder/contracts.sql" --format json - <"$rendered/alembic.sql"
check 'Alembic for real: CONCURRENTLY outside, savepoints inside its transactions; nothing is left unknown' \
    '1 TX01:20 type-changed:32 RW06:32 DM02:34' "$status $(rules)"
ephemeral --prepare "$rendered/rails_structure.sql" --contracts "$folder/contracts.sql" --format json - <"$rendered/django.sql"
check 'Django for real, on the structure of Rails' '1 TX01:5 column-renamed:9 type-changed:13 RW06:13 SC08:13' "$status $(rules)"
cat >"$folder/block.sql" <<'SQL'
BEGIN;
DO $$ BEGIN EXECUTE 'ALTER TABLE flights DROP COLUMN dep_delay'; END $$;
ALTER TABLE flights ADD COLUMN dep_delay text;
SAVEPOINT s;
DO $$ BEGIN EXECUTE 'ALTER TABLE flights RENAME COLUMN carrier TO airline'; END $$;
ROLLBACK TO s;
UPDATE flights SET carrier = 'x';
COMMIT;
SQL
ephemeral --prepare "$rendered/rails_structure.sql" --contracts "$folder/contracts.sql" --format json "$folder/block.sql"
check 'refusals inside a transaction block, by rule' '1 column-dropped:2 type-changed:3 column-renamed:5 DX07:7' "$status $(rules)"
printf 'BEGIN;\nCREATE INDEX CONCURRENTLY i ON flights (carrier);\nCOMMIT;\n' >"$folder/fails.sql"
ephemeral --prepare "$rendered/rails_structure.sql" --contracts "$folder/contracts.sql" --format json "$folder/fails.sql"
check 'what fails when it is executed' '1 IX08:2 statement-failed:2' "$status $(rules)"
check_match 'says so' 'fails.sql:2: .*cannot run inside a transaction block' "$errors"

# Flyway for real: those up to a version, then the contracts, then the rest is judged
rm -r "$flyway"
mkdir "$flyway"
echo 'CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer);' >"$flyway/V1__flights.sql"
echo 'ALTER TABLE flights ADD COLUMN carrier text;' >"$flyway/V2__carrier.sql"
echo 'ALTER TABLE flights DROP COLUMN dep_delay;' >"$flyway/V3__drop.sql"
ephemeral --after 2 --contracts "$folder/contracts.sql" --format json "$flyway"
check 'Flyway for real' '1 column-dropped:1 TX01:1 V3__drop.sql' "$status $(rules) $(places)"
ephemeral --format json "$flyway"
check 'without a contract nothing is incompatible' 0 "$status"
check_match 'and it is said' 'there is no contract' "$errors"

# dumps: tables and contracts of a database, with roles that exist nowhere else
export PGHOST=$ACCORD_CLUSTER/run
psql -XqAt <<'SQL' >/dev/null
CREATE ROLE check_reader;
CREATE ROLE "check ""odd""";
GRANT SELECT ON flights TO check_reader, "check ""odd""";
SELECT accord.register_consumer('reports', role => 'check_reader');
SELECT accord.subscribe('flights', 'reports', access => 'read');
INSERT INTO flights VALUES (1, 2, 'AA');
SQL
pg_dump -s >"$folder/schema.sql"
pg_dump -a -t 'accord_catalog.*' >"$folder/catalog.sql"
pg_dump -Fc >"$folder/all.dump"
pg_dump -Fd -f "$folder/all.dir"
psql -XqAt -c 'DROP OWNED BY check_reader, "check ""odd"""; DROP ROLE check_reader, "check ""odd"""'
unset PGHOST
echo 'REVOKE SELECT ON flights FROM check_reader;' >"$folder/revoke.sql"
ephemeral --prepare "$folder/schema.sql" --contracts "$folder/catalog.sql" --format json "$folder/revoke.sql"
check 'a dump of the schema and one of the contracts' '1 privilege-revoked:1' "$status $(rules)"
ephemeral --contracts "$folder/all.dump" "$folder/revoke.sql"
check 'a dump of everything, in the custom format' 1 "$status"
check_match 'names the consumer' reports "$output"
ephemeral --contracts "$folder/all.dir" "$folder/revoke.sql"
check 'and as a folder' 1 "$status"
head -c 100 "$folder/all.dump" >"$folder/cut.dump"
ephemeral --contracts "$folder/cut.dump" "$folder/revoke.sql"
check 'a dump that is cut off' 2 "$status"
check_match 'is named' 'could not read the dump .*cut.dump' "$errors"
ephemeral --contracts "$folder/missing.sql" "$folder/revoke.sql"
check 'a file that is not there' 2 "$status"
check 'nothing is left behind' '' "$(ls "$TMPDIR")"
