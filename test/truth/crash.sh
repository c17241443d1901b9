#!/usr/bin/env bash
# Row 39: what no statement shows while the server runs.  The rows of an unlogged table are gone after a crash, those of a logged one are not;
# the guard says so beforehand.
set -uo pipefail
source test/tools/tap.bash
psql -Xq <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION pg_accord;
CREATE TABLE kept (id integer PRIMARY KEY);
CREATE TABLE lost (id integer PRIMARY KEY);
INSERT INTO kept SELECT generate_series(1, 3);
INSERT INTO lost SELECT generate_series(1, 3);
SELECT accord.register_contract(r), accord.register_consumer(r || '_reader', role => 'postgres') FROM unnest('{kept,lost}'::regclass[]) r \g /dev/null
SELECT accord.subscribe(r, (r || '_reader')::name, access => 'read', strictness => 'data') FROM unnest('{kept,lost}'::regclass[]) r \g /dev/null
SQL
refused=$(psql -XqAt -v VERBOSITY=verbose -c 'ALTER TABLE lost SET UNLOGGED' 2>&1)
check_match 'the guard refuses UNLOGGED for readers at strictness data' 'AC001.*rule unlogged.*Consumers affected: lost_reader' "${refused//$'\n'/ }"
check 'accord.check names them' 'unlogged silent none lost_reader' \
    "$(psql -XqAt -F ' ' -c "SELECT rule, readers, writers, array_to_string(consumers, ',') FROM accord.check('ALTER TABLE lost SET UNLOGGED') WHERE rule = 'unlogged'")"
psql -Xq -c 'SET accord.guard = off' -c 'ALTER TABLE lost SET UNLOGGED' -c 'CHECKPOINT'
check 'before the crash all rows are there' '3 3' "$(query "SELECT (SELECT count(*) FROM kept) || ' ' || (SELECT count(*) FROM lost)")"
$ACCORD_PG_CTL -m immediate restart >/dev/null 2>&1
check 'after it those of the unlogged table are not' '3 0' "$(query "SELECT (SELECT count(*) FROM kept) || ' ' || (SELECT count(*) FROM lost)")"
