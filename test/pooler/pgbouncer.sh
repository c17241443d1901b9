#!/usr/bin/env bash
# A migration's whole life with PgBouncer in front of the clients, in session and in transaction mode.  See docs/poolers.md: what is said there
# is what is tried here.
set -uo pipefail
logs=$ACCORD_CLUSTER/run
. test/tools/at_work.bash
enough=100 tries=200 # a pool is small
PATH=$PATH:/usr/sbin
server_host=$PGHOST

command -v pgbouncer >/dev/null || { echo "not ok - pgbouncer is not installed: scripts/setup"; exit 1; }
version=$(pgbouncer --version | sed -n 's/^PgBouncer \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
read -r major minor <<<"$version"
prepared_in_transactions=no # max_prepared_statements: 1.21
((major > 1 || minor >= 21)) && prepared_in_transactions=yes
echo "# PgBouncer $major.$minor, prepared statements in transaction mode: $prepared_in_transactions"

quiet "CREATE EXTENSION pg_accord" 2>/dev/null
psql -Xq -v ON_ERROR_STOP=1 <<'SQL'
SET client_min_messages = warning;
CREATE ROLE pool_app LOGIN;
CREATE TABLE account (id integer PRIMARY KEY, cents integer NOT NULL, owner text);
INSERT INTO account SELECT g, 100000, 'owner ' || g FROM generate_series(1, 500) g;
CREATE TABLE ledger (account bigint NOT NULL, cents bigint NOT NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON account, ledger TO pool_app;
SELECT accord.register_contract('account') \g /dev/null
SELECT accord.register_consumer('app', role => 'pool_app') \g /dev/null
SELECT accord.subscribe('account', 'app', version => '1') \g /dev/null
SQL

# "session" and "transaction" take their version from the role's setting; the others have one of their own, given to each server connection.
target="host=$server_host port=$PGPORT dbname=$PGDATABASE"
cat >"$logs/pgbouncer.ini" <<INI
[databases]
session = $target pool_mode=session
transaction = $target pool_mode=transaction
old_code = $target pool_mode=transaction connect_query='SET search_path = account_v1, public'
new_code = $target pool_mode=transaction connect_query='SET search_path = account_v2, public'
stale = $target pool_mode=transaction pool_size=1
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $logs
auth_type = trust
auth_file = $logs/users.txt
admin_users = postgres
server_reset_query = DISCARD ALL
default_pool_size = 5
ignore_startup_parameters = extra_float_digits
logfile = $logs/pgbouncer.log
INI
[[ $prepared_in_transactions == no ]] || echo 'max_prepared_statements = 100' >>"$logs/pgbouncer.ini"
printf '"pool_app" ""\n"postgres" ""\n' >"$logs/users.txt"
as_pool=()
if ((EUID == 0)); then
    as_pool=(runuser -u postgres --)
    id -u postgres >/dev/null 2>&1 || as_pool=(runuser -u nobody --)
fi
"${as_pool[@]}" pgbouncer -q "$logs/pgbouncer.ini" &
pool_pid=$!
end() { { kill -TERM "${clients[@]}" $pool_pid; wait; } 2>/dev/null; }
trap end EXIT
pool() { PGPORT=6432 PGUSER=pool_app psql -XqAt -d "$1" -c "$2" 2>&1; }
admin() { PGPORT=6432 PGUSER=postgres psql -XqAt -d pgbouncer -c "$1" 2>&1; }
for ((i = 0; i < 100; i++)); do
    [[ $(pool session 'SELECT 1') == 1 ]] && break
    sleep 0.1
done
check 'the pooler is there' 1 "$(pool session 'SELECT 1')"
if ((major == 1 && minor < 20)); then
    check_match 'a search_path in the connection string is refused' 'unsupported startup parameter' "$(PGOPTIONS='-c search_path=account_v1' pool session 'SELECT 1')"
fi

# Money moves between two accounts; the new version keeps an exact amount.
cat >"$logs/old.sql" <<'SQL'
\set a random(1, 249)
\set b random(250, 500)
\set sum random(1, 500)
BEGIN;
UPDATE account SET cents = cents - :sum::integer WHERE id = :a;
UPDATE account SET cents = cents + :sum::integer WHERE id = :b;
INSERT INTO ledger VALUES (:a, 0 - :sum::integer), (:b, :sum::integer);
COMMIT;
SQL
sed -e 's/cents/amount/g; s/:sum::integer WHERE/:sum::integer \/ 100.0 WHERE/' "$logs/old.sql" | sed 's/ledger (amount)/ledger/' >"$logs/new.sql"
start() { # start NAME ENTRY SCRIPT MODE
    PGPORT=6432 PGUSER=pool_app pgbench -n -M "$4" -c 2 -j 1 -T 600 -R 60 -f "$logs/$3.sql" "$2" >"$logs/$1.out" 2>"$logs/$1.err" &
    clients[$1]=$!
}
change="ALTER TABLE account ALTER COLUMN cents TYPE numeric(12,2); ALTER TABLE account RENAME COLUMN cents TO amount"
stage="SELECT state FROM accord.stage('account', \$\$$change\$\$, up => 'amount = cents / 100.0', down => 'cents = round(amount * 100)')"

start old_session session old prepared
start old_transaction transaction old extended
start old_entry old_code old simple
[[ $prepared_in_transactions == no ]] || start old_prepared transaction old prepared
beat 'before'
step 'stage' preparing "$stage"
beat 'while rows are pending'
quiet "CALL accord.backfill('account')"
check 'the new version is open' active "$(query 'SELECT state FROM accord.status')"
start new_entry new_code new extended
[[ $prepared_in_transactions == no ]] || start new_prepared new_code new prepared
beat 'both versions'

# A pooled server connection keeps the search_path that it logged in with, until the pooler is told to make new ones.
quiet "SELECT accord.switch_version('account', 'app', '1')" >/dev/null
beat 'after a switch to views of the same version'
for name in old_session old_transaction; do finish $name; done
[[ $prepared_in_transactions == no ]] || finish old_prepared
shape() { pool "$1" 'SELECT pg_typeof(a) FROM (SELECT * FROM account LIMIT 1) t(id, a, owner)'; }
check 'before the switch' 'integer integer' "$(shape session) $(shape transaction)"
quiet "SELECT accord.switch_version('account', 'app', '2')" >/dev/null
check 'a connection of the pool is as it was' integer "$(shape transaction)"
check 'and is listed as outdated' t "$(query "SELECT count(*) > 0 FROM accord.sessions WHERE outdated")"
admin 'RECONNECT' >/dev/null
for ((i = 0; i < 50; i++)); do
    [[ "$(shape session) $(shape transaction)" == 'numeric numeric' ]] && break
    sleep 0.1
done
check 'after RECONNECT new connections have the new version' 'numeric numeric' "$(shape session) $(shape transaction)"
start new_session session new prepared
start new_transaction transaction new simple
beat 'switched'
quiet "SELECT accord.drain('app', terminate => true)" >/dev/null
beat 'after a drain'
check 'nobody of the role is on an earlier generation, but those that have their own' 0 \
    "$(query "SELECT count(*) FROM accord.sessions WHERE outdated AND state = 'idle' AND generation < current_generation - 1")"

# Whoever leaves a search_path behind in a shared connection changes nothing for who sets their own in the transaction.
cells=(
    "INSERT INTO account VALUES (%s, %s, 'i')"
    "UPDATE account SET {v} = %2\$s WHERE id = %1\$s"
    "UPDATE account SET id = %s, {v} = %s, owner = 's' WHERE owner IN ('i', 's') AND id > 9000"
    "INSERT INTO account VALUES (%s, %s, 'u') ON CONFLICT (id) DO UPDATE SET {v} = EXCLUDED.{v}, owner = 'u'"
    "DELETE FROM account WHERE id = %s AND {v} = %s"
)
through_stale() { # through_stale MINE OTHER COLUMN VALUE CELL
    local sql=${5//\{v\}/$3}
    # shellcheck disable=SC2059  # a format on purpose
    if [[ $sql == *'%2$s'* ]]; then sql=${sql/'%2$s'/$4}; sql=${sql/'%1$s'/9001}; else sql=$(printf "$sql" 9001 "$4"); fi
    pool stale "SET search_path = $2, public"
    printf 'BEGIN;\nSET LOCAL search_path = %s, public;\n%s;\nCOMMIT;\n' "$1" "$sql" | PGPORT=6432 PGUSER=pool_app psql -XqAt -d stale -v ON_ERROR_STOP=1 2>&1
    query "SELECT coalesce((SELECT a.cents || ' ' || b.amount FROM account_v1.account a JOIN account_v2.account b USING (id) WHERE id = 9001), 'none')"
}
stale_matrix() { # both sides, each write: nothing lost, nothing degraded
    local want_old=('100 1.00' '100 1.00' '100 1.00' '100 1.00' none) want_new=('251 2.51' '251 2.51' '251 2.51' '251 2.51' none) i found=''
    for i in "${!cells[@]}"; do found+="$(through_stale account_v1 account_v2 cents 100 "${cells[i]}");"; done
    check "stale path, old client, $1" "$(printf '%s;' "${want_old[@]}")" "$found"
    found=''
    for i in "${!cells[@]}"; do found+="$(through_stale account_v2 account_v1 amount 2.51 "${cells[i]}");"; done
    check "stale path, new client, $1" "$(printf '%s;' "${want_new[@]}")" "$found"
}
stale_matrix 'before completion'
# COPY goes to the table itself, in its shape of the moment.
printf 'COPY public.account (id, cents, owner) FROM STDIN;\n9002\t777\tc\n\\.\n' | PGPORT=6432 PGUSER=pool_app psql -XqAt -d stale
check 'COPY through the pool' '777 7.77' "$(query "SELECT a.cents || ' ' || b.amount FROM account_v1.account a JOIN account_v2.account b USING (id) WHERE id = 9002")"
quiet "DELETE FROM account WHERE id > 9000"

step 'complete' completed "SELECT state FROM accord.complete('account', force => true)"
beat 'after completion'
stale_matrix 'after completion'
printf 'COPY public.account (id, amount, owner) FROM STDIN;\n9002\t7.77\tc\n\\.\n' | PGPORT=6432 PGUSER=pool_app psql -XqAt -d stale
check 'COPY through the pool, completed' '777 7.77' "$(query "SELECT a.cents || ' ' || b.amount FROM account_v1.account a JOIN account_v2.account b USING (id) WHERE id = 9002")"
quiet "DELETE FROM account WHERE id > 9000"
finish old_entry
admin 'RECONNECT' >/dev/null
sleep 0.5
for ((i = 0; i < 50; i++)); do
    purged=$(quiet "SELECT state FROM accord.purge('account')" 2>&1)
    [[ $purged == purged ]] && break
    sleep 0.2
done
check 'purge' purged "$purged"
beat 'after purge'
for name in new_entry new_session new_transaction; do finish $name; done
[[ $prepared_in_transactions == no ]] || finish new_prepared
check 'the sum of all money is what it was' 500 "$(query "SELECT round(sum(amount) / 1000) FROM account" | sed 's/\.0*$//')"
check 'each account has what the ledger says, to the cent' 0 \
    "$(query "SELECT count(*) FROM account a LEFT JOIN (SELECT account, sum(cents) AS cents FROM ledger GROUP BY account) l ON l.account = a.id
               WHERE a.amount <> 1000 + coalesce(l.cents, 0) / 100.0")"
echo "# $(moved) entries in the ledger"
