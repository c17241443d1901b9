#!/usr/bin/env bash
# A live migration comes through pg_dump and pg_restore: both versions with their rows, the triggers that keep them in step, the views, and the
# bookkeeping.  After it the backfill goes on, and the migration can be completed or rolled back.
set -uo pipefail
source test/tools/tap.bash
folder=$(mktemp -d "${ACCORD_CLUSTER:-/tmp}/dump.XXXXXX")
trap 'rm -rf "$folder"' EXIT
run() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }
fresh() { run -d postgres -c 'SET client_min_messages = error' -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1 TEMPLATE template0"; }
on() { run -d "$1" <<<"$2" 2>&1; }
state() {
    run -d "$1" <<'SQL'
SELECT format($$SELECT %L, t::text FROM accord_catalog.%I t ORDER BY 2;$$, c.relname, c.relname)
  FROM pg_extension e, unnest(e.extconfig) o JOIN pg_class c ON c.oid = o
 WHERE e.extname = 'pg_accord' AND c.relkind = 'r' ORDER BY c.relname \gexec
SELECT 'moving', moving::text FROM moving ORDER BY 2;
SELECT 'done', done::text FROM done ORDER BY 2;
SELECT 'moving_v1', v::text FROM moving_v1.moving v ORDER BY 2;
SELECT 'moving_v2', v::text FROM moving_v2.moving v ORDER BY 2;
SELECT 'rich', r::text FROM "Rich P_v1"."Rich P" r UNION ALL SELECT 'rich', r::text FROM "Rich P_v2"."Rich P" r UNION ALL
SELECT 'rich', r::text FROM "Rich D_v1"."Rich D" r UNION ALL SELECT 'rich', r::text FROM "Rich D_v2"."Rich D" r ORDER BY 2;
SELECT 'done_v1', v::text FROM done_v1.done v ORDER BY 2;
SELECT 'customer', v::text FROM customer_v1.customer v UNION ALL SELECT 'address', a::text FROM address a ORDER BY 2;
SELECT 'shop', concat(s.tableoid::regclass, s.id, s.region, s.street) FROM shop s UNION ALL SELECT 'place', p::text FROM place p ORDER BY 2;
SELECT 'guest', g::text FROM guest_v2.guest g UNION ALL SELECT 'room', r::text FROM room r UNION ALL
SELECT 'staff', s::text FROM staff_v1.staff s UNION ALL SELECT 'staff', s::text FROM staff_v2.staff s UNION ALL SELECT 'duty', d::text FROM duty d ORDER BY 2;
SQL
}

source_database=$PGDATABASE
run -d "$source_database" <<'SQL' >"$folder/setup" 2>&1 || cat "$folder/setup"
CREATE EXTENSION pg_accord;
CREATE TABLE moving (id integer PRIMARY KEY, delay integer, carrier text NOT NULL DEFAULT 'UA');
INSERT INTO moving SELECT i, i FROM generate_series(1, 500) i;
CREATE TABLE done (id integer PRIMARY KEY, delay integer);
INSERT INTO done SELECT i, i FROM generate_series(1, 50) i;
SELECT accord.register_contract('moving'), accord.register_contract('done');
SELECT accord.stage('moving', 'ALTER TABLE moving ALTER COLUMN delay TYPE interval USING make_interval(mins => delay);
                               ALTER TABLE moving RENAME COLUMN carrier TO airline',
                    down => 'delay = (extract(epoch FROM delay) / 60)::integer');
SELECT accord.stage('done', 'ALTER TABLE done ALTER COLUMN delay TYPE interval USING make_interval(mins => delay)',
                    down => 'delay = (extract(epoch FROM delay) / 60)::integer');
CALL accord.backfill('done');
SELECT accord.complete('done');
UPDATE done SET delay = '7 minutes' WHERE id = 1;
-- all that can stand on a column, on a table with partitions: once with rows pending, once completed
CREATE TABLE fare (class integer PRIMARY KEY);
INSERT INTO fare VALUES (1), (2);
SELECT format($t$
CREATE TABLE %1$I (id integer, day date, delay integer NOT NULL CHECK (delay >= 0), class integer REFERENCES fare, note text,
                   PRIMARY KEY (id, day), UNIQUE (delay, day), CONSTRAINT big CHECK (delay < 5000 OR class = 1)) PARTITION BY RANGE (day);
CREATE TABLE %2$I PARTITION OF %1$I FOR VALUES FROM ('2013-01-01') TO ('2014-01-01');
CREATE TABLE %3$I PARTITION OF %1$I DEFAULT;
ALTER TABLE %3$I ADD UNIQUE (id), ADD CHECK (class > 0);
CREATE INDEX ON %1$I (class) INCLUDE (delay) WHERE delay > 3;
CREATE INDEX ON %1$I ((delay * 2) DESC);
ALTER TABLE %1$I ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON %1$I USING (delay < 9000);
INSERT INTO %1$I SELECT i, date '2013-12-30' + i %% 4, i, 1 + i %% 2 FROM generate_series(1, 100) i;
SELECT accord.register_contract(%4$L);
SELECT accord.stage(%4$L, $m$ALTER TABLE %1$I ALTER COLUMN delay TYPE bigint, ALTER COLUMN note SET NOT NULL$m$, up => $m$note = coalesce(note, '')$m$)
$t$, name, name || ' 1', name || ' rest', quote_ident(name)) FROM unnest('{"Rich P","Rich D"}'::text[]) name \gexec
CREATE TABLE flat (id integer PRIMARY KEY, class integer NOT NULL REFERENCES fare, seat integer CHECK (seat > 0), UNIQUE (seat, class));
CREATE TABLE bag (flat integer REFERENCES flat, seat integer, class integer, FOREIGN KEY (seat, class) REFERENCES flat (seat, class));
INSERT INTO flat SELECT i, 1 + i % 2, i FROM generate_series(1, 100) i;
INSERT INTO bag SELECT i, i, 1 + i % 2 FROM generate_series(1, 100) i;
SELECT accord.register_contract('flat'), accord.register_contract('bag');
SELECT accord.stage('flat', 'ALTER TABLE flat ALTER COLUMN id TYPE bigint, ALTER COLUMN seat TYPE bigint; ALTER TABLE bag ALTER COLUMN flat TYPE bigint, ALTER COLUMN seat TYPE bigint');
SET client_min_messages = warning;
CALL accord.backfill('"Rich D"');
SELECT accord.complete('"Rich D"');
RESET client_min_messages;
-- columns that move to another table: some rows have one there, the rest is pending
CREATE TABLE customer (id integer PRIMARY KEY, street text, city text);
INSERT INTO customer SELECT i, CASE WHEN i % 4 > 0 THEN i || ' Main St' END, CASE WHEN i % 4 > 0 THEN 'Oslo' END FROM generate_series(1, 100) i;
SELECT accord.register_contract('customer');
SELECT accord.stage('customer', 'CREATE TABLE address (customer_id integer PRIMARY KEY REFERENCES customer, street text NOT NULL, city text);
                                 ALTER TABLE customer DROP COLUMN street, DROP COLUMN city', up => 'address.street = street, address.city = city');
UPDATE customer SET city = 'Bergen' WHERE id < 20 AND street IS NOT NULL;
INSERT INTO address VALUES (20, 'new', 'Moss');
-- the same out of a table with partitions, between which rows have gone
CREATE TABLE shop (id integer, region text, street text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE shop_north PARTITION OF shop FOR VALUES IN ('north');
CREATE TABLE shop_rest (street text, region text NOT NULL, id integer NOT NULL);
ALTER TABLE shop ATTACH PARTITION shop_rest DEFAULT;
INSERT INTO shop SELECT i, CASE WHEN i % 2 = 0 THEN 'north' ELSE 'south' END, i || ' Main St' FROM generate_series(1, 60) i;
SELECT accord.register_contract('shop');
SELECT accord.stage('shop', 'CREATE TABLE place (id integer, region text, street text, PRIMARY KEY (id, region), FOREIGN KEY (id, region) REFERENCES shop);
                             ALTER TABLE shop DROP COLUMN street', up => 'place.street = street');
UPDATE shop SET region = 'north' WHERE id IN (1, 3);
-- columns that come from a table that goes: some rows are filled, the rest is pending; and completed
CREATE TABLE guest (id integer PRIMARY KEY);
CREATE TABLE room (guest_id integer PRIMARY KEY REFERENCES guest, door text NOT NULL);
CREATE TABLE staff (id integer PRIMARY KEY);
CREATE TABLE duty (staff_id integer REFERENCES staff, shift integer, PRIMARY KEY (staff_id, shift));
INSERT INTO guest SELECT generate_series(1, 50);
INSERT INTO room SELECT i, 'door ' || i FROM generate_series(1, 40) i;
INSERT INTO staff SELECT generate_series(1, 10);
INSERT INTO duty SELECT i % 10 + 1, i FROM generate_series(1, 15) i;
SELECT accord.register_contract('guest'), accord.register_contract('staff');
SELECT accord.stage('guest', 'ALTER TABLE guest ADD COLUMN door text; DROP TABLE room', up => 'door = room.door');
UPDATE room SET door = 'blue' WHERE guest_id < 10;
SELECT accord.stage('staff', 'ALTER TABLE staff ADD COLUMN shift integer; DROP TABLE duty', up => 'shift = duty.shift');
CALL accord.backfill('staff');
SELECT accord.complete('staff');
UPDATE staff SET shift = 99 WHERE id = 1;
-- a part is filled by old clients, the rest is pending
UPDATE moving SET delay = delay + 1 WHERE id <= 200;
INSERT INTO moving VALUES (501, 501, 'AA');
-- a worker is at it: its file, its claim and its process mean nothing where the dump is restored
INSERT INTO accord_catalog.job (migration_id, contract_id, kind, argument, role, state, pid, attempts, launched_at, started_at)
SELECT r.migration_id, r.contract_id, 'backfill', '{"nice": 0, "max_lag": null, "workers": 1, "batch_ms": 50, "fire_triggers": false}', 'postgres', 'running', 1, 1, now(), now()
  FROM accord_catalog.migration_relation r JOIN accord_catalog.contract c ON c.id = r.contract_id WHERE c.relation = 'moving'::regclass;
INSERT INTO accord_catalog.backfill_range (migration_id, contract_id, relation, storage, blocks, next_block)
SELECT migration_id, contract_id, 'moving', 'another/file', 3, 3 FROM accord_catalog.job WHERE kind = 'backfill';
INSERT INTO accord_catalog.backfill_claim (migration_id, contract_id, relation, storage, job, first_block, next_block, end_block)
SELECT migration_id, contract_id, 'moving', 'another/file', id, 0, 2, 3 FROM accord_catalog.job WHERE kind = 'backfill';
SQL
before=$(state "$source_database")
check 'some rows are filled, others pending' '201' "$(on "$source_database" 'SELECT count(delay) FROM moving_v2.moving')"
pg_dump -Fd -j2 -f "$folder/dir" "$source_database"

restored() { # restored NAME DATABASE ERRORS
    check "$1: no error" '' "$3"
    check "$1: rows of both versions and the bookkeeping are as they were" "$before" "$(state "$2")"
    check "$1: writes go on in step" '00:15:00' "$(on "$2" 'UPDATE moving SET delay = 15 WHERE id = 300; SELECT delay FROM moving_v2.moving WHERE id = 300')"
    check "$1: the worker that the dump saw is not there" 'interrupted' "$(on "$2" "SELECT state FROM accord.jobs WHERE kind = 'backfill'")"
    check "$1: the backfill goes on" '' "$(on "$2" "SET client_min_messages = warning; CALL accord.backfill('moving')" | sed '/^[0-9|]*$/d')"
    check "$1: no row is pending, none differs" '' "$(on "$2" "SELECT check_name, verdict FROM accord.verify('moving') WHERE verdict <> 'ok' OR pending <> 0 OR mismatched <> 0")"
    check "$1: every row is filled" 501 "$(on "$2" 'SELECT count(delay) FROM moving_v2.moving')"
    check "$1: the new version is active" 'active' "$(on "$2" "SELECT status FROM accord.contract_versions WHERE table_name = 'moving' AND version = '2.0.0'")"
    check "$1: new clients write" '20' "$(on "$2" "UPDATE moving_v2.moving SET delay = '20 min' WHERE id = 4; SELECT delay FROM moving WHERE id = 4")"
    check "$1: nothing has drifted" '' "$(on "$2" 'SELECT contract, kind, element, detail FROM accord.drift()')"
    check "$1: rich tables go on" '1|30' "$(on "$2" "SET client_min_messages = warning; CALL accord.backfill('\"Rich P\"'); SELECT accord.complete('\"Rich P\"');
        UPDATE \"Rich P_v1\".\"Rich P\" SET delay = 30, id = 1000 WHERE id = 30; SELECT count(*), max(delay) FROM \"Rich P\" WHERE id = 1000" | tail -n 1)"
    check "$1: and back" integer "$(on "$2" "SELECT accord.rollback('\"Rich D\"'); SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = '\"Rich D\"'::regclass AND attname = 'delay'" | tail -n 1)"
    check "$1: two tables go on in step" '9 Old St|Voss' "$(on "$2" "UPDATE customer SET street = '9 Old St' WHERE id = 90; UPDATE address SET city = 'Voss' WHERE customer_id = 90; SELECT street, city FROM customer WHERE id = 90")"
    check "$1: and are filled" '76|0|0|ok' "$(on "$2" "SET client_min_messages = warning; CALL accord.backfill('customer'); SELECT (SELECT count(*) FROM address), pending, mismatched, verdict FROM accord.verify('customer') LIMIT 1" | tail -n 1)"
    check "$1: a row goes to another partition with its row of the other table" 'shop_north|north|Old St' "$(on "$2" "UPDATE shop SET street = 'Old St' WHERE id = 5; UPDATE shop SET region = 'north' WHERE id = 5; SELECT s.tableoid::regclass, p.region, p.street FROM shop s JOIN place p USING (id, region) WHERE id = 5")"
    check "$1: and all of them are filled" '60|0|0|ok' "$(on "$2" "SET client_min_messages = warning; CALL accord.backfill('shop'); SELECT (SELECT count(*) FROM place), pending, mismatched, verdict FROM accord.verify('shop') LIMIT 1" | tail -n 1)"
    check_match "$1: the guard keeps the new table" 'ERROR' "$(on "$2" 'DROP TABLE address')"
    check "$1: columns that come are filled" '40|0|0|ok' "$(on "$2" "SET client_min_messages = warning; CALL accord.backfill('guest'); SELECT (SELECT count(door) FROM guest_v2.guest), pending, mismatched, verdict FROM accord.verify('guest') LIMIT 1" | tail -n 1)"
    check "$1: and kept in step with the table that goes" 'red|98' "$(on "$2" "UPDATE guest_v2.guest SET door = 'red' WHERE id = 50; UPDATE duty SET shift = 98 WHERE shift = 99; SELECT (SELECT door FROM room WHERE guest_id = 50), (SELECT shift FROM staff WHERE id = 1)")"
    check "$1: what would be lost is known" 'lost|5' "$(on "$2" "SELECT verdict, mismatched FROM accord.verify('staff') WHERE check_name LIKE 'rows of duty%'")"
    check "$1: nothing is left invalid" '' "$(on "$2" "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")"
    check_match "$1: the guard keeps the triggers" 'ERROR' "$(on "$2" 'DROP TRIGGER "!accord_sync" ON moving')"
}
fresh live_serial
errors=$(pg_restore -d live_serial "$folder/dir" 2>&1)
restored 'pg_restore' live_serial "$errors"
check 'then complete' interval "$(on live_serial "SELECT accord.complete('moving')" >/dev/null; on live_serial "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'moving'::regclass AND attname = 'delay'")"
check 'and purge' '' "$(on live_serial "SET client_min_messages = error; SELECT accord.purge('moving')" >/dev/null; on live_serial "SELECT attname FROM pg_attribute WHERE attrelid = 'moving'::regclass AND attname LIKE '\_accord%' AND NOT attisdropped")"

check 'of two tables too' '76|0' "$(on live_serial "SET client_min_messages = error; SELECT accord.complete('customer'); SELECT accord.purge('customer')" >/dev/null; on live_serial "SELECT count(*), (SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!accord_move%' AND tgrelid IN ('customer'::regclass, 'address'::regclass)) FROM address")"
check 'of a table that goes as well' '10|' "$(on live_serial "SET client_min_messages = error; SELECT accord.purge('staff', force => true)" >/dev/null; on live_serial "SELECT count(shift), to_regclass('duty') FROM staff")"

fresh live_parallel
# One section after the other: pg_restore lets a constraint of a partitioned table wait for no rows, since it has none itself.
errors=$(for section in pre-data data post-data; do pg_restore -j2 --section=$section -d live_parallel "$folder/dir" 2>&1; done)
restored 'pg_restore -j2' live_parallel "$errors"
check 'then roll back what was staged' 'integer' "$(on live_parallel "SELECT accord.rollback('moving')" >/dev/null; on live_parallel "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'moving'::regclass AND attname = 'delay'")"
check 'and what was completed' '7' "$(on live_parallel "SELECT accord.rollback('done')" >/dev/null; on live_parallel "SELECT delay FROM done WHERE id = 1")"
check 'and what moves to another table' '9 Old St|Voss|' "$(on live_parallel "SELECT accord.rollback('customer')" >/dev/null; on live_parallel "SELECT street, city, to_regclass('address') FROM customer WHERE id = 90")"
check 'and what comes from one' '15|10' "$(on live_parallel "SELECT accord.rollback('staff')" >/dev/null; on live_parallel "SELECT count(*), (SELECT count(*) FROM staff) FROM duty")"
check 'nothing is left of either' '' "$(on live_parallel "SELECT attrelid::regclass, attname FROM pg_attribute WHERE attrelid IN ('moving'::regclass, 'done'::regclass) AND attname LIKE '\_accord%' AND NOT attisdropped")"
for name in live_serial live_parallel; do
    run -d postgres -c "DROP DATABASE $name WITH (FORCE)"
done
