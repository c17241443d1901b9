#!/usr/bin/env bash
# No memory grows with the number of judgements of the guard in a session, nor with the number of batches of a backfill.
set -uo pipefail
. test/sync/memory.bash
judgements=${JUDGEMENTS:-10000} rows=${ROWS:-200000}

psql -Xq -v ON_ERROR_STOP=1 <<SQL >/dev/null
SET client_min_messages = warning;
CREATE EXTENSION pg_accord;
CREATE TABLE guarded (id integer PRIMARY KEY, a integer, note text);
SELECT accord.register_contract('guarded');
CREATE TABLE filled (id integer, a integer, note text) WITH (autovacuum_enabled = off);
INSERT INTO filled SELECT i, i, repeat('x', 40) FROM generate_series(1, $rows) i;
SELECT accord.register_contract('filled');
SELECT accord.stage('filled', 'ALTER TABLE filled ALTER COLUMN a TYPE text USING a::text', down => 'a = a::integer');
SQL

check 'changes that the guard refuses' 'ALTER TABLE guarded ALTER a TYPE text;' "$judgements" 1
check 'changes that the guard lets pass' 'ALTER TABLE guarded ALTER note SET STATISTICS 100;' "$judgements"

# A worker is another process: its private memory after a fifth of the rows and near the end.  A batch is as small as it can be.
ask() { psql -XqAt -v ON_ERROR_STOP=1 -c "SET client_min_messages = warning" -c "$1"; }
share() { ask "SELECT coalesce(100 * sum(blocks_done) / nullif(sum(blocks), 0), 0)::integer FROM accord_catalog.backfill_heap"; }
resident() { sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$1/status"; }
first_xid=$(ask "SELECT pg_current_xact_id()")
ask "SELECT accord.start_backfill('filled', batch_ms => 1)" >/dev/null
early='' late='' pid=''
for ((i = 0; i < 6000; i++)); do
    pid=$(ask "SELECT pid FROM pg_stat_activity WHERE backend_type = 'pg_accord'")
    done_now=$(share)
    if [[ -n $pid ]] && now=$(resident "$pid" 2>/dev/null) && [[ -n $now ]]; then
        if [[ -z $early ]] && ((done_now >= 10)); then early=$now early_xid=$(ask "SELECT pg_current_xact_id()"); fi
        # what opens the version at the end is no batch
        if [[ -n $early ]] && ((done_now < 95)); then late=$now late_xid=$(ask "SELECT pg_current_xact_id()"); fi
    fi
    [[ $(ask "SELECT count(*) FROM accord_catalog.migration WHERE state = 'preparing'") == 0 ]] && break
    sleep 0.02
done
echo "# worker: transactions $first_xid, $early_xid, $late_xid; resident $early kB -> $late kB"
# 16 bytes a batch would be little; what is refused is a growth that comes with them: a tenth of a kB each, with half a MB for the allocator.
if [[ -n $late ]] && ((late_xid - early_xid > 100 && late - early < 512 + (late_xid - early_xid) / 10)); then
    echo "ok - a backfill worker over $((late_xid - early_xid)) batches"
else
    echo "not ok - a backfill worker over $((${late_xid:-0} - ${early_xid:-0})) batches"
fi
