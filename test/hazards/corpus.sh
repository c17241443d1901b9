#!/usr/bin/env bash
# The hazard corpus: each statement of cases*.sql executed for real on tables with rows (fixtures.sql), rolled back, and compared with what
# accord.check says of it: every lock, rewrite, scan, and whether it fails.  Precision and recall over these facts and over the hazards' ids.
set -uo pipefail
source test/tools/tap.bash
source test/hazards/cases.bash

run -f test/hazards/fixtures.sql -f test/hazards/measure.sql >/dev/null || { echo 'not ok - fixtures'; exit 1; }
run -c 'SET lock_timeout = 0' >/dev/null
load_cases || { echo 'not ok - cases'; exit 1; }

# One session; each case in a transaction of its own, so that no lock of one is held in the next.
{
    echo 'SET client_min_messages = warning;'
    query 'SELECT number FROM measure.cases ORDER BY number' | while read -r n; do
        cat <<SQL
CREATE TEMP TABLE r AS SELECT e.* FROM measure.cases c, measure.execute(c.statement) e WHERE number = $n;
CREATE TEMP TABLE k AS SELECT e.* FROM measure.cases c, measure.checked(c.statement) e WHERE number = $n;
INSERT INTO measure.results
SELECT $n, what, real, checked FROM r, k, LATERAL (VALUES
    ('fails', (r.failure IS NOT NULL)::text, (k.failure IS NOT NULL)::text),
    ('why', r.failure, k.failure), ('basis', NULL, k.basis), ('ids', NULL, k.ids),
    ('rewrite', r.rewrite::text, k.rewrite::text), ('scan', r.scan::text, k.scan::text),
    ('locks', r.locks::text, k.locks::text)) v(what, real, checked);
DROP TABLE r, k;
SQL
    done
} | run >"$ACCORD_CLUSTER/corpus.log" 2>&1 || { echo 'not ok - the corpus runs'; tail -5 "$ACCORD_CLUSTER/corpus.log"; exit 1; }

run <<'SQL' >/dev/null
-- One row for each fact that is so or is said: a lock, a rewrite, a scan, a failure, a hazard.
CREATE VIEW measure.facts AS
WITH both_sides AS (
    SELECT number, what, CASE WHEN what IN ('locks') THEN real::text[] WHEN real IN ('true') THEN ARRAY[what] ELSE '{}' END AS real,
           CASE WHEN what IN ('locks') THEN checked::text[] WHEN checked IN ('true') THEN ARRAY[what] ELSE '{}' END AS checked
      FROM measure.results r WHERE what IN ('locks', 'rewrite', 'scan', 'fails')
       AND NOT (what <> 'fails' AND EXISTS (SELECT FROM measure.results f WHERE f.number = r.number AND f.what = 'fails' AND f.real = 'true' AND f.checked = 'true'))
    UNION ALL
    SELECT c.number, 'ids', CASE WHEN c.ids = '-' THEN '{}' ELSE string_to_array(c.ids, ' ') END,
           CASE WHEN r.checked IN ('-') OR r.checked IS NULL THEN '{}' ELSE string_to_array(r.checked, ' ') END
      FROM measure.cases c JOIN measure.results r USING (number) WHERE r.what = 'ids'
       AND NOT EXISTS (SELECT FROM measure.results f WHERE f.number = c.number AND f.what = 'fails' AND f.real = 'true')
)
SELECT number, what, coalesce(x.fact, y.fact) AS fact, x.fact IS NOT NULL AS is_so, y.fact IS NOT NULL AS is_said
  FROM both_sides b, LATERAL (SELECT unnest(b.real) AS fact) x FULL JOIN LATERAL (SELECT unnest(b.checked) AS fact) y ON false WHERE false
UNION ALL
SELECT number, what, f.fact, coalesce(f.fact = ANY (b.real), false), coalesce(f.fact = ANY (b.checked), false)
  FROM both_sides b, LATERAL (SELECT unnest(b.real) UNION SELECT unnest(b.checked)) f(fact);
SQL
summary() { # what kinds
    query "SELECT format('precision %s, recall %s  (%s facts, %s said wrongly, %s missed)',
                         round(100.0 * count(*) FILTER (WHERE is_so AND is_said) / nullif(count(*) FILTER (WHERE is_said), 0), 1),
                         round(100.0 * count(*) FILTER (WHERE is_so AND is_said) / nullif(count(*) FILTER (WHERE is_so), 0), 1),
                         count(*) FILTER (WHERE is_so), count(*) FILTER (WHERE is_said AND NOT is_so), count(*) FILTER (WHERE is_so AND NOT is_said))
             FROM measure.facts WHERE what IN ($1)"
}
statements=$(query 'SELECT count(*) FROM measure.cases')
differ() {
    query "SELECT format('  %s. %s | %s', c.number, c.statement,
                         string_agg(CASE WHEN is_so THEN 'missed: ' ELSE 'wrong: ' END || what || ' ' || fact, '; ' ORDER BY what, fact))
                  || coalesce((SELECT '  [really: ' || nullif(real, '') || ']' FROM measure.results w WHERE w.number = c.number AND w.what = 'why'), '')
                  || coalesce((SELECT '  [said: ' || checked || ']' FROM measure.results w WHERE w.number = c.number AND w.what = 'why'), '')
             FROM measure.facts f JOIN measure.cases c USING (number) WHERE is_so <> is_said AND what IN ($1) GROUP BY c.number, c.statement ORDER BY 1"
}
echo "# $statements statements on PostgreSQL $version"
echo "# locks, rewrite, scan, failure: $(summary "'locks','rewrite','scan','fails'")"
echo "# hazards:                       $(summary "'ids'")"
wrong=$(differ "'locks','rewrite','scan','fails'")
check 'what was measured is what accord.check says' '' "$wrong"
wrong=$(differ "'ids'")
check 'the hazards are those that the corpus names' '' "$wrong"
check 'there are enough cases' t "$(query 'SELECT count(*) >= 150 FROM measure.cases')"
check 'nothing is only parsed or partial' '' \
    "$(query "SELECT statement || ': ' || checked FROM measure.results JOIN measure.cases USING (number)
               WHERE what = 'basis' AND checked IN ('parsed', 'partial') ORDER BY number")"
