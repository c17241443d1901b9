#!/usr/bin/env bash
# A release comes back from a dump as it was: its views, their defaults and rights, and what keeps its versions from being purged.
set -uo pipefail
source test/tools/tap.bash
run() { PGOPTIONS='-c client_min_messages=error' psql -XqAt -v ON_ERROR_STOP=1 "$@"; }
run -d postgres -c 'DROP DATABASE IF EXISTS restored WITH (FORCE)' -c 'CREATE DATABASE restored TEMPLATE template0' -c 'CREATE ROLE dump_release_app'
run >/dev/null <<'SQL'
CREATE EXTENSION pg_accord;
CREATE TABLE t (id integer PRIMARY KEY, a integer DEFAULT 5, note text);
INSERT INTO t VALUES (1, 1, 'one'), (2, 2, 'two');
GRANT SELECT, INSERT ON t TO dump_release_app;
SELECT accord.register_contract('t');
SELECT accord.create_release('before');
SELECT accord.stage('t', 'ALTER TABLE t ALTER COLUMN a TYPE bigint, ALTER COLUMN a SET DEFAULT 8; ALTER TABLE t RENAME COLUMN note TO remark', insert_null => 'default');
CALL accord.backfill('t');
SELECT accord.create_release('after', '{"t": "2"}');
SELECT accord.complete('t');
SQL
pg_dump -Fc "$PGDATABASE" >"$ACCORD_CLUSTER/release.dump" && pg_restore -d restored "$ACCORD_CLUSTER/release.dump"
check 'the dump restores without an error' 0 $?
export PGDATABASE=restored
check 'both releases are there' 'after t 2,before t 1' "$(query "SELECT string_agg(release || ' ' || versions, ',' ORDER BY release) FROM accord.releases")"
run -c "INSERT INTO release_before.t (id, note) VALUES (3, 'three')" -c "INSERT INTO release_after.t (id, remark) VALUES (4, 'four')"
check 'with their defaults' '1,2,5,8' "$(query "SELECT string_agg(a::text, ',' ORDER BY id) FROM release_before.t")"
check 'and their rights' '4' "$(query "SET ROLE dump_release_app; SELECT count(*) FROM release_after.t")"
check_match 'which keep the version' 'cannot purge version 1.0.0' "$(query "SELECT accord.purge('t')" 2>&1)"
check 'until the release is dropped' '' "$(query "SELECT accord.drop_release('before')")"
check 'then it can go' purged "$(PGOPTIONS='-c client_min_messages=error' query "SELECT state FROM accord.purge('t')")"
check 'and the next release has a number of its own' release_next "$(query "SELECT accord.create_release('next')")"
