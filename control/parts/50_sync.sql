-- Keeping the columns of two versions in step.

CREATE OR REPLACE FUNCTION accord_catalog.parse_assignments(set_list text, OUT column_name name, OUT expression text, OUT "position" integer)
RETURNS SETOF record LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'accord_parse_assignments';
COMMENT ON FUNCTION accord_catalog.parse_assignments(text) IS
    'takes a SET list (col = expr, ...) apart: column, its expression as written, position of the column in characters from 1; 42601 for anything else';

CREATE OR REPLACE FUNCTION accord_catalog.resolve_expression(relation regclass, qualifier name, names name[], physical name[], expression text, target name)
RETURNS text LANGUAGE c AS 'MODULE_PATHNAME', 'accord_resolve_expression';
COMMENT ON FUNCTION accord_catalog.resolve_expression(regclass, name, name[], name[], text, name) IS
    'an expression over the visible names (names[i] shows column physical[i]) as canonical text, every name qualified, for assignment to column target; AC003 if it is not immutable';

-- CREATE TRIGGER "!accord_sync" BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION accord_catalog.sync_first('1', '<contract id>'),
-- the same with "~accord_sync" and sync_last, both ENABLE ALWAYS.
CREATE OR REPLACE FUNCTION accord_catalog.sync_first() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'accord_sync_first';
COMMENT ON FUNCTION accord_catalog.sync_first() IS
    'trigger "!accord_sync", before all others: carries what the writer changed over to the other live versions; arguments: format, contract';
CREATE OR REPLACE FUNCTION accord_catalog.sync_last() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'accord_sync_last';
COMMENT ON FUNCTION accord_catalog.sync_last() IS
    'trigger "~accord_sync", after all others: carries over what they changed; arguments: format, contract';
-- Whoever makes or attaches a partition needs EXECUTE on what its row triggers call, so that of these trigger functions stays with PUBLIC: nobody
-- else can name them, without USAGE on the schema, and they do nothing for another table than their migration's.

-- Where a migration moves columns from one table to another: CREATE TRIGGER "!accord_move_<migration>_<n>" ... FOR EACH ROW EXECUTE FUNCTION
-- accord_catalog.move_source('1', '<migration>', '<n>'), all ENABLE ALWAYS.
CREATE OR REPLACE FUNCTION accord_catalog.move_source() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'accord_move_source';
COMMENT ON FUNCTION accord_catalog.move_source() IS
    'trigger after a row of a migrated table: the table to which its columns move, or from which they come, follows; arguments: format, migration, number of the move';
CREATE OR REPLACE FUNCTION accord_catalog.move_lock() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'accord_move_lock';
COMMENT ON FUNCTION accord_catalog.move_lock() IS
    'trigger before a row of the other table: locks the row of the migrated one that it belongs to; arguments: format, migration, number of the move';
CREATE OR REPLACE FUNCTION accord_catalog.move_target() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'accord_move_target';
COMMENT ON FUNCTION accord_catalog.move_target() IS
    'trigger after a row of the other table: the migrated one follows; arguments: format, migration, number of the move';
CREATE OR REPLACE FUNCTION accord_catalog.move_fill() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'accord_move_fill';
COMMENT ON FUNCTION accord_catalog.move_fill() IS
    'trigger before a row of a migrated table to which columns come: one that is not filled yet gets what the other table has for it; arguments: format, migration, number of the move';

-- Row triggers of a partitioned table are in its partitions by themselves.
CREATE OR REPLACE FUNCTION accord_catalog.follow_truncate(target regclass, migration bigint, n integer, wanted boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    trigger name := format('!accord_move_%s_%s_empty', migration, n);
    part regclass;
BEGIN
    FOR part IN SELECT t.relid FROM pg_partition_tree(target) t
                 WHERE t.level > 0 AND wanted <> EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.relid AND g.tgname = trigger)
                 ORDER BY t.relid LOOP
        IF NOT wanted THEN
            EXECUTE format('DROP TRIGGER %I ON %s', trigger, part);
            CONTINUE;
        END IF;
        EXECUTE format('CREATE TRIGGER %I AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION accord_catalog.move_target(%L, %L, %L)',
                       trigger, part, '1', migration, n);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', part, trigger);
    END LOOP;
END $$;
COMMENT ON FUNCTION accord_catalog.follow_truncate(regclass, bigint, integer, boolean) IS
    'gives each partition of the other table of a move, or takes from it, the trigger that tells when it is truncated; arguments: the table, migration, number of the move, given or taken';
REVOKE EXECUTE ON FUNCTION accord_catalog.follow_truncate(regclass, bigint, integer, boolean) FROM PUBLIC;
