-- The event triggers of the guard: the last part, so that none of them fires for the script's own DDL.
--
-- ENABLE ALWAYS, since session_replication_role = replica would otherwise pass by them.

CREATE OR REPLACE FUNCTION accord_catalog.on_ddl_command_start() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_on_ddl_command_start';
COMMENT ON FUNCTION accord_catalog.on_ddl_command_start() IS 'the verdict from the parse tree, before any lock on the table is taken';

CREATE OR REPLACE FUNCTION accord_catalog.on_table_rewrite() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_on_table_rewrite';
COMMENT ON FUNCTION accord_catalog.on_table_rewrite() IS 'the last exit before a long rewrite';

CREATE OR REPLACE FUNCTION accord_catalog.on_sql_drop() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_on_sql_drop';
COMMENT ON FUNCTION accord_catalog.on_sql_drop() IS 'contracted relations that go away, also through CASCADE';

CREATE OR REPLACE FUNCTION accord_catalog.on_ddl_command_end() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_on_ddl_command_end';
COMMENT ON FUNCTION accord_catalog.on_ddl_command_end() IS 'the verdict from the catalogs, and the versions that compatible DDL publishes';

CREATE OR REPLACE FUNCTION accord_catalog.carry_grants() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_carry_grants';
COMMENT ON FUNCTION accord_catalog.carry_grants() IS 'what GRANT gives on a migrating table reaches the views of its versions';

CREATE OR REPLACE FUNCTION accord_catalog.adopt_children() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_adopt_children';
COMMENT ON FUNCTION accord_catalog.adopt_children() IS 'a table that is created below a migrating one is kept in step from the start';

CREATE OR REPLACE FUNCTION accord_catalog.forget_children() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'accord_forget_children';
COMMENT ON FUNCTION accord_catalog.forget_children() IS 'a table below a migrating one is dropped, with what is noted of it';

CREATE EVENT TRIGGER accord_ddl_command_start ON ddl_command_start EXECUTE FUNCTION accord_catalog.on_ddl_command_start();
CREATE EVENT TRIGGER accord_table_rewrite ON table_rewrite EXECUTE FUNCTION accord_catalog.on_table_rewrite();
CREATE EVENT TRIGGER accord_sql_drop ON sql_drop EXECUTE FUNCTION accord_catalog.on_sql_drop();
CREATE EVENT TRIGGER accord_ddl_command_end ON ddl_command_end EXECUTE FUNCTION accord_catalog.on_ddl_command_end();
CREATE EVENT TRIGGER accord_grant ON ddl_command_end WHEN tag IN ('GRANT', 'REVOKE') EXECUTE FUNCTION accord_catalog.carry_grants();
CREATE EVENT TRIGGER accord_create_child ON ddl_command_end WHEN tag IN ('CREATE TABLE', 'CREATE FOREIGN TABLE') EXECUTE FUNCTION accord_catalog.adopt_children();
CREATE EVENT TRIGGER accord_drop_child ON sql_drop WHEN tag IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION')
    EXECUTE FUNCTION accord_catalog.forget_children();
ALTER EVENT TRIGGER accord_ddl_command_start ENABLE ALWAYS;
ALTER EVENT TRIGGER accord_table_rewrite ENABLE ALWAYS;
ALTER EVENT TRIGGER accord_sql_drop ENABLE ALWAYS;
ALTER EVENT TRIGGER accord_ddl_command_end ENABLE ALWAYS;
ALTER EVENT TRIGGER accord_grant ENABLE ALWAYS;
ALTER EVENT TRIGGER accord_create_child ENABLE ALWAYS;
ALTER EVENT TRIGGER accord_drop_child ENABLE ALWAYS;
