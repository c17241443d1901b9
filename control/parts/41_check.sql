-- accord.check: the guard's verdict beforehand.  No SET clause: names mean what they mean to the caller.

CREATE OR REPLACE FUNCTION accord.check(ddl text)
RETURNS TABLE (line integer, statement text, rule text, severity text, element text, readers text, writers text, consumers name[],
               locks text, rewrite boolean, scan boolean, bytes bigint, estimate interval, safe_sql text)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_check';
COMMENT ON FUNCTION accord.check(text) IS
'what a script of SQL would do to the contracts, without executing any of it: each statement is judged on the result of those before it.  One row for each finding, or one for a statement without: line counts from 1; severity is "error" (the guard would refuse), "warning" (breaking, but let through by mode, waiver or accord.allow_unused), "ok", or "unknown" (DO, functions and what else cannot be told beforehand); readers and writers say what happens to clients of the old shape (none, data-dependent, silent, breaks); bytes is the size of the heap that is rewritten or scanned, estimate the time for it; safe_sql does the same as a staged migration.  NULL where it depends.  Errors: 42601 with its position, 42P01 no such relation, 42703 no such column';

CREATE OR REPLACE FUNCTION accord.statements(ddl text) RETURNS TABLE (line integer, statement text)
LANGUAGE c IMMUTABLE AS 'MODULE_PATHNAME', 'accord_statements';
COMMENT ON FUNCTION accord.statements(text) IS
'the statements of a script of SQL, as the server''s parser tells them apart, with the line (from 1) at which each begins.  Errors: 42601 with its position';
