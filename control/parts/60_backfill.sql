-- The backfill: a committing procedure, and the view of its progress.

CREATE OR REPLACE PROCEDURE accord.backfill(contract regclass, to_version text DEFAULT NULL, batch_ms integer DEFAULT 50,
                                            nice double precision DEFAULT 0, max_lag interval DEFAULT '10 seconds',
                                            fire_triggers boolean DEFAULT false)
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_backfill';
COMMENT ON PROCEDURE accord.backfill(regclass, text, integer, double precision, interval, boolean) IS
    'fills the rows that a migration has still to fill, in transactions of about batch_ms milliseconds each; sleeps nice times the length of a batch after it; waits while a standby lags by more than max_lag (NULL: does not ask); goes on where an earlier call was stopped';

-- Progress of each live migration.  Rows that are still pending are an estimate.
CREATE OR REPLACE VIEW accord.progress AS
SELECT coalesce(c.relation::text, pg_catalog.format('%I.%I', c.last_schema, c.last_name)) AS contract,
       r.to_version,
       CASE WHEN r.filled OR r.marker IS NULL THEN 'done'
            WHEN EXISTS (SELECT FROM pg_catalog.pg_locks l
                          WHERE l.locktype = 'advisory' AND l.objsubid = 19148 AND l.granted
                            AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
                            AND (l.classid::bigint << 32 | l.objid::bigint) = c.id) THEN 'running'
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
       b.updated_at
  FROM accord_catalog.migration_relation r
  JOIN accord_catalog.migration m ON m.id = r.migration_id AND m.state IN ('preparing', 'active', 'completed')
  JOIN accord_catalog.contract c ON c.id = r.contract_id
  LEFT JOIN LATERAL (
       SELECT pg_catalog.count(*) AS heaps,
              pg_catalog.sum(CASE WHEN g.done THEN g.blocks ELSE least(g.next_block, g.blocks) END)::bigint AS blocks_done,
              pg_catalog.sum(g.blocks)::bigint AS blocks_total,
              pg_catalog.sum(g.rows_done)::bigint AS rows_done,
              pg_catalog.sum(CASE WHEN g.done THEN 0
                                  ELSE greatest(k.reltuples, 0) * (g.blocks - least(g.next_block, g.blocks)) / greatest(g.blocks, 1) + g.rows_skipped
                             END)::bigint AS rows_pending,
              pg_catalog.round(pg_catalog.max(g.rows_per_second) FILTER (WHERE NOT g.done))::bigint AS rows_per_second,
              pg_catalog.max(g.blocks_per_second) FILTER (WHERE NOT g.done) AS blocks_per_second,
              pg_catalog.max(g.waiting_for) AS waiting_for,
              pg_catalog.min(g.started_at) AS started_at,
              pg_catalog.max(g.updated_at) AS updated_at
         FROM accord_catalog.backfill_range g
         LEFT JOIN pg_catalog.pg_class k ON k.oid = g.relation
        WHERE g.migration_id = r.migration_id AND g.contract_id = r.contract_id
       HAVING pg_catalog.count(*) > 0) b ON true;
COMMENT ON VIEW accord.progress IS 'how far the backfill of each live migration has come; blocks done of all blocks is exact, rows_pending is an estimate';
GRANT SELECT ON accord.progress TO PUBLIC;
