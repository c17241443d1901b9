#!/usr/bin/env bash
# CREATE INDEX CONCURRENTLY waits for every snapshot, and a step of a migration for whoever has the table: the step gives way at once, however
# long it may wait, and the index is built.
set -uo pipefail
. test/tools/tap.bash
psql -XqAt -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION pg_accord' -c 'CREATE TABLE t (id integer PRIMARY KEY, a integer)' \
    -c "SELECT accord.register_contract('t')" >/dev/null
psql -XqAt -c 'BEGIN' -c 'INSERT INTO t VALUES (1, 1)' -c 'SELECT FROM pg_sleep(4)' -c 'COMMIT' >/dev/null &
sleep 0.5
psql -XqAt -c 'CREATE INDEX CONCURRENTLY t_a ON t (a)' &
sleep 1.5
check_match 'the step gives way, and says to whom' 'could not lock table "t".*process [0-9]+ of role "[a-z]+" holds ShareUpdateExclusiveLock and waits for this session' \
    "$(psql -XqAt -c "SET statement_timeout = '60s'" -c "SELECT accord.stage('t', 'ALTER TABLE t ALTER a TYPE bigint', lock_budget => '1 hour')" 2>&1)"
wait
check 'the index is built' t "$(query "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass")"
check 'the next try goes through' preparing "$(PGOPTIONS='-c client_min_messages=warning' query "SELECT state FROM accord.stage('t', 'ALTER TABLE t ALTER a TYPE bigint')")"
