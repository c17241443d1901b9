#!/usr/bin/env bash
# What accord.check offers instead (safe_sql), for the statements of the corpus: it runs, in a copy of the fixtures, and is free of the hazard
# that it is offered for.  What only puts a limit on waiting (TX01) is the statement itself, and need not be run again.  The name that BC01 is
# about still goes: that a view has it then, no statement alone tells.  Two things only the author can say, and the error tells so: a way between
# types for which there is no cast (a comment in its place), and the time zone of a conversion.
set -uo pipefail
source test/tools/tap.bash
source test/hazards/cases.bash

run -f test/hazards/fixtures.sql -f test/hazards/measure.sql >/dev/null 2>&1 || { echo 'not ok - fixtures'; exit 1; }
load_cases || { echo 'not ok - cases'; exit 1; }
run <<'SQL' >/dev/null || { echo 'not ok - accord.check of the corpus'; exit 1; }
SET client_min_messages = error;
CREATE TABLE measure.offers (number integer, rule text, sql text, again text);
DO $$
DECLARE
    c record;
    o record;
    found text;
BEGIN
    FOR c IN SELECT number, statement FROM measure.cases WHERE statement NOT LIKE '%;%' ORDER BY number LOOP  -- of several, one offers nothing without those before
        BEGIN
            INSERT INTO measure.offers SELECT DISTINCT c.number, rule, safe_sql FROM accord.check(c.statement) WHERE safe_sql IS NOT NULL AND rule IS NOT NULL;
        EXCEPTION WHEN OTHERS THEN  -- the statement is one that fails
        END;
    END LOOP;
    FOR o IN SELECT DISTINCT rule, sql FROM measure.offers WHERE rule <> 'BC01' LOOP
        BEGIN
            SELECT string_agg(s.statement, '; ') INTO found FROM accord.check(o.sql) s WHERE s.rule = o.rule;
        EXCEPTION WHEN OTHERS THEN
            found := sqlerrm;
        END;
        UPDATE measure.offers SET again = found WHERE rule = o.rule AND sql = o.sql;
    END LOOP;
END $$;
SQL
still=$(query "SELECT format('# %s: %s', rule, again) FROM measure.offers WHERE again IS NOT NULL ORDER BY number")
check "$(query "SELECT count(*) FROM measure.offers WHERE rule <> 'BC01'") offers are free of the hazard that they are for" '' "$still"

# Each in a copy of the database; the statement itself tells whether it could run at all.
fixtures=$PGDATABASE
runs() { # SQL
    PGDATABASE=postgres run -c "CREATE DATABASE offer TEMPLATE \"$fixtures\"" || return 2
    printf '%s' "$1" | PGDATABASE=offer run >"$ACCORD_CLUSTER/offer.log" 2>&1
    local status=$?
    PGDATABASE=postgres run -c 'DROP DATABASE offer WITH (FORCE)'
    return $status
}
count=0 open=0 itself=0 failed=''
while IFS=$'\t' read -r rule number; do
    offer=$(query "SELECT sql FROM measure.offers WHERE number = $number AND rule = '$rule' LIMIT 1")
    if runs "$offer"; then
        count=$((count + 1))
        continue
    fi
    reason=$(grep -m 1 ERROR "$ACCORD_CLUSTER/offer.log")
    if [[ $offer == *'= /*'* || $reason == *'is not immutable'* ]]; then
        open=$((open + 1))
        continue
    fi
    if ! runs "$(query "SELECT statement FROM measure.cases WHERE number = $number")"; then
        itself=$((itself + 1))
        continue
    fi
    failed+="# $rule, case $number: $reason"$'\n'
done < <(query "SELECT DISTINCT ON (rule, sql) rule || E'\t' || number FROM measure.offers WHERE rule <> 'TX01' ORDER BY rule, sql, number")
check "$count offers run, $itself fail as the statement itself does, $open are for the author to complete" '' "$failed"
