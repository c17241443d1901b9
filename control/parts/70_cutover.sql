-- Cutover: which version the sessions of a consumer, or this session, work with.

CREATE OR REPLACE FUNCTION accord.switch_version(contract regclass, consumer name, version text, live boolean DEFAULT false) RETURNS name
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_switch_version';
COMMENT ON FUNCTION accord.switch_version(regclass, name, text, boolean) IS
'Move a consumer to another version of a contract, or back: makes its next generation of views and puts their schema first in the search_path of new sessions of its role in this database.  Running sessions stay as they are, nothing in use is locked.  live: replaces the views under running sessions instead, only where the subscribed columns look the same.  Returns the schema of the views.  Errors: AC003 version not usable, 42704 not subscribed, 55000 no role, 55P03 views in use (live)';

CREATE OR REPLACE FUNCTION accord.use_version(contract regclass, version text) RETURNS text
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_use_version';
COMMENT ON FUNCTION accord.use_version(regclass, text) IS
'Let this session work with a version of a contract: puts the schema of its view first in search_path, in place of another version of the same contract.  Returns the search_path.  Errors: AC003 version not usable, 42501 no right to its schema';

CREATE OR REPLACE FUNCTION accord.drop_unused_generations(consumer name) RETURNS integer
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_drop_unused_generations';
COMMENT ON FUNCTION accord.drop_unused_generations(name) IS
'Drop the views of earlier generations of a consumer that no session can still use; switch_version does so too.  Returns how many schemas were dropped';

CREATE OR REPLACE FUNCTION accord.retire_generations(consumer name) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_retire_generations';
COMMENT ON FUNCTION accord.retire_generations(name) IS
'Take the views of a consumer out of the search_path of new sessions of its role, which use the tables themselves again';

CREATE OR REPLACE FUNCTION accord_catalog.live_sessions(OUT pid integer, OUT consumer name, OUT role name, OUT application_name text,
    OUT backend_start timestamptz, OUT state text, OUT state_change timestamptz, OUT generation integer, OUT current_generation integer,
    OUT versions text, OUT outdated boolean) RETURNS SETOF record
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_live_sessions';
CREATE OR REPLACE VIEW accord.sessions AS SELECT * FROM accord_catalog.live_sessions();
COMMENT ON VIEW accord.sessions IS 'live sessions of the roles of consumers that you may see, and the generation of views that each started with; outdated: new sessions get a later one';
GRANT SELECT ON accord.sessions TO PUBLIC;

CREATE OR REPLACE FUNCTION accord.drain(consumer name, terminate boolean DEFAULT false)
    RETURNS TABLE (pid integer, application_name text, state text, state_change timestamptz, generation integer, terminated boolean)
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_drain';
COMMENT ON FUNCTION accord.drain(name, boolean) IS
'Sessions of a consumer that still work with an earlier generation of its views; terminate: ends those that are idle and in no transaction, under your own rights';
