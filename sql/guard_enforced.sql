-- Constraints that are not enforced (PostgreSQL 18) promise nothing and bind nobody, until they are.
SELECT current_setting('server_version_num')::integer < 180000 AS older \gset
\if :older
\quit
\endif
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE ports (port integer PRIMARY KEY, name text);
CREATE TABLE calls (
    call integer PRIMARY KEY,
    port integer CONSTRAINT idle REFERENCES ports NOT ENFORCED,
    last integer CONSTRAINT kept REFERENCES ports,
    hours integer CONSTRAINT short CHECK (hours < 99) NOT ENFORCED);
INSERT INTO ports VALUES (1, 'Delft');
INSERT INTO calls VALUES (1, 7, 1, 100);
SELECT FROM accord.register_contract('ports') p, accord.register_contract('calls') c;
SELECT FROM accord.register_consumer('harbour', team => 'harbour') h, accord.subscribe('ports', 'harbour') p, accord.subscribe('calls', 'harbour') c;
CREATE FUNCTION outcome(ddl text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    contract text;
    detail text;
BEGIN
    BEGIN
        EXECUTE ddl;
    EXCEPTION WHEN SQLSTATE 'AC001' THEN
        GET STACKED DIAGNOSTICS contract = TABLE_NAME, detail = PG_EXCEPTION_DETAIL;
        RETURN format('%s: %s', contract, (SELECT string_agg(m[1], ', ') FROM regexp_matches(detail, '\(rule ([^)]*)\)', 'g') m));
    END;
    RETURN 'passes';
EXCEPTION WHEN OTHERS THEN
    RETURN sqlerrm;
END $$;
-- they come and go as anybody likes
SELECT ddl, outcome(ddl) FROM (VALUES
    ('ALTER TABLE calls ADD CONSTRAINT sane CHECK (hours > 0) NOT ENFORCED'),
    ('ALTER TABLE calls ADD CONSTRAINT again FOREIGN KEY (port) REFERENCES ports NOT ENFORCED'),
    ('CREATE TABLE tugs (port integer CONSTRAINT home REFERENCES ports NOT ENFORCED)'),
    ('ALTER TABLE calls ADD COLUMN tug integer REFERENCES ports NOT ENFORCED CHECK (tug > 0) NOT ENFORCED'),
    ('ALTER TABLE calls DROP CONSTRAINT sane'),
    ('ALTER TABLE calls DROP CONSTRAINT again'),
    ('ALTER TABLE calls DROP CONSTRAINT short')) t (ddl);
-- and bind when they are enforced: writers of the table, and of the one that is referred to
SELECT ddl, outcome(ddl) FROM (VALUES
    ('ALTER TABLE calls ALTER CONSTRAINT idle ENFORCED'),
    ('ALTER TABLE tugs ALTER CONSTRAINT home ENFORCED'),
    ('ALTER TABLE calls ALTER CONSTRAINT kept NOT ENFORCED'),
    ('ALTER TABLE calls ALTER CONSTRAINT kept ENFORCED'),
    ('ALTER TABLE calls VALIDATE CONSTRAINT idle')) t (ddl);
-- accord.check says the same
SELECT statement, rule, severity, element FROM accord.check($$
    ALTER TABLE calls ALTER CONSTRAINT idle ENFORCED;
    ALTER TABLE calls ALTER CONSTRAINT kept NOT ENFORCED;
    ALTER TABLE calls ADD CONSTRAINT sane CHECK (hours > 0) NOT ENFORCED$$);
-- a new version has it as the DDL says
SELECT state FROM accord.stage('calls', 'ALTER TABLE calls ALTER hours TYPE text; ALTER TABLE calls ADD CONSTRAINT told CHECK (hours <> '''') NOT ENFORCED,
    ADD COLUMN next integer CONSTRAINT onward REFERENCES ports NOT ENFORCED', down => 'hours = hours::integer');
CALL accord.backfill('calls');
SELECT FROM accord.unsubscribe('calls', 'harbour');
SELECT FROM accord.complete('calls');
SELECT FROM accord.purge('calls');
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'calls'::regclass AND contype IN ('c', 'f') ORDER BY conname;
