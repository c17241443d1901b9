# Sourced by the TAP scripts that take a migration through its life while pgbench clients write to "account" and "ledger".  A client in the
# background is clients[NAME], and what it complains of is in $logs/NAME.err.
. test/tools/tap.bash
: "${logs:?is to be set before}"
declare -A clients=()
quiet() { PGOPTIONS='-c client_min_messages=warning' psql -XqAt -v ON_ERROR_STOP=1 -c "$1"; }

# pgbench says what it has done only when it is asked to end by itself, so its errors are what counts here, and what the tables say.
finish() { # finish NAME: it must have been alive until now
    local alive=no
    kill -0 "${clients[$1]}" 2>/dev/null && alive=yes
    kill -TERM "${clients[$1]}" 2>/dev/null
    wait "${clients[$1]}" 2>/dev/null
    check "clients \"$1\" saw no error" 'yes ' "$alive $(grep -iE 'ERROR|FATAL|abort' "$logs/$1.err" | sort | uniq -c | head -n 5 | tr '\n' ' ')"
}
# Nothing that follows means anything when a step fails.
step() { # step WHAT STATE STATEMENT
    local found
    found=$(quiet "$3" 2>&1)
    check "$1" "$2" "$found"
    [[ $found == "$2" ]] || { kill -TERM "${clients[@]}" 2>/dev/null; exit 1; }
}
moved() { query "SELECT count(*) FROM ledger"; }
beat() { # beat WHEN: a while in which money is moved
    local before
    before=$(moved)
    for ((i = 0; i < ${tries:-100}; i++)); do
        (($(moved) > before + ${enough:-300})) && return
        sleep 0.1
    done
    step "money is moved $1" yes 'SELECT $$no$$'
}
