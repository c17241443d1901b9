-- Each level of a contract against a table of changes: what it lets pass, and what it refuses.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE change (id integer PRIMARY KEY, ddl text, undo text);
INSERT INTO change VALUES
    (1, 'ALTER TABLE t ADD COLUMN more text', 'ALTER TABLE t DROP COLUMN more'),
    (2, 'ALTER TABLE t ADD COLUMN more text NOT NULL', 'ALTER TABLE t DROP COLUMN more'),
    (3, 'ALTER TABLE t DROP COLUMN note', 'ALTER TABLE t ADD COLUMN note text'),
    (4, 'ALTER TABLE t ALTER note SET NOT NULL', 'ALTER TABLE t ALTER note DROP NOT NULL'),
    (5, 'ALTER TABLE t ALTER name DROP NOT NULL', 'ALTER TABLE t ALTER name SET NOT NULL'),
    (6, 'ALTER TABLE t ADD CHECK (id > 0)', 'ALTER TABLE t DROP CONSTRAINT t_id_check'),
    (7, 'ALTER TABLE t DROP CONSTRAINT sane', 'ALTER TABLE t ADD CONSTRAINT sane CHECK (id < 100)'),
    (8, 'ALTER TABLE t ALTER id TYPE bigint', 'ALTER TABLE t ALTER id TYPE integer'),
    (9, 'ALTER TABLE t RENAME name TO title', 'ALTER TABLE t RENAME title TO name'),
    (10, 'ALTER TABLE t ALTER note SET DEFAULT ''none''', 'ALTER TABLE t ALTER note DROP DEFAULT'),
    (11, 'CREATE UNIQUE INDEX t_note ON t (note)', 'DROP INDEX t_note'),
    (12, 'COMMENT ON TABLE t IS ''a table''', 'COMMENT ON TABLE t IS NULL'),
    (13, 'GRANT SELECT ON t TO PUBLIC', 'REVOKE SELECT ON t FROM PUBLIC');
CREATE TABLE outcome (level text, id integer, passes boolean);
CREATE TABLE t (id integer, name text NOT NULL, note text, CONSTRAINT sane CHECK (id < 100));
DO $$
DECLARE
    l text;
    c change;
BEGIN
    FOREACH l IN ARRAY '{none,readers,writers,clients,full,FORWARD,BACKWARD,FULL}'::text[] LOOP
        FOR c IN SELECT * FROM change ORDER BY id LOOP
            PERFORM accord.register_contract('t', level => l);
            BEGIN
                EXECUTE c.ddl;
                INSERT INTO outcome VALUES (l, c.id, true);
                EXECUTE 'SET LOCAL accord.guard = off';
                EXECUTE c.undo;
                EXECUTE 'SET LOCAL accord.guard = on';
            EXCEPTION WHEN SQLSTATE 'AC001' THEN
                INSERT INTO outcome VALUES (l, c.id, false);
            END;
            PERFORM accord.drop_contract('t');
        END LOOP;
    END LOOP;
END $$;
SELECT ddl, string_agg(level, ' ' ORDER BY array_position('{none,readers,writers,clients,full,FORWARD,BACKWARD,FULL}', level))
            FILTER (WHERE passes) AS passes_at
  FROM outcome JOIN change USING (id) GROUP BY id, ddl ORDER BY id;

-- full: also who comes after must survive when it is taken back
SELECT FROM accord.register_contract('t', level => 'full');
ALTER TABLE t ADD COLUMN more text;
ALTER TABLE t DROP CONSTRAINT sane;
SET accord.allow_unused = on;
ALTER TABLE t ADD COLUMN more text;
RESET accord.allow_unused;
SELECT version, reason FROM accord.contract_versions ORDER BY major;
SELECT FROM accord.drop_contract('t');

-- transitive: as against all supported versions, not only the latest
CREATE FUNCTION try_it(ddl text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE ddl;
    RAISE 'passed' USING ERRCODE = 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN 'passes';
    WHEN SQLSTATE 'AC001' THEN
        GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
        RETURN SQLERRM || ': ' || detail;
END $$;
CREATE TABLE u (id integer, gate text, note text DEFAULT 'none');
SELECT FROM accord.register_contract('u');
SET accord.guard = off;
ALTER TABLE u DROP COLUMN gate;
ALTER TABLE u ALTER note DROP DEFAULT;
RESET accord.guard;
SELECT accord.publish_version('u');
SELECT version, status FROM accord.contract_versions WHERE table_name = 'u' ORDER BY major;
-- the latest version knows nothing of a gate, the first one does, and as another type
SELECT try_it('ALTER TABLE u ADD COLUMN gate integer') AS latest;
SELECT FROM accord.alter_contract('u', level => 'clients_transitive');
SELECT try_it('ALTER TABLE u ADD COLUMN gate integer') AS transitive;
SELECT try_it('ALTER TABLE u ADD COLUMN gate text') AS repaired;
SELECT try_it('ALTER TABLE u ADD COLUMN seat integer') AS added;
SELECT FROM accord.alter_contract('u', level => 'BACKWARD_TRANSITIVE');
SELECT level FROM accord.contracts WHERE table_name = 'u';
SELECT try_it('ALTER TABLE u ADD COLUMN gate integer') AS transitive;
SELECT rule, severity FROM accord.check('ALTER TABLE u ADD COLUMN gate integer') WHERE rule ~ '-';
-- what is retired is promised to nobody
SELECT FROM accord.deprecate_version('u', '1');
SELECT try_it('ALTER TABLE u ADD COLUMN gate integer') AS deprecated;
SELECT FROM accord.retire_version('u', '1');
SELECT try_it('ALTER TABLE u ADD COLUMN gate integer') AS retired;
SELECT FROM accord.alter_contract('u', level => 'none_transitive');
