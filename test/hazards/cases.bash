# Sourced by the scripts of this folder: run, and load_cases, which fills measure.cases with the statements of cases*.sql that this server takes.
run() { psql -Xq -v ON_ERROR_STOP=1 "$@"; }

# A case is a comment with the ids and the statement behind it, to the line that ends with a semicolon; a file "-- from 17" is for 17 and later.
version=$(query "SELECT current_setting('server_version_num')::integer / 10000")
load_cases() {
    local number=0 file least ids statement
    : >"$ACCORD_CLUSTER/cases.copy"
    for file in test/hazards/cases*.sql; do
        least=$(sed -n '1s/^-- from \([0-9]*\).*/\1/p' "$file")
        [[ -z $least || $version -ge $least ]] || continue
        perl -0777 -ne 'while (/^-- ((?:[A-Z]{2}\d\d ?)+|-)\n((?:(?!^--|\n\n).*\n?)+?)(?=^-- |\n|\z)/mg) { my ($i, $s) = ($1, $2); $i =~ s/\s+$//; $s =~ s/\s+/ /g; $s =~ s/;?\s*$//; $s =~ s/\\/\\\\/g; print "$i\t$s\n" }' "$file"
    done | while IFS=$'\t' read -r ids statement; do
        printf '%d\t%s\t%s\n' $((++number)) "$ids" "$statement"
    done >"$ACCORD_CLUSTER/cases.copy"
    run -c "\\copy measure.cases (number, ids, statement) FROM '$ACCORD_CLUSTER/cases.copy'"
}
