#!/usr/bin/env bash
# The page of rules in the tree is the one that the registry makes.
set -uo pipefail
page=$(mktemp "$ACCORD_CLUSTER/rules.XXXXXX")
scripts/rules >"$page" || echo "not ok - the page of rules can be made"
if diff -u docs/rules.md "$page"; then echo 'ok - docs/rules.md is current'; else echo 'not ok - docs/rules.md is current'; fi
