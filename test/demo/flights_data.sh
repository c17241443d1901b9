#!/usr/bin/env bash
# The flights data: the files are what they were made as, they load as an ordinary user, and the migration's up and down
# are each other's inverse on every row of them.
#
# Needs no accord: what the demo builds on is tested apart from it, in a server of its own.
set -euo pipefail

if [[ -z ${ACCORD_CLUSTER-} ]]; then
    exec scripts/cluster bash "$0"
fi

check() { # check NAME WANTED FOUND
    if [[ $3 == "$2" ]]; then echo "ok - $1"; else printf 'not ok - %s\n  wanted: %s\n  found:  %s\n' "$1" "$2" "$3"; fi
}
query() { psql -XqAt -v ON_ERROR_STOP=1 -c "$1"; }
flights=examples/flights

unpacked=$(mktemp -d "$ACCORD_CLUSTER/data.XXXXXX")
for file in "$flights"/data/*.csv.gz; do
    gzip -dc "$file" >"$unpacked/$(basename "$file" .gz)"
done
check 'the files hold what make-data wrote' 'airlines.csv: OK airports.csv: OK planes.csv: OK weather.csv: OK flights.csv: OK' \
    "$(cd "$unpacked" && sha256sum -c "$OLDPWD/$flights/data/SHA256SUMS" 2>&1 | paste -sd ' ')"
size=$(du -cb "$flights"/data/*.gz | tail -n 1 | cut -f 1)
check "they are small ($size bytes)" yes "$( ((size < 6000000)) && echo yes)"

psql -Xqc 'CREATE ROLE loader LOGIN' -c 'CREATE DATABASE flights OWNER loader'
export PGDATABASE=flights PGUSER=loader
status=0
"$flights/load" >"$ACCORD_CLUSTER/load.log" 2>&1 || status=$?
check 'an ordinary user loads them' '0 ' "$status $(cat "$ACCORD_CLUSTER/load.log")"
check 'every row has arrived' '16 1458 3322 26115 336776' "$(query "
    SELECT format('%s %s %s %s %s', (SELECT count(*) FROM airlines), (SELECT count(*) FROM airports),
                  (SELECT count(*) FROM planes), (SELECT count(*) FROM weather), (SELECT count(*) FROM flights))")"
check 'the first flight is the first departure' '2013-1-1 515 UA1545 IAH' "$(query "
    SELECT format('%s-%s-%s %s %s%s %s', year, month, day, sched_dep_time, carrier, flight, dest)
      FROM flights WHERE flight_id = 1")"
check 'the numbering goes on' 336777 "$(query "
    INSERT INTO flights (year, month, day, sched_dep_time, sched_arr_time, carrier, flight, origin, dest, distance)
    SELECT year, month, day, sched_dep_time, sched_arr_time, carrier, flight, origin, dest, distance
      FROM flights WHERE flight_id = 1 RETURNING flight_id")"
query 'DELETE FROM flights WHERE flight_id = 336777'
check 'the planner knows them' 336776 "$(query "SELECT reltuples FROM pg_class WHERE oid = 'flights'::regclass")"
check 'loading again changes nothing' '3 336776' \
    "$(status=0; "$flights/load" >/dev/null 2>&1 || status=$?; echo "$status $(query 'SELECT count(*) FROM flights')")"

# The expressions of migration.sql, as they stand there.
check 'up and down are inverses on every row' '336776|0|0' "$(query "
    SELECT count(*),
           count(*) FILTER (WHERE (year, month, day, sched_dep_time) IS DISTINCT FROM
               (extract(year FROM local)::integer, extract(month FROM local)::integer, extract(day FROM local)::integer,
                (extract(hour FROM local) * 100 + extract(minute FROM local))::integer)),
           count(*) FILTER (WHERE dep_delay IS DISTINCT FROM
               (extract(epoch FROM make_interval(mins => dep_delay)) / 60)::integer)
      FROM (SELECT *, make_timestamp(year, month, day, sched_dep_time / 100, sched_dep_time % 100, 0)
                      AT TIME ZONE 'America/New_York' AT TIME ZONE 'America/New_York' AS local
              FROM flights) AS there_and_back")"
check 'the oddities are the documented ones' '8255 183575 -43 1301 106 2359 29 150' "$(query "
    SELECT format('%s %s %s %s %s %s %s %s', count(*) FILTER (WHERE dep_delay IS NULL), count(*) FILTER (WHERE dep_delay < 0),
                  min(dep_delay), max(dep_delay), min(sched_dep_time), max(sched_dep_time),
                  count(*) FILTER (WHERE dep_time = 2400), count(*) FILTER (WHERE arr_time = 2400))
      FROM flights")"
