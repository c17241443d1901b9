-- Consumers with privileges on single columns: through the old and the new version, the table, complete, undo, purge and rollback.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_grants_listed LOGIN;
CREATE ROLE regress_grants_all LOGIN;
CREATE ROLE regress_grants_secret LOGIN;
CREATE TABLE item (id integer PRIMARY KEY, secret text, size integer, note text);
INSERT INTO item VALUES (1, 's', 10, 'n'), (2, 't', 20, 'm');
GRANT SELECT (id, size), INSERT (id, size), UPDATE (size) ON item TO regress_grants_listed, regress_grants_all;
GRANT SELECT (id), UPDATE (secret) ON item TO regress_grants_secret;
SELECT FROM accord.register_contract('item');
SELECT accord.register_consumer(c, role => 'regress_grants_' || c), accord.subscribe('item', c, '1', columns => CASE c WHEN 'listed' THEN '{id,size}'::name[] END)
  FROM unnest('{listed,all,secret}'::name[]) c;

-- the rights of a column, as visible names of the table tell them; the columns of the other version apart
CREATE VIEW public.grants AS
SELECT CASE WHEN attname ~ '^_accord_' THEN regexp_replace(attname, '_accord_\d+_', '(') || ')' ELSE attname END AS column_name,
       (SELECT string_agg(DISTINCT grantee::regrole::text || ' ' || privilege_type, ', ') FROM aclexplode(attacl)) AS rights
  FROM pg_attribute WHERE attrelid = 'item'::regclass AND attnum > 0 AND NOT attisdropped AND attname !~ 'pending';
-- each statement of such a client, and what became of it; what it did is taken back
CREATE FUNCTION tried(statement text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; RETURN NULL; EXCEPTION WHEN insufficient_privilege THEN RETURN sqlerrm; END $$;
CREATE FUNCTION rights(consumer text, relation text) RETURNS TABLE (statement text, refused text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', 'regress_grants_' || consumer);
    FOREACH statement IN ARRAY '{SELECT id FROM %s,SELECT id + size FROM %s,SELECT secret FROM %s,"INSERT INTO %s (id, size) VALUES (1000, 7)",
        UPDATE %s SET size = size + 1,UPDATE %s SET size = 3,UPDATE %s SET secret = id,DELETE FROM %s}'::text[]
    LOOP
        BEGIN
            refused := public.tried(format(statement, relation));
            IF refused IS NULL THEN RAISE EXCEPTION 'undo' USING ERRCODE = 'AC999'; END IF;
        EXCEPTION WHEN SQLSTATE 'AC999' THEN refused := 'works'; WHEN undefined_column THEN refused := sqlerrm;
        END;
        RETURN NEXT;
    END LOOP;
    RESET ROLE;
END $$;
CREATE TABLE before AS SELECT * FROM rights('listed', 'item');
CREATE TABLE grants_before AS SELECT * FROM grants;
SELECT * FROM before;
SELECT * FROM grants ORDER BY 1;

SET client_min_messages = notice;
SELECT state FROM accord.stage('item', 'ALTER TABLE item ALTER COLUMN size TYPE bigint; ALTER TABLE item RENAME COLUMN note TO remark');
SET client_min_messages = warning;
SELECT * FROM grants ORDER BY 1;
-- a view of what the role may read; a view that it could not use is refused
SELECT accord.switch_version('item', 'listed', '1') AS listed \gset
SELECT accord.switch_version('item', 'all', '1') AS all \gset
SELECT accord.switch_version('item', 'secret', '1');
SELECT consumer, column_name, type FROM accord.version_columns WHERE consumer IS NOT NULL ORDER BY consumer, position;
SELECT * FROM rights('listed', 'item') EXCEPT SELECT * FROM before;
SELECT * FROM rights('listed', :'listed' || '.item');
SELECT statement FROM rights('all', :'all' || '.item') WHERE refused = 'works';
SELECT * FROM rights('listed', 'item_v1.item') WHERE refused !~ 'permission denied for schema item_v1';

CALL accord.backfill('item');
SELECT accord.switch_version('item', 'listed', '2') AS listed2 \gset
SELECT statement FROM rights('listed', :'listed2' || '.item') WHERE refused = 'works';
SELECT statement FROM rights('listed', :'listed' || '.item') WHERE refused = 'works';
SELECT * FROM rights('listed', 'item') EXCEPT SELECT * FROM before;
-- what one version writes is there in the other
SET ROLE regress_grants_listed;
SET search_path = :listed2;
INSERT INTO item VALUES (3, 30);
UPDATE item SET size = size * 2 WHERE id = 1;
SET search_path = :listed;
UPDATE item SET size = size + 1 WHERE id = 3;
SELECT * FROM item ORDER BY id;
RESET ROLE;
RESET search_path;
-- a right that comes and goes while both live
GRANT DELETE, SELECT (note) ON item TO regress_grants_listed;
SELECT statement FROM rights('listed', :'listed2' || '.item') WHERE refused = 'works';
SET accord.guard = off;
REVOKE DELETE, SELECT (note) ON item FROM regress_grants_listed;
RESET accord.guard;

SELECT state FROM accord.complete('item', force => true);
SELECT * FROM grants ORDER BY 1;
SELECT statement FROM rights('listed', :'listed2' || '.item') WHERE refused = 'works';
SELECT statement FROM rights('listed', :'listed' || '.item') WHERE refused = 'works';
SELECT * FROM rights('listed', 'item') EXCEPT SELECT * FROM before;
-- undo
BEGIN;
SELECT FROM accord.switch_version('item', 'listed', '1');
SELECT state FROM accord.rollback('item');
SELECT * FROM grants EXCEPT SELECT * FROM grants_before;
SELECT * FROM grants_before EXCEPT SELECT * FROM grants;
SELECT * FROM rights('listed', 'item') EXCEPT SELECT * FROM before;
SELECT statement FROM rights('listed', :'listed' || '.item') WHERE refused = 'works';
ROLLBACK;
SELECT FROM accord.switch_version('item', 'all', '2');
SELECT FROM accord.unsubscribe('item', 'secret');
SELECT state FROM accord.purge('item');
SELECT * FROM grants ORDER BY 1;
SELECT * FROM rights('listed', 'item') EXCEPT SELECT * FROM before;
SELECT statement FROM rights('listed', :'listed2' || '.item') WHERE refused = 'works';
SELECT * FROM accord.drift();
