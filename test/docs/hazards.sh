#!/usr/bin/env bash
# Every hazard that the server can tell has words in src/rule/hazard.cpp and a row in docs/hazards.md, and there are no others.
set -uo pipefail
source test/tools/tap.bash
ids() { grep -ohE '"(RW|SC|IX|PT|HL|TX|BC|DX|MF|DM|RP|SG)[0-9]{2}"' "$@" | tr -d '"' | sort -u | tr '\n' ' '; }
told=$(ids src/server/check/*.cpp)
check 'words' "$told" "$(ids src/rule/hazard.cpp)"
check 'documented' '' "$(for id in $told; do grep -q "^| $id |.*a row with this id" docs/hazards.md || echo "$id"; done)"
