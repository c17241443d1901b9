\echo Use "CREATE EXTENSION wall_test" to load this file. \quit
CREATE FUNCTION misbehave(kind text) RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'wall_misbehave';
CREATE FUNCTION alive() RETURNS integer LANGUAGE c AS 'MODULE_PATHNAME', 'wall_alive';
CREATE FUNCTION destroyed() RETURNS integer LANGUAGE c AS 'MODULE_PATHNAME', 'wall_destroyed';
CREATE FUNCTION caught(kind text) RETURNS text LANGUAGE c AS 'MODULE_PATHNAME', 'wall_caught';
CREATE FUNCTION committed(sql text) RETURNS boolean LANGUAGE c AS 'MODULE_PATHNAME', 'wall_committed';
CREATE FUNCTION exceptions_in_flight() RETURNS integer LANGUAGE c AS 'MODULE_PATHNAME', 'wall_exceptions_in_flight';
CREATE FUNCTION resident() RETURNS bigint LANGUAGE c AS 'MODULE_PATHNAME', 'wall_resident';
