-- What a statement really does to tables with rows: executed in a subtransaction that is rolled back, and compared with accord.check.
CREATE SCHEMA measure;
CREATE TABLE measure.cases (number integer PRIMARY KEY, ids text, statement text, expected text[]);
CREATE TABLE measure.results (number integer, what text, real text, checked text);

-- Strongest lock on each relation of the user's that was there before; whether a heap got a new file, whether one was read.
CREATE FUNCTION measure.execute(sql text, OUT locks text[], OUT rewrite boolean, OUT scan boolean, OUT failure text) LANGUAGE plpgsql AS $$
DECLARE
    names text[] := ARRAY['AccessShareLock','RowShareLock','RowExclusiveLock','ShareUpdateExclusiveLock','ShareLock','ShareRowExclusiveLock',
                          'ExclusiveLock','AccessExclusiveLock'];
    words text[] := ARRAY['ACCESS SHARE','ROW SHARE','ROW EXCLUSIVE','SHARE UPDATE EXCLUSIVE','SHARE','SHARE ROW EXCLUSIVE','EXCLUSIVE','ACCESS EXCLUSIVE'];
    answer jsonb;
    place text;
    before jsonb;
BEGIN
    SELECT jsonb_object_agg(c.oid::text, jsonb_build_object('name', format('%I.%I', n.nspname, c.relname), 'kind', c.relkind, 'file', c.relfilenode,
               'scans', pg_stat_get_xact_numscans(c.oid)
                        + coalesce((SELECT sum(pg_stat_get_xact_numscans(i.indexrelid)) FROM pg_index i WHERE i.indrelid = c.oid), 0)))
      INTO before
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'shop');
    BEGIN
        EXECUTE sql;
        SELECT jsonb_build_object(
            'locks', (SELECT coalesce(jsonb_agg(words[l.mode] || ' on ' || (before -> l.relation::text ->> 'name')), '[]')
                        FROM (SELECT relation, max(array_position(names, mode)) AS mode FROM pg_locks
                               WHERE pid = pg_backend_pid() AND locktype = 'relation' GROUP BY 1) l
                       WHERE before ? l.relation::text AND l.mode > 1),
            'rewrite', (SELECT coalesce(bool_or(c.relfilenode <> (before -> c.oid::text ->> 'file')::oid), false) FROM pg_class c
                         WHERE before ? c.oid::text AND c.relkind IN ('r', 'm') AND sql !~* '^\s*truncate'),
            'scan', (SELECT coalesce(bool_or(pg_stat_get_xact_numscans(c.oid)
                              + coalesce((SELECT sum(pg_stat_get_xact_numscans(i.indexrelid)) FROM pg_index i WHERE i.indrelid = c.oid), 0)
                              > (before -> c.oid::text ->> 'scans')::bigint), false)
                       FROM pg_class c WHERE before ? c.oid::text AND c.relkind IN ('r', 'm') AND sql !~* '^\s*truncate'))
          INTO answer;
        RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'measured', DETAIL = answer::text;
    EXCEPTION
        WHEN SQLSTATE 'ZZ000' THEN
            GET STACKED DIAGNOSTICS place = PG_EXCEPTION_DETAIL;
            answer := place;
        WHEN OTHERS THEN
            failure := SQLERRM;
            RETURN;
    END;
    SELECT array_agg(l ORDER BY l) INTO locks FROM jsonb_array_elements_text(answer -> 'locks') l;
    rewrite := answer -> 'rewrite';
    scan := answer -> 'scan';
END $$;

CREATE FUNCTION measure.checked(sql text, OUT locks text[], OUT rewrite boolean, OUT scan boolean, OUT failure text, OUT ids text, OUT basis text)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT (SELECT array_agg(l ORDER BY l) FROM unnest(string_to_array((array_agg(c.locks))[1], ', ')) l), bool_or(c.rewrite), bool_or(c.scan),
           max(c.element) FILTER (WHERE c.rule = 'statement-fails' OR c.rule LIKE 'MF__' OR c.rule = 'IX09'),
           coalesce(string_agg(c.rule, ' ' ORDER BY c.rule) FILTER (WHERE c.rule ~ '^[A-Z][A-Z][0-9][0-9]$' AND c.rule <> 'TX01'), '-'), min(c.basis)
      INTO locks, rewrite, scan, failure, ids, basis
      FROM accord.check(sql) c WHERE c.statement !~ '^SET ';
EXCEPTION WHEN OTHERS THEN
    failure := SQLERRM;
END $$;
