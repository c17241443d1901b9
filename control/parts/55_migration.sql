-- Staged migrations: stage, plan, complete, rollback, purge, and what shows them.

CREATE OR REPLACE FUNCTION accord.stage(
    contract regclass, ddl text, up text DEFAULT NULL, down text DEFAULT NULL, to_version text DEFAULT NULL, insert_null text DEFAULT NULL,
    lock_timeout interval DEFAULT '200 ms', lock_budget interval DEFAULT '3 s', steps jsonb DEFAULT NULL)
RETURNS TABLE (migration bigint, contract_relation regclass, from_version text, target_version text, state text, view text, next_step text)
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_stage';
COMMENT ON FUNCTION accord.stage(regclass, text, text, text, text, text, interval, interval, jsonb) IS
    'prepares the next version of a table beside the present one: ddl is ordinary DDL for the table and for others with contracts that change with it, up and down are SET lists (col = expr, table.col = expr, ...) from the old to the new columns and back; table can be one that ddl creates, to which columns move, and expr can read one that ddl drops, from which they come; one transaction, all or nothing.  insert_null => ''default'' accepts that a NULL given on purpose counts as left out.  lock_timeout: longest wait of one try for the lock on the table; lock_budget: of all tries.  steps: SQL of your own that runs first, as the table''s owner, and what takes it back at rollback: [{"sql": ..., "undo": ...}].  AC003 with what to write instead, AC005 where rows have no value, 25006 in a read-only transaction or on a standby, 42939 where something of the table has a name that is reserved for migrations, 55P03 with who is in the way.  An identical call returns the existing migration';

CREATE OR REPLACE FUNCTION accord.plan(
    contract regclass, ddl text, up text DEFAULT NULL, down text DEFAULT NULL, to_version text DEFAULT NULL, steps jsonb DEFAULT NULL)
RETURNS TABLE (step integer, phase text, statement text, lock text, note text,
               rows bigint, disk bigint, wal bigint, estimate interval, in_the_way text)
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_plan';
COMMENT ON FUNCTION accord.plan(regclass, text, text, text, text, jsonb) IS
    'what accord.stage with the same arguments would do, statement by statement from expand to purge, with the locks; changes nothing.  rows, disk, wal (in bytes) and estimate say roughly what a step needs (0: it touches no row; NULL: of a table that was never analyzed), in_the_way which sessions hold locks now that it would have to wait for.  steps are run, since the DDL can use what they make, and taken back at once.  Errors: those of accord.stage, but for 55P03';

CREATE OR REPLACE FUNCTION accord.complete(
    contract regclass, to_version text DEFAULT NULL, force boolean DEFAULT false, lock_timeout interval DEFAULT '200 ms', lock_budget interval DEFAULT '3 s')
RETURNS TABLE (migration bigint, contract_relation regclass, from_version text, target_version text, state text, next_step text)
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_complete';
COMMENT ON FUNCTION accord.complete(regclass, text, boolean, interval, interval) IS
    'gives the table the shape of the new version, in one transaction that touches no row; the old version keeps working in its view until accord.purge.  AC004 while consumers or sessions use the old version, AC003 while other objects stand on its columns; force (audited) overrides both';

CREATE OR REPLACE FUNCTION accord.rollback(
    contract regclass, to_version text DEFAULT NULL, lock_timeout interval DEFAULT '200 ms', lock_budget interval DEFAULT '3 s')
RETURNS TABLE (migration bigint, contract_relation regclass, from_version text, target_version text, state text)
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_rollback';
COMMENT ON FUNCTION accord.rollback(regclass, text, interval, interval) IS
    'takes a migration back, at any time before accord.purge, also after accord.complete; loses no write made through the old version, and leaves nothing behind.  AC004 while consumers have views on the new version';

CREATE OR REPLACE FUNCTION accord.purge(
    contract regclass, to_version text DEFAULT NULL, force boolean DEFAULT false, lock_timeout interval DEFAULT '200 ms', lock_budget interval DEFAULT '3 s')
RETURNS TABLE (migration bigint, contract_relation regclass, from_version text, target_version text, state text)
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_purge';
COMMENT ON FUNCTION accord.purge(regclass, text, boolean, interval, interval) IS
    'drops the columns, view and triggers of the old version after accord.complete, and tables that go with it; from then on there is no way back.  AC003 where a table that goes has rows that the new version does not show; force (audited) lets them go';

CREATE OR REPLACE FUNCTION accord_catalog.activate(migration bigint) RETURNS boolean
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_activate';
COMMENT ON FUNCTION accord_catalog.activate(bigint) IS
    'opens the new version of a migration when no row is pending; false if it is open already; AC003 while rows are pending';

CREATE OR REPLACE FUNCTION accord_catalog.missing_value(relation name, column_name name) RETURNS text
LANGUAGE c VOLATILE STRICT AS 'MODULE_PATHNAME', 'accord_missing_value';
COMMENT ON FUNCTION accord_catalog.missing_value(name, name) IS
    '23502: the default of a column of a version view that takes no NULL and has no default, while the table still lets it be left out';

CREATE OR REPLACE FUNCTION accord_catalog.move_primary_key(relation regclass, index_name name) RETURNS void
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_move_primary_key';
COMMENT ON FUNCTION accord_catalog.move_primary_key(regclass, name) IS
    'makes another unique index of the table the one of its primary key; the constraint keeps its number and comment, and takes the columns of the index';
REVOKE ALL ON FUNCTION accord_catalog.move_primary_key(regclass, name) FROM PUBLIC;

CREATE OR REPLACE FUNCTION accord_catalog.set_primary_key(relation regclass, constraint_name name, is_primary boolean) RETURNS void
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_set_primary_key';
COMMENT ON FUNCTION accord_catalog.set_primary_key(regclass, name, boolean) IS
    'makes a unique constraint of a table and its partitions the primary key, or a primary key a unique constraint, with its index as it is';
REVOKE ALL ON FUNCTION accord_catalog.set_primary_key(regclass, name, boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION accord_catalog.name_partition_index(index regclass, columns text, label text) RETURNS void
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_name_partition_index';
COMMENT ON FUNCTION accord_catalog.name_partition_index(regclass, text, text) IS
    'gives the index of a partition the name that PostgreSQL would have made of the partition''s, its columns, joined by _, and a label (idx, key, pkey)';
REVOKE ALL ON FUNCTION accord_catalog.name_partition_index(regclass, text, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION accord_catalog.make_exclusion(relation regclass, index_name name, operators text, is_deferrable boolean, is_deferred boolean) RETURNS void
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_make_exclusion';
COMMENT ON FUNCTION accord_catalog.make_exclusion(regclass, name, text, boolean, boolean) IS
    'makes an index that is there an exclusion constraint of the same name, which holds for what is written from then on; operators: one for each column, as an array of regoperator';
REVOKE ALL ON FUNCTION accord_catalog.make_exclusion(regclass, name, text, boolean, boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION accord_catalog.prove_exclusion(relation regclass, constraint_name name) RETURNS void
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_prove_exclusion';
COMMENT ON FUNCTION accord_catalog.prove_exclusion(regclass, name) IS
    '23P01 where two rows conflict by an exclusion constraint; clients read and write meanwhile';
REVOKE ALL ON FUNCTION accord_catalog.prove_exclusion(regclass, name) FROM PUBLIC;

CREATE OR REPLACE FUNCTION accord_catalog.move_identity(relation regclass, from_column name, to_column name) RETURNS void
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_move_identity';
COMMENT ON FUNCTION accord_catalog.move_identity(regclass, name, name) IS
    'passes the identity of a column to another one, with its sequence as it is';
REVOKE ALL ON FUNCTION accord_catalog.move_identity(regclass, name, name) FROM PUBLIC;

CREATE OR REPLACE FUNCTION accord_catalog.make_generated(relation regclass, column_name name, expression text) RETURNS void
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_make_generated';
COMMENT ON FUNCTION accord_catalog.make_generated(regclass, name, text) IS
    'makes a column that holds the values of an expression a stored generated column of it, without reading a row';
REVOKE ALL ON FUNCTION accord_catalog.make_generated(regclass, name, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION accord_catalog.make_plain(relation regclass, column_name name) RETURNS void
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_make_plain';
COMMENT ON FUNCTION accord_catalog.make_plain(regclass, name) IS
    'the way back of make_generated: the column keeps its values and can be written';
REVOKE ALL ON FUNCTION accord_catalog.make_plain(regclass, name) FROM PUBLIC;

CREATE OR REPLACE FUNCTION accord_catalog.lock_holders(relation regclass, exclusive boolean) RETURNS text
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'accord_lock_holders';
COMMENT ON FUNCTION accord_catalog.lock_holders(regclass, boolean) IS
    'sessions that an ACCESS EXCLUSIVE lock on the table, or the ROW EXCLUSIVE one of a backfill, would have to wait for; NULL: none';

CREATE OR REPLACE FUNCTION accord_catalog.next_step(migration bigint, contract bigint) RETURNS text
LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'accord_next_step';
COMMENT ON FUNCTION accord_catalog.next_step(bigint, bigint) IS 'the statement that is due next for a live migration, as SQL; empty where none is';

-- What shows them.  Everybody may see which migrations there are; consumers are named only to those who may know them (next_step).
CREATE OR REPLACE VIEW accord.migrations AS
SELECT m.id AS migration, c.relation AS contract, coalesce(c.relation::text, format('%I.%I', c.last_schema, c.last_name)) AS name,
       r.from_version, r.to_version, m.state, r.from_schema, r.to_schema, m.ddl, m.up, m.down,
       m.staged_by, m.staged_at, m.activated_at, m.completed_at, m.ended_at
  FROM accord_catalog.migration m
  JOIN accord_catalog.migration_relation r ON r.migration_id = m.id
  JOIN accord_catalog.contract c ON c.id = r.contract_id;
COMMENT ON VIEW accord.migrations IS 'every migration, also those that have ended';

CREATE OR REPLACE VIEW accord.status AS
SELECT c.relation AS contract, m.id AS migration, r.from_version, r.to_version, m.state,
       CASE m.state WHEN 'preparing' THEN coalesce(b.share, 0)::numeric(5, 1) ELSE 100.0 END AS percent_filled,
       accord_catalog.next_step(m.id, r.contract_id) AS next_step,
       CASE
            WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.relation AND t.tgname IN ('!accord_sync', '~accord_sync') AND t.tgenabled <> 'A')
            THEN 'the triggers that keep the versions in step are disabled'
            WHEN m.state = 'preparing' AND j.failed > 0 AND r.contract_id NOT IN (SELECT contract_id FROM accord_catalog.live_backfill)
            THEN coalesce(CASE WHEN c.owner IN (SELECT name FROM accord_catalog.my_role) OR 'accord_admin' IN (SELECT name FROM accord_catalog.my_role)
                               THEN j.error END, 'a background worker has failed: see accord.jobs')
            WHEN m.state = 'preparing' AND r.paused THEN 'the backfill is paused'
            WHEN m.state = 'preparing' THEN coalesce(b.waiting_for, CASE WHEN (r.marker IS NULL OR r.filled) AND EXISTS (SELECT FROM accord_catalog.migration_companion k WHERE k.migration_id = m.id AND k.contract_id = r.contract_id)
                                                                    THEN 'indexes and constraints of the new version are not ready yet'
                                                               WHEN r.marker IS NULL THEN 'an earlier migration of the table is being prepared'
                                                               ELSE 'rows are not filled yet' END)
            WHEN m.state = 'active' THEN (SELECT nullif(count(*), 0) || CASE count(*) WHEN 1 THEN ' consumer uses version ' ELSE ' consumers use version ' END || r.from_version
                                  FROM (SELECT DISTINCT s.consumer_id FROM accord_catalog.subscription s
                                         WHERE s.contract_id = r.contract_id AND s.major = split_part(r.from_version, '.', 1)::integer) u)
            WHEN m.state = 'completed' THEN 'grace period: accord.rollback is possible until accord.purge'
       END AS in_the_way,
       accord_catalog.lock_holders(c.relation, m.state <> 'preparing') AS blocked_by,
       m.staged_at
  FROM accord_catalog.migration m
  JOIN accord_catalog.migration_relation r ON r.migration_id = m.id
  JOIN accord_catalog.contract c ON c.id = r.contract_id
  LEFT JOIN LATERAL (SELECT 100.0 * sum(blocks_done) / nullif(sum(blocks), 0) AS share, max(waiting_for) AS waiting_for
                       FROM accord_catalog.backfill_heap b WHERE b.migration_id = m.id AND b.contract_id = r.contract_id) b ON true
  LEFT JOIN LATERAL (SELECT count(*) AS failed, max(message) AS error
                       FROM accord_catalog.job j WHERE j.migration_id = m.id AND j.contract_id = r.contract_id AND j.state = 'failed') j ON true
 WHERE m.state IN ('preparing', 'active', 'completed');
COMMENT ON VIEW accord.status IS 'every live migration: how far it is, the statement to run next, what is in its way, and the sessions that hold locks which that statement would have to wait for now';
GRANT SELECT ON accord.migrations, accord.status TO PUBLIC;
