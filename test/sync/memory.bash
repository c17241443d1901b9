# check: runs a statement many times in one session and compares the session's memory before and after.  Measured inside the session: the total of
# its memory contexts and its private resident size (shared buffers that it touches are not its own).
used="SELECT (SELECT sum(total_bytes) FROM pg_backend_memory_contexts), substring(pg_read_file('/proc/self/status') FROM 'RssAnon:\s+(\d+)')::bigint * 1024"

# name, SQL with @ for the number, how often, errors each time
check() {
    local name=$1 sql=$2 count=$3
    local warm=$((count < 2000 ? count : 2000))
    local errors=$((${4-0} * (count + warm)))
    {
        for ((i = 1; i <= warm; i++)); do echo "${sql//@/$i}"; done
        echo "$used;"
        awk -v sql="$sql" -v n="$count" 'BEGIN { for (i = 1; i <= n; i++) { s = sql; gsub(/@/, i, s); print s } }'
        echo "$used;"
    } | psql -XqAt -F ' ' 2>"$ACCORD_CLUSTER/errors" >"$ACCORD_CLUSTER/memory"
    read -r contexts_before resident_before < <(head -n 1 "$ACCORD_CLUSTER/memory")
    read -r contexts_after resident_after < <(tail -n 1 "$ACCORD_CLUSTER/memory")
    echo "# $name: $count statements, $(grep -c ERROR "$ACCORD_CLUSTER/errors") errors; contexts $contexts_before -> $contexts_after, resident $resident_before -> $resident_after"
    # A context may still double once; a leak of 16 bytes a statement is 1.6 MB.
    if [[ -n $contexts_after && $(wc -l <"$ACCORD_CLUSTER/memory") == 2 ]] && ((contexts_after - contexts_before < 400000 && resident_after - resident_before < 2000000)); then
        echo "ok - $name"
    else
        echo "not ok - $name"
    fi
    if [[ $errors != "$(grep -c ERROR "$ACCORD_CLUSTER/errors")" ]]; then echo "not ok - $name: expected $errors errors"; fi
}
