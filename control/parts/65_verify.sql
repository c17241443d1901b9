-- Comparing the versions of a migrated table.

CREATE OR REPLACE FUNCTION accord.verify(contract regclass, to_version text DEFAULT NULL, sample integer DEFAULT 10)
    RETURNS TABLE (check_name text, rows bigint, pending bigint, mismatched bigint, sample_rows text[], verdict text)
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_verify';
COMMENT ON FUNCTION accord.verify(regclass, text, integer) IS
    'compares both versions of a live migration in one snapshot: for each group of columns the rows for which neither new = up(old) nor old = down(new), with the keys of at most sample of them (without a primary key: table and ctid), and rows and shared columns as both version views show them; verdict is ok, pending, mismatch, lost (rows of a table that goes, which the new version does not show), one-way (up alone joins the columns, so a row that a client of the new version has set by hand may differ), or error with its message';
