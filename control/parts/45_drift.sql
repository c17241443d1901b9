-- What changed outside the guard's sight.

CREATE OR REPLACE FUNCTION accord.drift(contract regclass DEFAULT NULL)
RETURNS TABLE (contract regclass, schema_name name, table_name name, kind text, element text, rule text, detail text, readers text,
               writers text, consumers name[], since timestamptz, until timestamptz)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_drift';
COMMENT ON FUNCTION accord.drift(regclass) IS
'what changed outside the guard''s sight: by hand in the catalogs, with accord.guard off, or, where the library is not preloaded, by a statement that fires no event trigger.  One row for each: kind is "shape" (the table differs from its promised version), "table" (it is gone), "rights" (a consumer lost what it could do), "name" (the table''s bare name means something else to a consumer), "reference" (a foreign key of another table came to refer to it), "sync trigger" (of a live migration), and without a contract "event trigger" and "setting" (the guard itself).  It happened after since, when all was well last (a version was published, or this function found nothing), and before until.  TRUNCATE, CLUSTER and VACUUM FULL leave nothing that could be told from ordinary work.  Without an argument all contracts that you own, all of them for accord_admin.  What is found to be well is noted, except in a read-only transaction.  Errors: 42501 not the owner, 42704 no such contract';

CREATE OR REPLACE FUNCTION accord.accept_drift(contract regclass, reason text) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_accept_drift';
COMMENT ON FUNCTION accord.accept_drift(regclass, text) IS
'takes the rights of consumers, the meaning of the table''s name and the tables that refer to it, as they are now, for good: accord.drift() compares with these from now on.  The reason is required and audited.  A drift of the shape is not accepted but undone, or published with accord.publish_version.  For the contract''s owner.  Errors: 22004 or 22023 no reason, 42501, 42704 no such contract, 55000 the shape or the triggers differ';
