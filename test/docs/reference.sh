#!/usr/bin/env bash
# The reference page in the tree is the one that the comments make.
set -uo pipefail
page=$(mktemp "$ACCORD_CLUSTER/reference.XXXXXX")
scripts/reference >"$page" || echo "not ok - the page can be made"
# The text of types and settings is that of the server's version: compared where the page was made.
if [[ $(psql -XAtqc 'SHOW server_version_num') == 15* ]]; then
    if diff -u docs/reference.md "$page"; then echo 'ok - docs/reference.md is current'; else echo 'not ok - docs/reference.md is current'; fi
else
    if [[ $(wc -l <"$page") -gt 50 ]]; then echo 'ok - the page can be made'; else echo 'not ok - the page can be made'; fi
fi
