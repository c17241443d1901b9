#!/usr/bin/env bash
# accord check: findings that are let pass, by a comment or a baseline, each for a reason and until a date.
set -uo pipefail
source test/tools/tap.bash
folder=$(mktemp -d "${ACCORD_CLUSTER}/ignores.XXXXXX")
psql -XqAt <<'SQL' >/dev/null
CREATE EXTENSION pg_accord;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
SELECT accord.register_contract('flights');
CREATE TABLE loose (id integer);
SQL
run() {
    output=$(accord "$@" 2>"$folder/err")
    status=$?
    errors=$(cat "$folder/err")
}
sql() { # sql TEXT…: a file of these lines, checked
    printf '%s\n' "$@" >"$folder/a.sql"
    run check --format json "$folder/a.sql"
    found=$status:$(python3 -c '
import json, sys
print(" ".join((r["rule"] if not r["suppressed_by"] else "(%s)" % r["rule"]) for r in json.load(sys.stdin) if r["rule"]))' <<<"$output")
}
export PGOPTIONS='-c lock_timeout=10s' # so that nobody advises one
drop='ALTER TABLE flights DROP COLUMN dep_delay;'
ignore='-- accord: ignore column-dropped reason="nobody reads it" until='
tomorrow=$(date -u -d tomorrow +%F) today=$(date -u +%F) yesterday=$(date -u -d yesterday +%F)

sql "$drop"
check 'no comment' '1:column-dropped' "$found"
sql "$ignore$tomorrow" "$drop"
check 'the line before' '0:(column-dropped)' "$found"
sql "$drop $ignore$tomorrow"
check 'behind it on its line' '0:(column-dropped)' "$found"
sql 'ALTER TABLE flights' "    $ignore$tomorrow" '    DROP COLUMN dep_delay;'
check 'inside it' '0:(column-dropped)' "$found"
sql "/* accord: ignore column-dropped" "   reason=\"nobody reads it\" until=$tomorrow */" "$drop"
check 'in a block comment' '0:(column-dropped)' "$found"
sql "$ignore$today" "$drop"
check 'on its last day' '0:(column-dropped)' "$found"
sql "$ignore$yesterday" "$drop"
check 'the day after: reported again, and that too' '1:ignore-expired column-dropped' "$found"
check_match 'with the date' "it expired on $yesterday" "$output"
sql "$ignore$tomorrow" "$drop" 'ALTER TABLE flights DROP COLUMN carrier;'
check 'the next statement is another matter' '1:(column-dropped) column-dropped' "$found"
sql "$ignore$tomorrow" 'ALTER TABLE flights RENAME COLUMN dep_delay TO delay;'
check 'another rule' '1:ignore-unused column-renamed' "$found"
sql "-- accord: ignore column-renamed, column-dropped reason=\"both\" until=$tomorrow" "$drop" 'SELECT 1;'
check 'two rules, of which one is hit' '0:ignore-unused (column-dropped)' "$found"
sql "$ignore$tomorrow" 'SELECT 1;'
check 'nothing to ignore' '0:ignore-unused' "$found"
sql "$drop" 'SELECT 1;' "$ignore$tomorrow"
check 'after the last statement' '1:column-dropped ignore-unused' "$found"
sql "SELECT '$ignore$tomorrow';" "$drop"
check 'in a literal' '1:column-dropped' "$found"
sql "-- accord: ignore cannot-tell reason=\"data only\" until=$tomorrow" 'DO $$ BEGIN END $$;'
check 'what cannot be told' '0:(cannot-tell)' "$found"
sql 'DO $$ BEGIN END $$;'
check 'and without' '2:cannot-tell' "$found"
unset PGOPTIONS
sql "-- accord: ignore RW06, TX01 reason=\"at night\" until=$tomorrow" 'ALTER TABLE loose ALTER COLUMN id TYPE bigint;'
check 'hazards' '0:(RW06) (TX01)' "$found"
sql "-- accord: ignore RW06 reason=\"at night\" until=$yesterday" "SET lock_timeout = '1s'; ALTER TABLE loose ALTER COLUMN id TYPE bigint;"
check 'a hazard, and a comment elsewhere' '0:ignore-unused RW06' "$found"
sql "-- accord: ignore TX01 reason=\"at night\" until=$yesterday" 'ALTER TABLE loose ALTER COLUMN id TYPE bigint;'
check 'advice, expired' '0:ignore-expired RW06 TX01' "$found"
export PGOPTIONS='-c lock_timeout=10s'
malformed() { # malformed WHAT COMMENT WHY
    sql "$2" "$drop"
    check "$1" '1:ignore-malformed column-dropped' "$found"
    check_match "$1: why" "$3" "$output"
}
malformed 'no reason' "-- accord: ignore column-dropped until=$tomorrow" 'gives no reason'
malformed 'an empty reason' "-- accord: ignore column-dropped reason=\" \" until=$tomorrow" 'gives no reason'
malformed 'no date' '-- accord: ignore column-dropped reason="x"' 'until when'
malformed 'a date that does not exist' '-- accord: ignore column-dropped reason="x" until=2027-02-30' 'is not a date'
malformed 'no rule' "-- accord: ignore reason=\"x\" until=$tomorrow" 'name a rule'
malformed 'another option' "-- accord: ignore column-dropped reason=\"x\" until=$tomorrow who=me" 'no option'
malformed 'another word' "-- accord: allow column-dropped" 'is not something'

# baselines
printf '%s\n' "$drop" >"$folder/old.sql"
run check --write-baseline "$folder/base.json" --reason 'was there before' --until "$tomorrow" "$folder/old.sql"
check 'writing a baseline: status' 0 "$status"
run check --baseline "$folder/base.json" "$folder/old.sql"
check 'what is in it passes' 0 "$status"
check_match 'with its reason' 'baseline until .*: was there before' "$output"
printf -- '-- moved\n\nALTER   TABLE flights\n  DROP COLUMN dep_delay' >"$folder/moved.sql"
run check --baseline "$folder/base.json" "$folder/moved.sql"
check 'also elsewhere and written otherwise' 0 "$status"
echo 'ALTER TABLE flights DROP COLUMN carrier;' >"$folder/new.sql"
run check --baseline "$folder/base.json" "$folder/old.sql" "$folder/new.sql"
check 'what is not in it does not' 1 "$status"
run check --baseline "$folder/base.json" --write-baseline "$folder/base.json" --reason 'later' --until "$tomorrow" "$folder/new.sql"
check 'added to: both, each with its own reason' '0 later,was there before' \
    "$status $(python3 -c 'import json, sys; print(",".join(sorted(e["reason"] for e in json.load(open(sys.argv[1]))["findings"])))' "$folder/base.json")"
run check --baseline "$folder/base.json" "$folder/old.sql" "$folder/new.sql"
check 'then all passes' 0 "$status"
sed -i "s/$tomorrow/$yesterday/" "$folder/base.json"
run check --format json --baseline "$folder/base.json" "$folder/old.sql"
check 'expired: reported again, and that too' '1 baseline-expired column-dropped' \
    "$status $(python3 -c 'import json, sys; print(*sorted(r["rule"] for r in json.load(sys.stdin) if r["rule"]))' <<<"$output")"
run check --write-baseline "$folder/b2.json" --until "$tomorrow" "$folder/old.sql"
check 'a baseline without a reason' 2 "$status"
run check --write-baseline "$folder/b2.json" --reason x --until soon "$folder/old.sql"
check 'a baseline until no date' 2 "$status"
check 'is not written' missing "$([[ -e $folder/b2.json ]] || echo missing)"
echo 'ALTER TABLE loose ALTER COLUMN id TYPE bigint;' >"$folder/hazard.sql"
unset PGOPTIONS
run check --write-baseline "$folder/hazards.json" --reason 'small' --until "$tomorrow" "$folder/hazard.sql"
run check --format json --fail-on advice --baseline "$folder/hazards.json" "$folder/hazard.sql"
check 'hazards and advice' '0 RW06,TX01' "$status $(python3 -c 'import json, sys; print(",".join(r["rule"] for r in json.load(sys.stdin) if r["suppressed_by"] == "baseline"))' <<<"$output")"
bad_baseline() { # bad_baseline WHAT TEXT WHY
    printf '%s' "$2" >"$folder/bad.json"
    run check --baseline "$folder/bad.json" "$folder/old.sql"
    check "$1" 2 "$status"
    check_match "$1: why" "$3" "$errors"
}
bad_baseline 'no JSON' '{' 'is not JSON'
bad_baseline 'another format' '{"format": 2, "findings": []}' 'format is not 1'
bad_baseline 'no list' '{"format": 1}' 'no list of findings'
bad_baseline 'an entry without a reason' '{"format": 1, "findings": [{"rule": "a", "element": "", "statement": "", "place": "", "until": "2999-01-01"}]}' 'entry 1 has no "reason"'
bad_baseline 'an entry without a date' '{"format": 1, "findings": [{"rule": "a", "element": "", "statement": "", "place": "", "reason": "x", "until": "x"}]}' 'is not a date'
run check --baseline "$folder/missing.json" "$folder/old.sql"
check 'a baseline that is not there' 2 "$status"
printf 'ALTER TABLE nowhere DROP COLUMN a;\n' >"$folder/fails.sql"
run check --write-baseline "$folder/b2.json" --reason x --until "$tomorrow" "$folder/fails.sql"
check 'what fails cannot be let pass' '2 0' "$status $(grep -c statement-failed "$folder/b2.json")"
