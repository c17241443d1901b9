-- Points at which a step of a migration can be stopped, and killed: after every DDL command that it runs and after every statement that writes
-- to the bookkeeping.  Nothing of this is in the extension: an event trigger and triggers on the catalog of the test's database do it, so the
-- points of a step are all that it has, without a list that could be out of date.
--
-- The n-th point since `crash.arm(n)` sleeps until it is killed.  Sequences count, because a step's own subtransactions do not take them back.
CREATE SCHEMA crash;
CREATE SEQUENCE crash.passed;
CREATE SEQUENCE crash.stop_at;
GRANT USAGE ON SCHEMA crash TO PUBLIC;
GRANT ALL ON ALL SEQUENCES IN SCHEMA crash TO PUBLIC;

CREATE FUNCTION crash.arm(n bigint) RETURNS void LANGUAGE sql AS
    $$ SELECT setval('crash.passed', 1, false), setval('crash.stop_at', n) $$;
CREATE FUNCTION crash.disarm() RETURNS void LANGUAGE sql AS $$ SELECT crash.arm(1000000000) $$;

CREATE FUNCTION crash.reach() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('crash.passed') = (SELECT last_value FROM crash.stop_at) THEN
        PERFORM set_config('application_name', 'crash point', false), pg_sleep(120);
        RAISE EXCEPTION 'nobody killed this process';
    END IF;
END $$;
CREATE FUNCTION crash.at_command() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM crash.reach(); END $$;
CREATE FUNCTION crash.at_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM crash.reach(); RETURN NULL; END $$;
SELECT crash.disarm();

-- What is there that no live migration, version or consumer accounts for.
CREATE FUNCTION crash.left_behind() RETURNS SETOF text LANGUAGE sql AS $$
WITH RECURSIVE
     live AS (SELECT m.id, m.state, k.relation, k.id AS contract, r.from_schema, r.to_schema
                FROM accord_catalog.migration m JOIN accord_catalog.migration_relation r ON r.migration_id = m.id
                JOIN accord_catalog.contract k ON k.id = r.contract_id WHERE m.state IN ('preparing', 'active', 'completed')),
     -- Partitions and what inherits otherwise have triggers as their table has.
     synced AS (SELECT relation FROM live UNION SELECT i.inhrelid FROM pg_inherits i JOIN synced ON i.inhparent = synced.relation),
     -- The version that the last purged migration has led to keeps its view, for the clients that use it.
     kept AS (SELECT r.to_schema, r.contract_id AS contract, split_part(r.to_version, '.', 1)::integer AS major
                FROM accord_catalog.migration m JOIN accord_catalog.migration_relation r ON r.migration_id = m.id WHERE m.state = 'purged'),
     -- The columns of an index have names that nobody uses.
     ours AS (SELECT 'column' AS kind, attrelid::regclass || '.' || attname AS name, attname AS mark
                FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
               WHERE attnum > 0 AND NOT attisdropped AND attrelid >= 16384 AND relkind NOT IN ('i', 'I')
              UNION ALL SELECT 'constraint', conname::text, conname FROM pg_constraint WHERE oid >= 16384
              UNION ALL SELECT 'relation', oid::regclass::text, relname FROM pg_class WHERE oid >= 16384)
SELECT kind || ' ' || name FROM ours
 WHERE mark ~ '[_~]accord_' AND coalesce(substring(mark FROM '[_~]accord_([0-9]+)_')::bigint, -1) NOT IN (SELECT id FROM live)
UNION ALL SELECT 'trigger ' || tgname || ' of ' || tgrelid::regclass FROM pg_trigger
 WHERE tgname IN ('!accord_sync', '~accord_sync') AND tgrelid NOT IN (SELECT relation FROM synced)
    OR tgname ~ '^!accord_move_' AND substring(tgname FROM '[0-9]+')::bigint NOT IN (SELECT id FROM live)
UNION ALL SELECT 'schema ' || nspname FROM pg_namespace
 WHERE nspname ~ '^[a-z]+_v[0-9]+$' AND nspname NOT IN (SELECT from_schema FROM live UNION ALL SELECT to_schema FROM live UNION ALL SELECT to_schema FROM kept)
    OR nspname ~ '^accord_.*_g[0-9]+$' AND nspname NOT IN (SELECT schema_name FROM accord_catalog.generation)
UNION ALL SELECT 'invalid index ' || indexrelid::regclass FROM pg_index WHERE NOT (indisvalid AND indisready)
UNION ALL SELECT 'bookkeeping of ' || what FROM (
          SELECT 'version_column' AS what FROM accord_catalog.version_column
                     WHERE contract_id NOT IN (SELECT contract FROM live) AND (contract_id, major) NOT IN (SELECT contract, major FROM kept)
          UNION ALL SELECT 'transform' FROM accord_catalog.migration_transform WHERE migration_id NOT IN (SELECT id FROM live)
          UNION ALL SELECT 'move' FROM accord_catalog.migration_move WHERE migration_id NOT IN (SELECT id FROM live)
          UNION ALL SELECT 'child' FROM accord_catalog.migration_child WHERE migration_id NOT IN (SELECT id FROM live)
          UNION ALL SELECT 'table' FROM accord_catalog.migration_table WHERE migration_id NOT IN (SELECT id FROM live)
          UNION ALL SELECT 'companion' FROM accord_catalog.migration_companion WHERE migration_id NOT IN (SELECT id FROM live)
          UNION ALL SELECT 'range' FROM accord_catalog.backfill_range WHERE migration_id NOT IN (SELECT id FROM live)
          UNION ALL SELECT 'claim' FROM accord_catalog.backfill_claim WHERE migration_id NOT IN (SELECT id FROM live WHERE state = 'preparing')
          UNION ALL SELECT format('%s job of table %s, %s', state, contract_id, kind) FROM accord_catalog.job
                     WHERE state IN ('queued', 'running', 'failed') AND migration_id NOT IN (SELECT id FROM live WHERE state = 'preparing')) b
ORDER BY 1 $$;
