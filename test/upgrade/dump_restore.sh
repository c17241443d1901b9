#!/usr/bin/env bash
# pg_dump and pg_restore bring everything back: contracts (also of dropped tables), versions, consumers, subscriptions, settings, audit, and the
# sequences behind their keys; and a restore neither fails because of the guard nor publishes anything.
set -uo pipefail
source test/tools/tap.bash
folder=$(mktemp -d "${ACCORD_CLUSTER:-/tmp}/dump.XXXXXX")
trap 'rm -rf "$folder"' EXIT
run() { psql -XqAt -v ON_ERROR_STOP=1 "$@"; }
fresh() { run -d postgres -c 'SET client_min_messages = error' -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1 TEMPLATE template0"; }
on() { run -d "$1" -c "$2" 2>&1; }

# All that pg_accord knows, as text; a relation shows its name, so it must have found its table again.
state() {
    run -d "$1" <<'SQL'
SELECT format($$SELECT %L, t::text FROM accord_catalog.%I t ORDER BY 2;$$, c.relname, c.relname)
  FROM pg_extension e, unnest(e.extconfig) o JOIN pg_class c ON c.oid = o
 WHERE e.extname = 'pg_accord' AND c.relkind = 'r' ORDER BY c.relname \gexec
SELECT format($$SELECT %L, last_value, is_called FROM accord_catalog.%I;$$, c.relname, c.relname)
  FROM pg_extension e, unnest(e.extconfig) o JOIN pg_class c ON c.oid = o
 WHERE e.extname = 'pg_accord' AND c.relkind = 'S' ORDER BY c.relname \gexec
SQL
}

source_database=$PGDATABASE
run -d "$source_database" <<'SQL' >"$folder/setup" 2>&1 || cat "$folder/setup"
CREATE ROLE regress_dump_owner;
CREATE ROLE regress_dump_reader;
CREATE EXTENSION pg_accord;
CREATE SCHEMA "Flüge" AUTHORIZATION regress_dump_owner;
SET search_path = "Flüge";
SET ROLE regress_dump_owner;
CREATE TYPE state AS ENUM ('planned', 'gone');
CREATE DOMAIN minutes AS integer CHECK (VALUE > -1000);
CREATE TABLE airlines (code text PRIMARY KEY);
CREATE TABLE "Flights ""x""" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number serial UNIQUE,
    carrier text NOT NULL DEFAULT 'UA' REFERENCES airlines,
    state state, delay minutes CHECK (delay < 10000), departs timestamptz DEFAULT '2013-01-01 05:15:00-05',
    hours integer GENERATED ALWAYS AS (delay / 60) STORED);
CREATE UNIQUE INDEX "just one" ON "Flights ""x""" (carrier, number) WHERE delay > 0;
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER fill BEFORE INSERT ON "Flights ""x""" FOR EACH ROW EXECUTE FUNCTION fill();
ALTER TABLE "Flights ""x""" ENABLE ROW LEVEL SECURITY, REPLICA IDENTITY FULL;
CREATE POLICY seen ON "Flights ""x""" FOR SELECT USING (delay < 100);
GRANT SELECT ON "Flights ""x""" TO regress_dump_reader;
COMMENT ON COLUMN "Flights ""x""".delay IS 'in minutes';
CREATE TABLE parted (id bigint NOT NULL, day date) PARTITION BY RANGE (day);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2013-01-01') TO ('2014-01-01');
CREATE VIEW late AS SELECT id, delay FROM "Flights ""x""" WHERE delay > 15;
CREATE TABLE keyed (id bigint, day date, seat integer NOT NULL, carrier text REFERENCES airlines, CHECK (seat > 0), PRIMARY KEY (id, day, seat))
    PARTITION BY RANGE (day);
CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES FROM ('2013-01-01') TO ('2014-01-01') PARTITION BY LIST (seat);
CREATE TABLE "keyed 1 a" PARTITION OF keyed_1 FOR VALUES IN (1, 2, 3);
CREATE TABLE keyed_rest PARTITION OF keyed DEFAULT;
CREATE INDEX ON keyed (seat, day DESC);
-- What partitions and children alone have, none of it promised by the parent.
ALTER TABLE keyed_rest ADD CHECK (seat < 1000), ADD UNIQUE (seat);
CREATE UNIQUE INDEX ON "keyed 1 a" (carrier) WHERE id > 0;
CREATE TRIGGER fill BEFORE INSERT ON keyed_rest FOR EACH ROW EXECUTE FUNCTION fill();
ALTER TABLE keyed_rest REPLICA IDENTITY FULL;
CREATE TABLE elder (id bigint PRIMARY KEY, v integer);
CREATE TABLE younger (CHECK (v > 0)) INHERITS (elder);
ALTER TABLE younger ADD PRIMARY KEY (id), ADD FOREIGN KEY (id) REFERENCES elder;
CREATE TRIGGER fill BEFORE UPDATE ON younger FOR EACH ROW EXECUTE FUNCTION fill();
CREATE TABLE ticket (id bigint PRIMARY KEY, airline text REFERENCES airlines ON DELETE CASCADE, fare integer);
CREATE TABLE doomed (id bigint PRIMARY KEY, what text);
INSERT INTO airlines VALUES ('UA');
INSERT INTO "Flights ""x""" (delay) SELECT n FROM generate_series(1, 500) n;
SELECT accord.register_contract('"Flights ""x"""', description => 'departures'), accord.register_contract('parted'),
       accord.register_contract('parted_1'), accord.register_contract('late'), accord.register_contract('doomed'), accord.register_contract('airlines'), accord.register_contract('keyed'), accord.register_contract('elder');
SELECT accord.register_consumer('billing "1"', role => 'regress_dump_reader', team => 'finance');
SELECT accord.subscribe('"Flights ""x"""', 'billing "1"', columns => '{id,delay}', access => 'read', strictness => 'text');
SELECT accord.subscribe('airlines', 'billing "1"'), accord.subscribe('keyed', 'billing "1"', strictness => 'exact'), accord.subscribe('elder', 'billing "1"');
ALTER TABLE "Flights ""x""" ADD COLUMN note text;
SELECT accord.deprecate_version('"Flights ""x"""', '1.0', sunset => '2030-01-01');
RESET ROLE;
SET accord.guard = off;
DROP TABLE doomed;
SQL
before=$(state "$source_database")
check 'the contract of a dropped table stays' '|Flüge|doomed|1.0.0' "$(on "$source_database" "SELECT contract, schema_name, table_name, version FROM accord.contracts WHERE table_name = 'doomed'")"
check 'added column is version 1.1.0' '1.0.0|deprecated
1.1.0|active' "$(on "$source_database" "SELECT version, status FROM accord.contract_versions WHERE table_name = 'Flights \"x\"' ORDER BY 1")"

pg_dump -Fd -j2 -f "$folder/dir" "$source_database"
pg_dump -Fc -f "$folder/custom" "$source_database"
pg_dump -f "$folder/plain.sql" "$source_database"

restored() { # restored NAME DATABASE ERRORS: what must hold after a restore
    check "$1: no error" '' "$3"
    check "$1: everything is as it was, nothing was published" "$before" "$(state "$2")"
    check "$1: every table has its promised shape, except for the one that is gone" '' \
        "$(on "$2" "SELECT table_name, d.description FROM accord.contracts, accord.diff(contract) d WHERE contract IS NOT NULL")"
    check "$1: keys go on where they were" t \
        "$(on "$2" "SET client_min_messages = error; CREATE TABLE fresh (a integer); SELECT accord.register_contract('fresh');
                    SELECT max(contract_id) = count(*) FROM accord.contracts" | tail -n 1)"
    check_match "$1: versions are immutable" 'cannot change version' "$(on "$2" "UPDATE accord_catalog.contract_version SET shape = '{}'")"
    check_match "$1: the guard is on" 'would break contract' "$(on "$2" 'ALTER TABLE "Flüge".airlines RENAME COLUMN code TO id')"
    check_match "$1: a table of that name takes up its contract" 'attached to the table again' \
        "$(on "$2" 'SET ROLE regress_dump_owner; CREATE TABLE "Flüge".doomed (id bigint PRIMARY KEY, what text); SELECT accord.register_contract('"'"'"Flüge".doomed'"'"')')"
}

fresh restored_serial
errors=$(pg_restore -d restored_serial "$folder/custom" 2>&1)
restored 'pg_restore' restored_serial "$errors"
fresh restored_parallel
errors=$(pg_restore -j2 -d restored_parallel "$folder/dir" 2>&1)
restored 'pg_restore -j2' restored_parallel "$errors"
fresh restored_plain
errors=$(psql -Xq -o /dev/null -v ON_ERROR_STOP=1 -d restored_plain -f "$folder/plain.sql" 2>&1)
restored 'psql' restored_plain "$errors"
fresh restored_single
errors=$(pg_restore -1 -d restored_single "$folder/custom" 2>&1)
restored 'pg_restore -1' restored_single "$errors"

# Over a database that has contracts: --clean drops tables, which the guard refuses unless it is told.
fresh restored_clean
pg_restore -d restored_clean "$folder/custom"
errors=$(pg_restore --clean --if-exists -d restored_clean "$folder/custom" 2>&1)
check_match '--clean: refused, and says how' 'accord\.guard=off' "$errors"
fresh restored_clean
pg_restore -d restored_clean "$folder/custom"
# (PostgreSQL itself cannot drop the keys of partitions one by one, 16.2 nor their indexes; pg_restore goes on and drops the tables.)
errors=$(PGOPTIONS='-c accord.guard=off' pg_restore --clean --if-exists -d restored_clean "$folder/custom" 2>&1 | grep 'ERROR' |
    grep -vE 'cannot drop inherited constraint|cannot drop index .* because index .* requires it')
check '--clean with the guard off: no error' '' "$errors"
check '--clean with the guard off: everything is as it was' "$before" "$(state restored_clean)"

for name in restored_serial restored_parallel restored_plain restored_single restored_clean; do
    run -d postgres -c "DROP DATABASE $name WITH (FORCE)"
done
run -d "$source_database" -c 'SET accord.guard = off; DROP EXTENSION pg_accord; DROP OWNED BY regress_dump_owner, regress_dump_reader CASCADE; DROP ROLE regress_dump_owner, regress_dump_reader' >/dev/null 2>&1
