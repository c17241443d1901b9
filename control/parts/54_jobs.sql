-- Background workers: their jobs, and what shows them.

CREATE OR REPLACE FUNCTION accord_catalog.start_index_build(migration bigint, contract bigint, statement text, index_name text,
                                                            start_when text DEFAULT 'now')
RETURNS bigint LANGUAGE c AS 'MODULE_PATHNAME', 'accord_start_index_build';
COMMENT ON FUNCTION accord_catalog.start_index_build(bigint, bigint, text, text, text) IS
    'has a background worker run one CREATE INDEX CONCURRENTLY, DROP INDEX CONCURRENTLY or REINDEX INDEX CONCURRENTLY for a migration, once this transaction has committed; index_name is schema-qualified; start_when: now, or filled: when the backfill has filled every row; returns the job';

CREATE OR REPLACE FUNCTION accord_catalog.restart_jobs(migration bigint, contract bigint) RETURNS integer
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'accord_restart_jobs';
COMMENT ON FUNCTION accord_catalog.restart_jobs(bigint, bigint) IS
    'starts the index jobs of a migration again that have failed or that a crash has interrupted; returns how many';

-- Jobs whose worker lives.
CREATE OR REPLACE VIEW accord_catalog.live_job AS
SELECT (l.classid::bigint << 32) | l.objid::bigint AS id, l.pid
  FROM pg_catalog.pg_locks l
 WHERE l.locktype = 'advisory' AND l.objsubid = 19149 AND l.granted
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database());
COMMENT ON VIEW accord_catalog.live_job IS 'jobs that a background worker holds now';

-- Jobs whose worker is on its way: it was asked for a moment ago, and no crash, which ends them all, came after (the checkpointer is then new).
CREATE OR REPLACE VIEW accord_catalog.coming_job AS
SELECT j.id
  FROM accord_catalog.job j
 WHERE j.state = 'queued'
   AND j.launched_at > greatest(pg_catalog.clock_timestamp() - interval '10 seconds',
                                (SELECT a.backend_start FROM pg_catalog.pg_stat_activity a WHERE a.backend_type = 'checkpointer'));
COMMENT ON VIEW accord_catalog.coming_job IS 'jobs that a background worker will begin in a moment';

-- Sessions and workers that fill a contract's table now.
CREATE OR REPLACE VIEW accord_catalog.live_backfill AS
SELECT (l.classid::bigint << 32) | l.objid::bigint AS contract_id, l.pid, l.mode = 'ExclusiveLock' AS foreground
  FROM pg_catalog.pg_locks l
 WHERE l.locktype = 'advisory' AND l.objsubid = 19148 AND l.granted
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database());
COMMENT ON VIEW accord_catalog.live_backfill IS 'who fills rows now: workers, or one session for itself';

-- How far each heap is, with what is claimed of it; only what a live worker or session does counts as being done now.  The last look
-- (a claim without a relation) is at all of them.
CREATE OR REPLACE VIEW accord_catalog.backfill_heap AS
SELECT g.migration_id, g.contract_id, g.relation, g.blocks, g.rows_done, g.done, g.started_at, g.updated_at,
       CASE WHEN g.done THEN g.blocks ELSE least(g.next_block, g.blocks) - coalesce(k.blocks_claimed, 0) END AS blocks_done,
       coalesce(k.rows_skipped, 0) AS rows_skipped, k.rows_per_second, k.blocks_per_second, k.waiting_for
  FROM accord_catalog.backfill_range g
  LEFT JOIN LATERAL (SELECT sum(c.end_block - c.next_block)::bigint AS blocks_claimed, sum(c.rows_skipped)::bigint AS rows_skipped,
                            sum(c.rows_per_second) FILTER (WHERE c.live) AS rows_per_second,
                            sum(c.blocks_per_second) FILTER (WHERE c.live) AS blocks_per_second,
                            max(c.waiting_for) FILTER (WHERE c.live) AS waiting_for
                       FROM (SELECT b.*, b.job IN (SELECT id FROM accord_catalog.live_job)
                                         OR b.job IS NULL AND b.contract_id IN (SELECT contract_id FROM accord_catalog.live_backfill) AS live
                               FROM accord_catalog.backfill_claim b) c
                      WHERE c.migration_id = g.migration_id AND c.contract_id = g.contract_id AND coalesce(c.relation, g.relation) = g.relation) k ON true;
COMMENT ON VIEW accord_catalog.backfill_heap IS 'progress of the backfill, heap by heap';

-- Everybody may see which jobs there are; an error can tell values of rows, and is for the owner.
CREATE OR REPLACE VIEW accord.jobs WITH (security_barrier) AS
SELECT j.id AS job,
       coalesce(c.relation::text, pg_catalog.format('%I.%I', c.last_schema, c.last_name)) AS contract,
       r.to_version,
       j.kind,
       CASE WHEN l.id IS NULL AND (j.state = 'running' OR j.state = 'queued' AND j.launched_at IS NOT NULL AND j.id NOT IN (SELECT id FROM accord_catalog.coming_job))
            THEN 'interrupted' ELSE j.state END AS state,
       l.pid,
       j.role,
       j.argument ->> 'statement' AS statement,
       j.attempts,
       CASE WHEN m.mine THEN j.sqlstate END AS sqlstate,
       CASE WHEN m.mine THEN pg_catalog.concat_ws('  ', j.message, 'DETAIL: ' || j.detail, 'HINT: ' || j.hint) END AS error,
       j.created_at, j.started_at, j.finished_at
  FROM accord_catalog.job j
  JOIN accord_catalog.contract c ON c.id = j.contract_id
  JOIN accord_catalog.migration_relation r ON r.migration_id = j.migration_id AND r.contract_id = j.contract_id
  LEFT JOIN accord_catalog.live_job l ON l.id = j.id
  CROSS JOIN LATERAL (SELECT c.owner IN (SELECT name FROM accord_catalog.my_role)
                             OR 'accord_admin' IN (SELECT name FROM accord_catalog.my_role)) m(mine);
COMMENT ON VIEW accord.jobs IS
    'what background workers do: backfills and concurrent index builds; state is queued, running, paused, done, failed, cancelled, or interrupted (its worker is gone: accord.resume_backfill starts it again)';
GRANT SELECT ON accord.jobs TO PUBLIC;
