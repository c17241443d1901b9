-- accord.impact: who and what a script of DDL would hit.  No SET clause: names mean what they mean to the caller.

CREATE OR REPLACE FUNCTION accord.impact(ddl text)
RETURNS TABLE (kind text, object text, relation regclass, effect text, confidence text, "rows" bigint, bytes bigint, audience text)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_impact';
COMMENT ON FUNCTION accord.impact(text) IS
'who and what a script of DDL would hit; nothing is changed.  One row for each object: kind is table, partition, view, materialized view, rule, function, foreign key, trigger, policy, publication, consumer (those that you may see) or summary; object its name; relation the table through which it is hit; effect what happens to it; confidence "certain" where the catalogs say so, "likely" where a function''s text names the table, or a view on it, with its schema, "possible" where it only has the name as a word; rows and bytes as the planner knows them (NULL: never analyzed); audience whom to tell: producers, consumers or operators.  The three rows of kind summary are text for each audience.  Errors: as accord.check';
