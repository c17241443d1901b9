# Sourced by the TAP scripts: one assertion, the two sides of it shown when they differ.
check() { # check WHAT WANTED FOUND
    if [[ $3 == "$2" ]]; then
        echo "ok - $1"
    else
        printf 'not ok - %s\n  wanted: %s\n  found:  %s\n' "$1" "$2" "$3"
    fi
}
check_match() { # check_match WHAT REGEX FOUND
    if [[ $3 =~ $2 ]]; then echo "ok - $1"; else printf 'not ok - %s\n  wanted to match: %s\n  found: %s\n' "$1" "$2" "$3"; fi
}
query() { psql -XqAt -v ON_ERROR_STOP=1 -c "$1"; }
