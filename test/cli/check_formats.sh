#!/usr/bin/env bash
# accord check: what its reports look like to the programs that read them.
set -uo pipefail
source test/tools/tap.bash
folder=$(mktemp -d "${ACCORD_CLUSTER}/formats.XXXXXX")
psql -XqAt <<'SQL' >/dev/null
CREATE EXTENSION pg_accord;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL);
SELECT accord.register_contract('flights');
SELECT accord.register_consumer('billing', role => 'postgres');
SELECT accord.subscribe('flights', 'billing');
SQL
run() {
    output=$(accord "$@" 2>"$folder/err")
    status=$?
    errors=$(cat "$folder/err")
}
mkdir "$folder/my files"
cat >"$folder/my files/001 & <x>.sql" <<'SQL'
ALTER TABLE flights ADD COLUMN note text;
ALTER TABLE flights
    RENAME COLUMN carrier TO "<air> & ""line""";
SQL
cat >"$folder/my files/002.sql" <<'SQL'
DO $$ BEGIN PERFORM 'ä€😀'; END $$;
-- accord: ignore column-dropped reason="gone, with <care> & ""thought""" until=2999-01-01
-- accord: ignore column-dropped reason="nobody reads it any more" until=2999-01-01
ALTER TABLE flights DROP COLUMN dep_delay;
SQL
printf "SELECT 'a\001b\tc\xff';\nALTER TABLE flights DROP COLUMN flight_id CASCADE;\n" >"$folder/odd.sql"

run check --format junit "$folder/my files"
check 'JUnit: exit status' 1 "$status"
check 'JUnit: well-formed, and the counts add up' 'ok 2 files: 6 tests, 1 failures, 1 errors, 1 skipped' "$(python3 -c '
import sys, xml.etree.ElementTree as ET
root = ET.fromstring(sys.stdin.buffer.read())
assert root.tag == "testsuites"
suites = root.findall("testsuite")
for s in suites:
    assert s.get("name") and int(s.get("tests")) == len(s.findall("testcase")), s.attrib
    for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(s.get(kind)) == len(s.findall("testcase/" + tag)), (kind, s.attrib)
    for c in s.findall("testcase"):
        assert c.get("name") and c.get("classname") == s.get("name")
for kind in ("tests", "failures", "errors", "skipped"):
    assert int(root.get(kind)) == sum(int(s.get(kind)) for s in suites)
print("ok %d files: %s tests, %s failures, %s errors, %s skipped" % (len(suites), *(root.get(k) for k in ("tests", "failures", "errors", "skipped"))))' <<<"$output")"
check 'JUnit: names with < & " come through' True "$(python3 -c '
import sys, xml.etree.ElementTree as ET
root = ET.fromstring(sys.stdin.buffer.read())
f = root.find(".//failure")
print("001 & <x>.sql:2" in f.text and "<air> & \"\"line\"\"" in f.text and "column-renamed" == f.get("type"))' <<<"$output")"

valid_sarif='
import json, re, sys
d = json.load(sys.stdin)
assert d["version"] == "2.1.0" and d["$schema"].endswith("sarif-2.1.0.json") and isinstance(d["runs"], list)
run, = d["runs"]
driver = run["tool"]["driver"]
assert driver["name"] and re.fullmatch(r"[0-9.]+", driver["version"])
ids = [r["id"] for r in driver["rules"]]
assert len(ids) == len(set(ids))
for r in driver["rules"]:
    assert r["shortDescription"]["text"]
inv, = run["invocations"]
assert isinstance(inv["executionSuccessful"], bool) and isinstance(inv["exitCode"], int)
assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
for r in run["results"]:
    assert r["message"]["text"] and r["level"] in ("none", "note", "warning", "error")
    assert ids[r["ruleIndex"]] == r["ruleId"]
    for l in r["locations"]:
        p = l["physicalLocation"]
        assert re.fullmatch(r"(file:///)?[A-Za-z0-9%._~/-]+", p["artifactLocation"]["uri"]), p
        assert 1 <= p["region"]["startLine"] <= p["region"].get("endLine", 10**9)
    for s in r.get("suppressions", []):
        assert s["kind"] in ("inSource", "external") and s["status"] in ("accepted", "underReview", "rejected") and s["justification"]
'
run check --format sarif "$folder/my files"
check 'SARIF: exit status' 1 "$status"
check 'SARIF: has what its schema requires' 'TX01 note,cannot-tell warning,column-dropped error inSource,column-renamed error,ignore-malformed warning' "$(python3 -c "$valid_sarif"'
print(",".join(sorted(" ".join([r["ruleId"], r["level"]] + [s["kind"] for s in r.get("suppressions", [])]) for r in run["results"])))' <<<"$output")"
check 'SARIF: a statement of two lines, in a file whose name needs escaping' '2-3 True' "$(python3 -c "$valid_sarif"'
p, = [r["locations"][0]["physicalLocation"] for r in run["results"] if r["ruleId"] == "column-renamed"]
print("%d-%d %s" % (p["region"]["startLine"], p["region"]["endLine"], p["artifactLocation"]["uri"].endswith("/my%20files/001%20%26%20%3Cx%3E.sql")))' <<<"$output")"
if python3 -c 'import jsonschema' 2>/dev/null && [[ -n ${SARIF_SCHEMA-} ]]; then
    check 'SARIF: its whole schema' ok "$(python3 -c 'import json, sys, jsonschema; jsonschema.validate(json.load(sys.stdin), json.load(open(sys.argv[1]))); print("ok")' "$SARIF_SCHEMA" <<<"$output")"
fi
first=$(python3 -c "$valid_sarif"'
print(sorted(r["partialFingerprints"]["accordFinding/v1"] for r in run["results"] if r["ruleId"] == "column-renamed"))' <<<"$output")
(echo '-- moved'; echo; cat "$folder/my files/001 & <x>.sql") >"$folder/moved.sql"
run check --format sarif "$folder/moved.sql"
check 'SARIF: a finding keeps its fingerprint when the statement moves' "$first" "$(python3 -c "$valid_sarif"'
print(sorted(r["partialFingerprints"]["accordFinding/v1"] for r in run["results"] if r["ruleId"] == "column-renamed"))' <<<"$output")"

(cd "$folder/my files" && accord check --format github . >"$folder/github" 2>&1)
check 'GitHub: exit status' 1 $?
check_match 'GitHub: an error with file and line' '::error file=\./001 & <x>\.sql,line=2,title=accord%3A column-renamed::.*breaks readers, breaks writers; consumers: billing' "$(cat "$folder/github")"
check 'GitHub: one line an annotation, and none for what is ignored' '4 4 1 0' "$(wc -l <"$folder/github") $(grep -c '^::' "$folder/github") $(grep -c '^::notice .*TX01' "$folder/github") $(grep -c "title=accord%3A column-dropped" "$folder/github")"

run check --format json "$folder/my files"
check 'JSON: place, line in the file and the reason' 'column-dropped 4 comment nobody reads it any more' "$(python3 -c '
import json, sys
print(*[" ".join(map(str, (r["rule"], r["line"], r["suppressed_by"], r["reason"]))) for r in json.load(sys.stdin) if r["suppressed_by"]])' <<<"$output")"
run check "$folder/my files"
check_match 'table: the reason' 'comment until 2999-01-01: nobody reads' "$output"

# a hazard is a failure where it makes the exit status 1, and output where it does not
psql -XqAt -c 'CREATE TABLE big (id integer); INSERT INTO big SELECT g FROM generate_series(1, 1000) g; ANALYZE big'
echo "SET lock_timeout = '1s'; ALTER TABLE big ALTER COLUMN id TYPE bigint;" >"$folder/big.sql"
junit() { # junit ARGUMENTS…: of the hazard
    run check --format junit "$@" "$folder/big.sql"
    python3 -c '
import sys, xml.etree.ElementTree as ET
root = ET.fromstring(sys.stdin.buffer.read())
print(root.get("failures"), *[e.tag for c in root.iter("testcase") if "RW06" in c.get("name") for e in c])' <<<"$output"
}
check 'JUnit: a hazard on rows' '1 failure' "$(junit)"
check 'JUnit: which fails nothing' '0 system-out' "$(junit --fail-on error)"
run check --format github "$folder/big.sql"
check_match 'GitHub: a hazard on rows, with what to do instead' '^::error file=.*/big\.sql,line=1,title=accord%3A RW06::column "id" is stored in another way' "$output"
run check --format github --fail-on error "$folder/big.sql"
check_match 'GitHub: which fails nothing' '^::warning file=' "$output"
run check --format sarif "$folder/big.sql"
check 'SARIF: a hazard has words and a level' 'RW06 warning The new type' "$(python3 -c "$valid_sarif"'
r, = run["results"]
print(r["ruleId"], r["level"], driver["rules"][r["ruleIndex"]]["shortDescription"]["text"][:12])' <<<"$output")"

run check --format junit "$folder/odd.sql"
check 'bytes that are no UTF-8: cannot tell' 2 "$status"
check 'JUnit: still well-formed' testsuites "$(python3 -c 'import sys, xml.etree.ElementTree as ET; print(ET.fromstring(sys.stdin.buffer.read()).tag)' <<<"$output")"
printf "SELECT 'a\001b\tc';\nALTER TABLE flights DROP COLUMN flight_id CASCADE;\n" >"$folder/odd.sql"
run check --format junit "$folder/odd.sql"
check 'JUnit: a character that XML does not allow' 'testsuites 1' "$(python3 -c 'import sys, xml.etree.ElementTree as ET; r = ET.fromstring(sys.stdin.buffer.read()); print(r.tag, r.get("failures"))' <<<"$output")"

echo 'ALTER TABLE flights DROPP COLUMN carrier;' >"$folder/syntax.sql"
run check --format sarif "$folder/my files/001 & <x>.sql" "$folder/syntax.sql"
check 'SARIF: a syntax error is a finding with a place' '2 statement-failed syntax.sql 1 False' "$status $(python3 -c "$valid_sarif"'
r, = run["results"]
p = r["locations"][0]["physicalLocation"]
print(r["ruleId"], p["artifactLocation"]["uri"].split("/")[-1], p["region"]["startLine"], inv["executionSuccessful"])' <<<"$output")"
check_match 'and an error to read' 'syntax.sql:1: .*DROPP' "$errors"

run check --format junit --output "$folder/report.xml" "$folder/my files"
check '--output: exit status and summary' '1 1 error, 1 warning, 1 advice, 1 unknown, 1 suppressed' "$status $output"
check '--output: the report is in the file' testsuites "$(python3 -c 'import sys, xml.etree.ElementTree as ET; print(ET.parse(sys.argv[1]).getroot().tag)' "$folder/report.xml")"
run check --output "$folder/no such folder/report" "$folder/my files"
check '--output: a file that cannot be written' 2 "$status"
check_match 'is named' 'could not write file .*no such folder' "$errors"
run check --format sarif "$folder/missing.sql"
check 'a missing file: no report, status 2' '2 ' "$status $output"
PGHOST=$folder run check --format sarif "$folder/moved.sql"
check 'no server: no report, status 2' '2 ' "$status $output"

run check --format bogus "$folder/my files"
check 'a word that is none of the option: status 2' 2 "$status"
check_match 'and which there are' '--format: bogus not in .github,json,junit,sarif,table' "$errors"
run check --format JSON /dev/null
check 'capitals do not matter' '0 []' "$status $(tr -d ' \n' <<<"$output")"
