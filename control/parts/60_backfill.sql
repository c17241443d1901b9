-- The backfill: a committing procedure, the same by background workers, and the view of its progress.

CREATE OR REPLACE PROCEDURE accord.backfill(contract regclass, to_version text DEFAULT NULL, batch_ms integer DEFAULT 50,
                                            nice double precision DEFAULT 0, max_lag interval DEFAULT '10 seconds',
                                            fire_triggers boolean DEFAULT false, partition regclass DEFAULT NULL, only_rows text DEFAULT NULL)
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_backfill';
COMMENT ON PROCEDURE accord.backfill(regclass, text, integer, double precision, interval, boolean, regclass, text) IS
    'fills the rows that a migration has still to fill, in transactions of about batch_ms milliseconds each; sleeps nice times the length of a batch after it; waits while a standby lags by more than max_lag (NULL: does not ask); goes on where an earlier call was stopped.  partition: only this one; only_rows: only rows for which the condition holds, for example $$id < 1000$$; the version becomes active when a call without either has found nothing left';

CREATE OR REPLACE FUNCTION accord.start_backfill(contract regclass, to_version text DEFAULT NULL, workers integer DEFAULT 1,
                                                 batch_ms integer DEFAULT 50, nice double precision DEFAULT 0,
                                                 max_lag interval DEFAULT '10 seconds', fire_triggers boolean DEFAULT false)
    RETURNS integer LANGUAGE c AS 'MODULE_PATHNAME', 'accord_start_backfill';
COMMENT ON FUNCTION accord.start_backfill(regclass, text, integer, integer, double precision, interval, boolean) IS
    'has background workers do what CALL accord.backfill does, once this transaction has committed; they share the table''s blocks.  Returns how many were started; 53000 when no background worker is free, 55006 when a backfill of the contract is running.  See accord.progress and accord.jobs';

CREATE OR REPLACE FUNCTION accord.pause_backfill(contract regclass, to_version text DEFAULT NULL)
    RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'accord_pause_backfill';
COMMENT ON FUNCTION accord.pause_backfill(regclass, text) IS
    'lets the backfill of a contract rest: background workers end after their batch, a CALL accord.backfill waits; until accord.resume_backfill';

CREATE OR REPLACE FUNCTION accord.resume_backfill(contract regclass, to_version text DEFAULT NULL)
    RETURNS integer LANGUAGE c AS 'MODULE_PATHNAME', 'accord_resume_backfill';
COMMENT ON FUNCTION accord.resume_backfill(regclass, text) IS
    'ends a pause, and starts the workers again that were paused, have failed or were interrupted by a crash, those that build indexes included; returns how many';

CREATE OR REPLACE FUNCTION accord.cancel_backfill(contract regclass, to_version text DEFAULT NULL)
    RETURNS integer LANGUAGE c AS 'MODULE_PATHNAME', 'accord_cancel_backfill';
COMMENT ON FUNCTION accord.cancel_backfill(regclass, text) IS
    'stops the backfill of a contract, by workers or by CALL accord.backfill; what is filled stays filled, and the next backfill goes on from there; returns how many were stopped';

-- Progress of each live migration.  Rows that are still pending are an estimate.
CREATE OR REPLACE VIEW accord.progress WITH (security_barrier) AS
SELECT coalesce(c.relation::text, pg_catalog.format('%I.%I', c.last_schema, c.last_name)) AS contract,
       r.to_version,
       CASE WHEN r.filled OR r.marker IS NULL THEN 'done'
            WHEN r.paused THEN 'paused'
            WHEN w.workers > 0 THEN 'running'
            WHEN b.heaps IS NULL THEN 'not started'
            ELSE 'stopped' END AS state,
       coalesce(b.blocks_done, 0) AS blocks_done,
       coalesce(b.blocks_total, 0) AS blocks_total,
       coalesce(b.rows_done, 0) AS rows_done,
       CASE WHEN r.filled OR r.marker IS NULL THEN 0 ELSE b.rows_pending END AS rows_pending,
       b.rows_per_second,
       CASE WHEN NOT r.filled AND b.blocks_per_second > 0
            THEN pg_catalog.make_interval(secs => pg_catalog.round(((b.blocks_total - b.blocks_done) / b.blocks_per_second)::numeric)::double precision)
            END AS remaining,
       b.waiting_for,
       b.started_at,
       b.updated_at,
       w.workers,
       CASE WHEN c.owner IN (SELECT name FROM accord_catalog.my_role) OR 'accord_admin' IN (SELECT name FROM accord_catalog.my_role)
            THEN (SELECT j.message FROM accord_catalog.job j
                   WHERE j.migration_id = r.migration_id AND j.contract_id = r.contract_id AND j.state = 'failed'
                   ORDER BY j.finished_at DESC LIMIT 1) END AS error
  FROM accord_catalog.migration_relation r
  JOIN accord_catalog.migration m ON m.id = r.migration_id AND m.state IN ('preparing', 'active', 'completed')
  JOIN accord_catalog.contract c ON c.id = r.contract_id
  LEFT JOIN LATERAL (SELECT pg_catalog.count(*) AS workers FROM accord_catalog.live_backfill l WHERE l.contract_id = c.id) w ON true
  LEFT JOIN LATERAL (
       SELECT pg_catalog.count(*) AS heaps,
              pg_catalog.sum(g.blocks_done)::bigint AS blocks_done,
              pg_catalog.sum(g.blocks)::bigint AS blocks_total,
              pg_catalog.sum(g.rows_done)::bigint AS rows_done,
              CASE WHEN pg_catalog.bool_and(e.rows_each IS NOT NULL)
                   THEN pg_catalog.sum(e.rows_each * (g.blocks - g.blocks_done) + g.rows_skipped)::bigint END AS rows_pending,
              pg_catalog.round(pg_catalog.sum(g.rows_per_second))::bigint AS rows_per_second,
              pg_catalog.sum(g.blocks_per_second) AS blocks_per_second,
              pg_catalog.max(g.waiting_for) AS waiting_for,
              pg_catalog.min(g.started_at) AS started_at,
              pg_catalog.max(g.updated_at) AS updated_at
         FROM accord_catalog.backfill_heap g
         LEFT JOIN pg_catalog.pg_class k ON k.oid = g.relation
         -- Rows of a block: as found so far, or as ANALYZE has counted; not known before either.
         CROSS JOIN LATERAL (SELECT CASE WHEN g.done THEN 0
                                         WHEN g.blocks_done > 0 THEN g.rows_done::double precision / g.blocks_done
                                         WHEN k.reltuples >= 0 THEN k.reltuples / greatest(g.blocks, 1) END AS rows_each) e
        WHERE g.migration_id = r.migration_id AND g.contract_id = r.contract_id
       HAVING pg_catalog.count(*) > 0) b ON true;
COMMENT ON VIEW accord.progress IS 'how far the backfill of each live migration has come, and by how many workers; blocks done of all blocks is exact, rows_pending is an estimate, NULL where there is nothing to tell it from; error is for the contract''s owner';
GRANT SELECT ON accord.progress TO PUBLIC;
