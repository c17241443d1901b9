-- accord.rules: the registry of rules, from the C++ tables that the guard judges with.

CREATE OR REPLACE FUNCTION accord_catalog.list_rules()
RETURNS TABLE (rule text, family text, readers text, readers_at text, writers text, writers_at text, explanation text, safe_way text)
LANGUAGE c STABLE AS 'MODULE_PATHNAME', 'accord_list_rules';
COMMENT ON FUNCTION accord_catalog.list_rules() IS 'the rows of accord.rules';

CREATE OR REPLACE VIEW accord.rules AS
SELECT rule, family, readers, readers_at, writers, writers_at, explanation, safe_way FROM accord_catalog.list_rules();
COMMENT ON VIEW accord.rules IS
'what each kind of change does at worst to readers and to writers of the old shape (none, data-dependent, silent, breaks), the loosest strictness at which it matters to them, why, and what to do instead.  Refusals, accord.check and waivers name these rules';
GRANT EXECUTE ON FUNCTION accord_catalog.list_rules() TO PUBLIC;
GRANT SELECT ON accord.rules TO PUBLIC;
