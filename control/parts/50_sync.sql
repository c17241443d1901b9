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
REVOKE EXECUTE ON FUNCTION accord_catalog.sync_first(), accord_catalog.sync_last() FROM PUBLIC;

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
REVOKE EXECUTE ON FUNCTION accord_catalog.move_source(), accord_catalog.move_lock(), accord_catalog.move_target(), accord_catalog.move_fill() FROM PUBLIC;
