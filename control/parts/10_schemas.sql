-- Schemas and the administrator's role.
CREATE SCHEMA accord;
COMMENT ON SCHEMA accord IS 'pg_accord: functions and views for owners, consumers and operators';
CREATE SCHEMA accord_catalog;
COMMENT ON SCHEMA accord_catalog IS 'pg_accord: tables; written only through the functions of schema accord';

DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) 'accord_admin') THEN
        CREATE ROLE accord_admin NOLOGIN;
    END IF;
END
$do$;

REVOKE ALL ON SCHEMA accord_catalog FROM PUBLIC;
GRANT USAGE ON SCHEMA accord TO PUBLIC;
GRANT USAGE ON SCHEMA accord_catalog TO accord_admin;
