#!/usr/bin/env bash
# A table's life under load: clients of the old version move money all the time, while a migration is staged, filled, completed, undone, staged
# again, completed and purged; clients of the new version move money as soon as there is one.  None of them may see an error, and at the end
# every row of every table is asked: nothing was lost, made or degraded.
#
# The old version keeps cents in an integer; the new one has an exact amount, under another name, and a key of eight bytes.
set -uo pipefail
logs=$ACCORD_CLUSTER
. test/tools/at_work.bash
accounts=2000

quiet "CREATE EXTENSION pg_accord" 2>/dev/null
psql -Xq -v ON_ERROR_STOP=1 -v accounts=$accounts <<'SQL'
SET client_min_messages = warning;
CREATE TABLE account (id integer PRIMARY KEY, cents integer NOT NULL DEFAULT 0 CHECK (cents > -100000000), owner text, CONSTRAINT one_owner UNIQUE (owner));
CREATE INDEX by_cents ON account (cents);
CREATE TABLE ledger (account bigint NOT NULL, cents bigint NOT NULL);
INSERT INTO account SELECT g, 100000, 'owner ' || g FROM generate_series(1, :accounts) g;
SELECT accord.register_contract('account') \g /dev/null
SQL

# Money is moved between two accounts, the lower number first, and written down.  An owner's name is saved as a whole row saves it.
cat >"$logs/old.sql" <<SQL
\set a random(1, $accounts - 1)
\set b random(:a + 1, $accounts)
\set sum random(1, 500)
BEGIN;
UPDATE account SET cents = cents - :sum::integer WHERE id = :a;
UPDATE account SET cents = cents + :sum::integer WHERE id = :b;
INSERT INTO ledger VALUES (:a, 0 - :sum::integer), (:b, :sum::integer);
COMMIT;
SQL
cat >"$logs/old_save.sql" <<SQL
\set a random(1, $accounts)
UPDATE account SET id = :a, cents = cents, owner = 'owner ' || :a WHERE id = :a;
SELECT id, cents, owner FROM account WHERE id = :a;
SQL
cat >"$logs/old_come_and_go.sql" <<SQL
\set a random($accounts + 1, 1000000)
INSERT INTO account (id, owner) VALUES (:a + 1000000 * :client_id, 'guest ' || :a || ' of ' || :client_id) ON CONFLICT (id) DO UPDATE SET owner = EXCLUDED.owner;
DELETE FROM account WHERE id = :a + 1000000 * :client_id AND cents = 0;
SQL
sed -e 's/cents/amount/g' -e 's/:sum::integer WHERE/:sum::integer \/ 100.0 WHERE/' "$logs/old.sql" >"$logs/new.sql"
sed -e 's/cents/amount/g' "$logs/old_save.sql" >"$logs/new_save.sql"
sed -e 's/cents/amount/g' -e 's/1000000 \* :client_id/1000000 * (100 + :client_id)/g' -e "s/' of '/' at '/" "$logs/old_come_and_go.sql" >"$logs/new_come_and_go.sql"

start() { # start NAME VERSION SCHEMA MODE
    PGOPTIONS="-c search_path=$3,public -c client_min_messages=warning" pgbench -n -M "$4" -c 2 -j 1 -T 600 -R 150 \
        -f "$logs/$2.sql@4" -f "$logs/$2_save.sql@3" -f "$logs/$2_come_and_go.sql@2" >"$logs/$1.out" 2>"$logs/$1.err" &
    clients[$1]=$!
}
wait_state() { # wait_state STATE
    for ((i = 0; i < 300; i++)); do
        [[ $(query "SELECT state FROM accord.status") == "$1" ]] && return
        sleep 0.1
    done
}
change="ALTER TABLE account ALTER COLUMN id TYPE bigint, ALTER COLUMN cents TYPE numeric(12,2); ALTER TABLE account RENAME COLUMN cents TO amount"
stage="SELECT state FROM accord.stage('account', \$\$$change\$\$, up => 'amount = cents / 100.0', down => 'cents = round(amount * 100)')"
verified() { check "$1: every row says the same in both versions" 'ok' "$(query "SELECT string_agg(DISTINCT verdict, ' ') FROM accord.verify('account')")"; }

start old old account_v1 simple  # finds the table itself until there is such a schema
start old_prepared old public prepared
beat 'before'
step 'stage' preparing "$stage"
beat 'while rows are pending'
quiet "CALL accord.backfill('account')"
wait_state active
check 'the new version is open' active "$(query 'SELECT state FROM accord.status')"
start new new account_v2 simple
start new_prepared new account_v2 prepared
beat 'both versions'
finish old_prepared  # the table itself changes its shape now
verified active
step 'complete' 'completed' "SELECT state FROM accord.complete('account')"
start base new public prepared
beat 'after completion'
verified completed
for name in new new_prepared base; do finish $name; done
step 'undo' 'rolled back' "SELECT state FROM accord.rollback('account')"
beat 'after the undo'
start old_prepared old public prepared
step 'stage again' preparing "$stage"
quiet "SELECT accord.start_backfill('account', workers => 2)" >/dev/null
wait_state active
start new new account_v3 prepared
beat 'both versions again'
finish old_prepared
step 'complete again' 'completed' "SELECT state FROM accord.complete('account')"
beat 'after completion again'
verified 'completed again'
finish old
step 'purge' 'purged' "SELECT state FROM accord.purge('account')"
beat 'after purge'
finish new

check 'the sum of all money is what it was' "$accounts" "$(query "SELECT sum(amount) / 1000 FROM account" | sed 's/\.0*$//')"
check 'each account has what the ledger says, to the cent' 0 \
    "$(query "SELECT count(*) FROM account a LEFT JOIN (SELECT account, sum(cents) AS cents FROM ledger GROUP BY account) l ON l.account = a.id
               WHERE a.id <= $accounts AND a.amount <> 1000 + coalesce(l.cents, 0) / 100.0")"
check 'every account is there, with its owner' "$accounts" "$(query "SELECT count(*) FROM account WHERE id <= $accounts AND owner = 'owner ' || id")"
check 'nothing of the migration is left' 0 \
    "$(query "SELECT (SELECT count(*) FROM pg_attribute WHERE attrelid = 'account'::regclass AND attnum > 0 AND NOT attisdropped AND attname ~ '_accord_')
                   + (SELECT count(*) FROM pg_constraint WHERE conrelid = 'account'::regclass AND conname ~ '_accord_')
                   + (SELECT count(*) FROM pg_class WHERE relname ~ '_accord_') + (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'account'::regclass AND tgname ~ 'accord')")"
echo "# $(moved) entries in the ledger"
