-- Foreign keys between the catalog's tables that a parallel restore can live with.
--
-- pg_restore --jobs fills tables in any order, each in a transaction of its own, so that a row may come before the one that it points to,
-- and not even a deferred check would pass.  The check on the pointing side is therefore switched off; what happens to rows when the one
-- they point to is deleted stays as declared.  Functions that write such a row hold a lock on the one that it points to instead.
DO $do$
DECLARE
    check_trigger record;
BEGIN
    FOR check_trigger IN
        SELECT t.tgrelid::pg_catalog.regclass AS relation, t.tgname AS name
          FROM pg_catalog.pg_trigger t
          JOIN pg_catalog.pg_constraint c ON c.oid OPERATOR(pg_catalog.=) t.tgconstraint
         WHERE c.connamespace OPERATOR(pg_catalog.=) 'accord_catalog'::pg_catalog.regnamespace
           AND c.contype OPERATOR(pg_catalog.=) 'f' AND t.tgrelid OPERATOR(pg_catalog.=) c.conrelid
           AND t.tgfoid OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog."RI_FKey_check_ins"'::pg_catalog.regproc::oid,
                                                          'pg_catalog."RI_FKey_check_upd"'::pg_catalog.regproc::oid])
    LOOP
        EXECUTE pg_catalog.format('ALTER TABLE %s DISABLE TRIGGER %I', check_trigger.relation, check_trigger.name);
    END LOOP;
END
$do$;
