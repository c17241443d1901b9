# A table's life under load, sourced by the scripts of this folder: clients of the old version move money all the time, while a migration is
# staged, filled, completed, undone, staged again, completed and purged; clients of the new version move money as soon as there is one.  None of
# them may see an error, and at the end every row of every table is asked: nothing was lost, made or degraded.
#
# The old version keeps cents in an integer; the new one has an exact amount.  Clients move money between two accounts, the lower number first,
# and write it down; save a row as a whole; let a row come and go.
set -uo pipefail
logs=$ACCORD_CLUSTER
. test/tools/at_work.bash
accounts=2000
a="\\set a random(1, $accounts)"
pair="\\set a random(1, $accounts - 1)
\\set b random(:a + 1, $accounts)
\\set sum random(1, 500)"
written_down='INSERT INTO ledger VALUES (:a, 0 - :sum::integer), (:b, :sum::integer)'
guest="\\set a random($accounts + 1, 1000000)
\\set g :a + 1000000 * "  # the client's own

# For a table that has the money itself.  SUM: the cents as an amount; SHARE: a number that keeps the guests apart.
write_clients() { # write_clients VERSION COLUMN SUM SHARE
    cat >"$logs/$1.sql" <<SQL
$pair
BEGIN;
UPDATE account SET $2 = $2 - $3 WHERE id = :a;
UPDATE account SET $2 = $2 + $3 WHERE id = :b;
$written_down;
COMMIT;
SQL
    cat >"$logs/$1_save.sql" <<SQL
$a
UPDATE account SET id = :a, $2 = $2, owner = 'owner ' || :a WHERE id = :a;
SELECT id, $2, owner FROM account WHERE id = :a;
SQL
    cat >"$logs/$1_come_and_go.sql" <<SQL
$guest($4 + :client_id)
INSERT INTO account (id, owner) VALUES (:g, 'guest ' || :g) ON CONFLICT (id) DO UPDATE SET owner = EXCLUDED.owner;
DELETE FROM account WHERE id = :g AND coalesce($2, 0) = 0;
SQL
}
# The same where "balance" has it.  Clients that meet in one row, one of each version, repeat what gets 40001, as accord.stage has told them.
write_clients_of_two_tables() { # VERSION COLUMN SUM SHARE
    repeats=20
    cat >"$logs/$1.sql" <<SQL
$pair
BEGIN;
UPDATE balance SET $2 = $2 - $3 WHERE account = :a;
UPDATE balance SET $2 = $2 + $3 WHERE account = :b;
$written_down;
COMMIT;
SQL
    cat >"$logs/$1_save.sql" <<SQL
$a
UPDATE account SET id = :a, owner = 'owner ' || :a WHERE id = :a;
UPDATE balance SET account = :a, $2 = $2 WHERE account = :a;
SELECT id, $2, owner FROM account JOIN balance ON account = id WHERE id = :a;
SQL
    cat >"$logs/$1_come_and_go.sql" <<SQL
$guest($4 + :client_id)
INSERT INTO account (id, owner) VALUES (:g, 'guest ' || :g) ON CONFLICT (id) DO UPDATE SET owner = EXCLUDED.owner;
INSERT INTO balance (account, $2) VALUES (:g, 0) ON CONFLICT (account) DO UPDATE SET $2 = 0;
DELETE FROM account WHERE id = :g;
SQL
}

# A partitioned "account" on two levels, of which account_low is there.
in_partitions="ALTER TABLE account ATTACH PARTITION account_low FOR VALUES FROM (1) TO (500);
CREATE TABLE account_high PARTITION OF account FOR VALUES FROM (500) TO (2001) PARTITION BY HASH (id);
CREATE TABLE account_high_0 PARTITION OF account_high FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE account_high_1 PARTITION OF account_high FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE account_guests PARTITION OF account FOR VALUES FROM (2001) TO (MAXVALUE);
CREATE TABLE account_leaving PARTITION OF account DEFAULT;"

# Guests of a partitioned table, who come with some money and go to another partition, back, and there again.  INSERT: what makes :g.
guests_that_move() { # VERSION SHARE INSERT
    cat >"$logs/$1_come_and_go.sql" <<SQL
$guest($2 + :client_id)
BEGIN;
$3
UPDATE account SET id = 0 - id WHERE id = :g;
UPDATE account SET id = 0 - id, owner = 'back' WHERE id = 0 - :g;
UPDATE account SET id = 0 - id WHERE id = :g;
DELETE FROM account WHERE id = 0 - :g;
COMMIT;
SQL
}

start() { # start NAME VERSION SCHEMA MODE
    PGOPTIONS="-c search_path=$3,public -c client_min_messages=warning" pgbench -n -M "$4" -c 2 -j 2 -T 600 -R 150 --max-tries "${repeats:-1}" \
        -f "$logs/$2.sql@4" -f "$logs/$2_save.sql@3" -f "$logs/$2_come_and_go.sql@2" >"$logs/$1.out" 2>"$logs/$1.err" &
    clients[$1]=$!
}
wait_state() { # wait_state STATE
    for ((i = 0; i < 300; i++)); do
        [[ $(query "SELECT state FROM accord.status") == "$1" ]] && return
        sleep 0.1
    done
}
verified() { check "$1: every row says the same in both versions" 'ok' "$(query "SELECT string_agg(DISTINCT verdict, ' ') FROM accord.verify('account')")"; }
still() { check "$1: nothing has drifted" '' "$(query "SELECT string_agg(element, ', ') FROM accord.drift()")"; }

# TABLES: SQL that makes "account" and what belongs to it, :accounts rows with 100000 cents each.  CHANGE: what follows the table in accord.stage.
# ROWS: query of id, amount and owner in the new version.
live() { # live TABLES CHANGE ROWS
    local tables=$1 stage="SELECT state FROM accord.stage('account', $2)" rows=$3
    quiet "CREATE EXTENSION pg_accord"
    PGOPTIONS='-c client_min_messages=warning' psql -Xq -v ON_ERROR_STOP=1 -v accounts=$accounts >/dev/null <<SQL
$tables
CREATE TABLE ledger (account bigint NOT NULL, cents bigint NOT NULL);
SELECT accord.register_contract('account');
SQL
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
    still completed
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
    still purged

    check 'the sum of all money is what it was' "$accounts" "$(query "SELECT sum(amount) / 1000 FROM ($rows) r" | sed 's/\.0*$//')"
    check 'each account has what the ledger says, to the cent' 0 \
        "$(query "SELECT count(*) FROM ($rows) r LEFT JOIN (SELECT account, sum(cents) AS cents FROM ledger GROUP BY account) l ON l.account = r.id
                   WHERE r.id <= $accounts AND r.amount IS DISTINCT FROM 1000 + coalesce(l.cents, 0) / 100.0")"
    check 'every account is there, with its owner' "$accounts" "$(query "SELECT count(*) FROM ($rows) r WHERE id <= $accounts AND owner = 'owner ' || id")"
    check 'nothing of the migration is left' '' \
        "$(query "SELECT string_agg(name, ', ') FROM (
                      SELECT attname AS name FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
                       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
                      UNION ALL SELECT conname FROM pg_constraint UNION ALL SELECT relname FROM pg_class
                      UNION ALL SELECT tgname FROM pg_trigger WHERE tgrelid <> ALL (SELECT oid FROM pg_class WHERE relnamespace = 'accord_catalog'::regnamespace)) n
                   WHERE name ~ '[_~!]accord_'")"
    echo "# $(moved) entries in the ledger"
}
