-- accord.check: the guard's verdict beforehand.  No SET clause: names mean what they mean to the caller.

CREATE OR REPLACE FUNCTION accord.check(ddl text)
RETURNS TABLE (line integer, statement text, rule text, severity text, element text, readers text, writers text, consumers name[],
               locks text, rewrite boolean, scan boolean, bytes bigint, estimate interval, safe_sql text, sessions text, basis text)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_check';
COMMENT ON FUNCTION accord.check(text) IS
'what a script of SQL would do, to contracts and to whoever uses the tables meanwhile.  Each statement is executed, on the result of those before it, on empty copies of the tables, types and views that the script can reach, and rolled back: nothing is changed, and no lock above ACCESS SHARE is taken on a user''s table.  One row for each finding, or one for a statement without.  line counts from 1.  rule is one of accord.rules or of docs/hazards.md.  severity is "error" (the guard would refuse it, or it would fail), "warning" (breaking, but let through by mode, waiver or accord.allow_unused; or it blocks others for long), "advice", "ok", or "unknown" (DO, functions and what else cannot be told beforehand).  readers and writers say what happens to clients of the old shape (none, data-dependent, silent, breaks).  locks are the strongest on each relation, also on those that are not named; rewrite whether a table is copied, scan whether one is read to the end; bytes is the size of the heaps that are copied or read, estimate the time for it; safe_sql reaches the same end without the hazard; sessions are those that it would wait for now.  basis says how it is known: "executed", "measured" (CONCURRENTLY and VACUUM, whose locks are those measured once), "data" (from the first rows of the table), "text" (from the script as a whole), "partial" (something could not be copied), "parsed" (from the parse tree alone: in a read-only transaction, on a standby, where copying failed, or where the code of others would have to run with your rights; then what depends on more is NULL).  Errors: 42601 with its position, 42P01 no such relation, 42703 no such column';

CREATE OR REPLACE FUNCTION accord.statements(ddl text) RETURNS TABLE (line integer, statement text)
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'accord_statements';
COMMENT ON FUNCTION accord.statements(text) IS
'the statements of a script of SQL, as the server''s parser tells them apart, with the line (from 1) at which each begins.  Errors: 42601 with its position';

CREATE OR REPLACE FUNCTION accord.type_change(from_type text, to_type text)
RETURNS TABLE (conversion text, rewrite boolean, same_text boolean, text_witness text, same_wire boolean, wire_witness text, lossless boolean, loss_witness text)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'accord_type_change';
COMMENT ON FUNCTION accord.type_change(text, text) IS
'what ALTER COLUMN ... TYPE from one type to another, written as in a column''s definition, does to values.  conversion is "automatic", "using" (only with USING column::type) or "none".  rewrite: the table is copied (with this session''s TimeZone).  same_text and same_wire: each value is written alike, as text and in binary.  lossless: each value is accepted and comes back unchanged.  Each is true for a reason, false with a value that shows it, or NULL: not known.  Domains, arrays and enums follow from what they are made of.  Errors: 42704 no such type, 42809 no type of columns, 22004 for NULL';
