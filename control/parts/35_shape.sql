-- The shape of a relation, read from the catalogs: see docs/shape.md for the keys.
--
-- Everything is read by oid through indexes, with search_path pinned, so that two captures compare as text.  Lock-free: an expression is
-- deparsed by accord_catalog.expression_text and never by pg_get_expr(..., relation), which would open the relation and so wait for whoever
-- rewrites it.  What has no such twin (index expressions, partition keys, trigger conditions, view definitions) takes ACCESS SHARE for a
-- moment; registry::try_capture_shape gives up instead of waiting for it.
--
-- PL/pgSQL and not SQL, because its plans are kept for the session: the guard captures a shape at every DDL on a contracted table.

CREATE OR REPLACE FUNCTION accord_catalog.expression_text(expression pg_node_tree, relation regclass) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'accord_expression_text';
COMMENT ON FUNCTION accord_catalog.expression_text(pg_node_tree, regclass) IS 'pg_get_expr that does not open the relation, so that it waits for no lock';

CREATE OR REPLACE FUNCTION accord_catalog.check_text(check_constraint oid) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'accord_check_text';
COMMENT ON FUNCTION accord_catalog.check_text(oid) IS 'pg_get_constraintdef of a check constraint of a table that does not open the table';

CREATE OR REPLACE FUNCTION accord_catalog.attributes_of(composite oid) RETURNS jsonb
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE attribute(path, place, type, typmod) AS (
        SELECT quote_ident(a.attname), ARRAY[a.attnum], a.atttypid, a.atttypmod
          FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE t.oid = composite
        UNION ALL
        SELECT o.path || '.' || quote_ident(a.attname), o.place || a.attnum, a.atttypid, a.atttypmod
          FROM attribute o
          JOIN pg_type t ON t.oid = o.type
          JOIN pg_type e ON e.typtype = 'c' AND e.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype
                                                             WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
          JOIN pg_attribute a ON a.attrelid = e.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
    SELECT jsonb_agg(path || ' ' || format_type(type, typmod) ORDER BY place) FROM attribute
$$;
COMMENT ON FUNCTION accord_catalog.attributes_of(oid) IS 'the attributes of a composite type and of those within it, as they stand in a shape';

CREATE OR REPLACE FUNCTION accord_catalog.types_within(type oid) RETURNS jsonb
LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE part(oid, kind, of_value, of_element) AS (  -- reached through attributes or bounds; through the elements of an array
        SELECT t.oid, t.typtype, false, false FROM pg_type t WHERE t.oid = types_within.type
        UNION
        SELECT n.oid, t.typtype, p.of_value OR p.kind IN ('c', 'r', 'm'), p.of_element OR n.element
          FROM part p,
               LATERAL (SELECT d.typbasetype, false FROM pg_type d WHERE d.oid = p.oid AND d.typtype = 'd'
                        UNION ALL
                        SELECT e.typelem, true FROM pg_type e WHERE e.oid = p.oid AND e.typtype = 'b' AND e.typcategory = 'A'
                        UNION ALL
                        SELECT a.atttypid, false FROM pg_type c JOIN pg_attribute a ON a.attrelid = c.typrelid
                         WHERE c.oid = p.oid AND c.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped
                        UNION ALL
                        SELECT r.rngsubtype, false FROM pg_range r WHERE p.oid IN (r.rngtypid, r.rngmultitypid)) n(oid, element)
          JOIN pg_type t ON t.oid = n.oid)
    SELECT jsonb_agg(jsonb_build_object(
               'text', format_type(w.oid, NULL),
               'kind', t.typtype,
               'labels', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = w.oid),
               'domain_base', CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
               'domain_not_null', nullif(t.typnotnull, false),
               'domain_checks', (SELECT jsonb_agg(d.definition ORDER BY d.definition COLLATE "C")
                                   FROM (SELECT pg_get_constraintdef(c.oid) AS definition FROM pg_constraint c
                                          WHERE c.contypid = w.oid AND c.contype = 'c') d))
               ORDER BY format_type(w.oid, NULL) COLLATE "C")
      FROM (SELECT DISTINCT p.oid FROM part p WHERE p.kind = 'e' AND p.of_value OR p.kind = 'd' AND (p.of_value OR p.of_element)) w
      JOIN pg_type t ON t.oid = w.oid
$$;
COMMENT ON FUNCTION accord_catalog.types_within(oid) IS 'enums and domains that the attributes, elements or bounds of a type are of, as they stand in a shape';

-- What of a type goes beyond its name: labels, attributes, what a domain stands for and demands, and the same of the types within it.
CREATE OR REPLACE FUNCTION accord_catalog.type_details(type oid, typmod integer) RETURNS jsonb
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    enum oid;
    composite oid;
    details jsonb := '{}';
BEGIN
    -- The way from the type through its domains (and the element of an array) to what it is made of.
    WITH RECURSIVE way AS (
        SELECT t.oid, t.typtype, t.typmodified, t.typnotnull, 0 AS depth, false AS behind_array, t.typbasetype, t.typelem, t.typcategory
          FROM (SELECT p.*, type_details.typmod AS typmodified FROM pg_type p WHERE p.oid = type_details.type) t
        UNION ALL
        SELECT n.oid, n.typtype, CASE WHEN w.typtype = 'd' AND d.typtypmod <> -1 THEN d.typtypmod ELSE w.typmodified END,
               n.typnotnull, w.depth + 1, w.behind_array OR w.typtype <> 'd', n.typbasetype, n.typelem, n.typcategory
          FROM way w
          JOIN pg_type d ON d.oid = w.oid
          JOIN pg_type n ON n.oid = CASE WHEN w.typtype = 'd' THEN w.typbasetype ELSE w.typelem END
         WHERE w.typtype = 'd' OR w.typcategory = 'A' AND w.typelem <> 0
    ), domain_way AS (
        SELECT * FROM way WHERE NOT behind_array
    )
    SELECT (SELECT w.oid FROM way w WHERE w.typtype = 'e'), (SELECT w.oid FROM way w WHERE w.typtype = 'c'),
           CASE WHEN EXISTS (SELECT FROM domain_way WHERE depth = 0 AND typtype = 'd') THEN
               jsonb_build_object(
                   'domain_base', (SELECT format_type(w.oid, w.typmodified) FROM domain_way w ORDER BY depth DESC LIMIT 1),
                   'domain_not_null', nullif((SELECT bool_or(typnotnull) FROM domain_way WHERE typtype = 'd'), false),
                   'domain_default', (SELECT coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) FROM pg_type t WHERE t.oid = type_details.type),
                   'domain_checks', (SELECT jsonb_agg(d.definition ORDER BY d.definition COLLATE "C")
                                       FROM (SELECT pg_get_constraintdef(c.oid) AS definition
                                               FROM domain_way w JOIN pg_constraint c ON c.contypid = w.oid
                                              WHERE w.typtype = 'd' AND c.contype = 'c') d))
           ELSE '{}' END
      INTO enum, composite, details;
    IF enum IS NOT NULL THEN
        details := details || jsonb_build_object('labels',
            (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = enum));
    END IF;
    IF composite IS NOT NULL THEN
        details := details || jsonb_build_object('attributes', accord_catalog.attributes_of(composite));
    END IF;
    RETURN details || jsonb_build_object('within', accord_catalog.types_within(type_details.type));
END
$$;
COMMENT ON FUNCTION accord_catalog.type_details(oid, integer) IS 'labels of an enum, attributes of a composite type, the demands of a domain and the types within, as the keys that they have in a shape';

CREATE OR REPLACE FUNCTION accord_catalog.trigger_effects(body text, type smallint, definer boolean) RETURNS text[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'accord_trigger_effects';
COMMENT ON FUNCTION accord_catalog.trigger_effects(text, smallint, boolean) IS 'what a trigger function with this PL/pgSQL body can do to a write: none, swallows, raises, fills COLUMN; empty where that is not known';

CREATE OR REPLACE FUNCTION accord_catalog.capture_shape(relation regclass) RETURNS jsonb
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
-- settings that change how a constant in an expression is written
SET datestyle = 'ISO, YMD' SET timezone = 'UTC' SET intervalstyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
SET lc_monetary = 'C' SET quote_all_identifiers = off
-- half of the time would go into planning again
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    class  pg_class;
    result jsonb;
BEGIN
    SELECT * INTO class FROM pg_class WHERE pg_class.oid = relation AND relkind IN ('r', 'p', 'v', 'm', 'f');
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    SELECT jsonb_build_object(
        'format', 1,
        'relation', jsonb_build_object('schema', n.nspname, 'name', class.relname),
        'kind', CASE class.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                                   WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END,
        'persistence', CASE class.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' ELSE 'temporary' END,
        'comment', (SELECT d.description FROM pg_description d
                     WHERE d.objoid = relation AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0),
        'row_security', nullif(class.relrowsecurity, false),
        'force_row_security', nullif(class.relforcerowsecurity, false))
      INTO result
      FROM pg_namespace n
     WHERE n.oid = class.relnamespace;

    IF class.relkind IN ('r', 'p', 'm', 'f') THEN
        result := result || jsonb_build_object('replica_identity',
            CASE class.relreplident WHEN 'd' THEN 'default' WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full'
            ELSE coalesce((SELECT 'index ' || i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                            WHERE x.indrelid = relation AND x.indisreplident), 'nothing') END);
    END IF;
    IF class.relkind = 'p' THEN
        result := result || jsonb_build_object('partition_key', pg_get_partkeydef(relation));
    END IF;
    IF class.relkind = 'v' OR class.relkind = 'm' THEN
        result := result || jsonb_build_object('view_definition',
            coalesce(array_to_string(class.reloptions, ', ') || '; ', '') || pg_get_viewdef(relation));
    END IF;
    IF class.relkind = 'p' THEN
        result := result || jsonb_build_object('partitions',
            (SELECT jsonb_agg(format('%I.%I %s', pn.nspname, p.relname, pg_get_expr(p.relpartbound, 0)) ORDER BY pn.nspname, p.relname)
               FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
              WHERE h.inhparent = relation AND NOT h.inhdetachpending));
    END IF;
    IF class.relispartition THEN
        result := result || jsonb_build_object('partition_of',
            (SELECT format('%I.%I %s', pn.nspname, p.relname, pg_get_expr(class.relpartbound, 0))
               FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
              WHERE h.inhrelid = relation AND NOT h.inhdetachpending));
    ELSE
        result := result || jsonb_build_object('parents',
            (SELECT jsonb_agg(format('%I.%I', pn.nspname, p.relname) ORDER BY h.inhseqno)
               FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
              WHERE h.inhrelid = relation));
    END IF;

    result := result || jsonb_build_object('columns', (
        SELECT jsonb_agg(jsonb_build_object(
                   'name', a.attname,
                   'type', jsonb_build_object(
                       'text', format_type(a.atttypid, a.atttypmod),
                       'base', format_type(a.atttypid, NULL),
                       'kind', t.typtype,
                       'category', t.typcategory,
                       'collation', CASE WHEN a.attcollation <> t.typcollation THEN
                           (SELECT format('%I.%I', cn.nspname, c.collname)
                              FROM pg_collation c JOIN pg_namespace cn ON cn.oid = c.collnamespace
                             WHERE c.oid = a.attcollation) END)
                       || CASE WHEN t.typtype = 'b' AND (t.typcategory <> 'A' OR t.typelem < 16384) THEN '{}'
                               ELSE accord_catalog.type_details(t.oid, a.atttypmod) END,
                   -- 18 can have a not-null constraint that is not valid yet
                   'not_null', CASE WHEN a.attnotnull AND NOT EXISTS (
                                        SELECT FROM pg_constraint nn
                                         WHERE nn.conrelid = relation AND nn.contype = 'n' AND nn.conkey[1] = a.attnum
                                           AND NOT nn.convalidated)
                                    THEN true END,
                   'default_expression', CASE WHEN a.atthasdef AND a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END,
                   'identity', CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END,
                   'generated', CASE WHEN a.attgenerated <> '' THEN accord_catalog.expression_text(d.adbin, relation) END,
                   'generated_kind', CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END,
                   'comment', m.description) ORDER BY a.attnum)
          FROM pg_attribute a
          JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          LEFT JOIN pg_description m ON m.objoid = a.attrelid AND m.classoid = 'pg_class'::regclass AND m.objsubid = a.attnum
         WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND NOT starts_with(a.attname, '_accord_')));

    -- Of contype n (from 18 on NOT NULL has rows of its own) only what is not valid yet, as the check that it is: the column says the
    -- rest.  Not the shadows that a foreign key to a partitioned table has for each partition.
    result := result || jsonb_build_object('constraints', (
        SELECT jsonb_agg(x.body ORDER BY x.name, x.kind)
          FROM (SELECT c.conname::text COLLATE "C" AS name, k.kind COLLATE "C" AS kind, jsonb_build_object(
                    'name', c.conname,
                    'kind', k.kind,
                    'columns', k.columns,
                    'definition', f.definition,
                    'validated', CASE WHEN NOT c.convalidated OR c.contype IN ('p', 'u', 'x') AND NOT i.indisvalid THEN false END,
                    'enforced', CASE WHEN c.contype IN ('c', 'f') AND right(f.definition, 13) = ' NOT ENFORCED' THEN false END,
                    'deferrable', nullif(c.condeferrable, false),
                    'deferred', nullif(c.condeferred, false),
                    'references', CASE WHEN c.contype = 'f' THEN
                        (SELECT format('%I.%I', rn.nspname, r.relname) FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace
                          WHERE r.oid = c.confrelid) END,
                    'on_delete', CASE c.confdeltype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade'
                                                    WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' END,
                    'on_update', CASE c.confupdtype WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade'
                                                    WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' END) AS body
                  FROM pg_constraint c
                  LEFT JOIN pg_index i ON i.indexrelid = c.conindid AND c.contype IN ('p', 'u', 'x'),
                       LATERAL (SELECT CASE c.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check'
                                                      WHEN 'n' THEN 'check' WHEN 'f' THEN 'foreign key' ELSE 'exclusion' END AS kind,
                                       (SELECT jsonb_agg(a.attname ORDER BY u.position)
                                          FROM unnest(c.conkey) WITH ORDINALITY u(attnum, position)
                                          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.attnum AND a.attnum > 0) AS columns,
                                       EXISTS (SELECT FROM pg_attribute a
                                                WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
                                                  AND starts_with(a.attname, '_accord_')) AS ours) k,
                       LATERAL (SELECT CASE c.contype WHEN 'c' THEN accord_catalog.check_text(c.oid)
                                                           WHEN 'n' THEN format('CHECK ((%I IS NOT NULL)) NOT VALID', k.columns ->> 0)
                                            ELSE pg_get_constraintdef(c.oid) END AS definition) f
                 WHERE c.conrelid = relation AND (c.contype IN ('p', 'u', 'c', 'f', 'x') OR c.contype = 'n' AND NOT c.convalidated)
                   AND NOT starts_with(c.conname, '_accord_') AND NOT k.ours
                   AND NOT (c.contype = 'f' AND c.conparentid <> 0
                            AND EXISTS (SELECT FROM pg_constraint p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid))
                UNION ALL
                SELECT ic.relname::text COLLATE "C", 'unique index' COLLATE "C", jsonb_build_object(
                    'name', ic.relname,
                    'kind', 'unique index',
                    'columns', (SELECT jsonb_agg(a.attname ORDER BY u.position)
                                  FROM unnest(x.indkey::smallint[]) WITH ORDINALITY u(attnum, position)
                                  JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.attnum
                                 WHERE u.position <= x.indnkeyatts),
                    'definition', substr(pg_get_indexdef(ic.oid), length(format('CREATE UNIQUE INDEX %I ', ic.relname)) + 1),
                    'validated', CASE WHEN NOT x.indisvalid THEN false END,
                    'partial', CASE WHEN x.indpred IS NOT NULL THEN true END)
                  FROM pg_index x
                  JOIN pg_class ic ON ic.oid = x.indexrelid
                 WHERE x.indrelid = relation AND x.indisunique AND x.indislive AND NOT starts_with(ic.relname, '_accord_')
                   AND NOT EXISTS (SELECT FROM pg_attribute a
                                    WHERE a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey::smallint[])
                                      AND starts_with(a.attname, '_accord_'))
                   AND NOT EXISTS (SELECT FROM pg_constraint c
                                    WHERE c.conindid = x.indexrelid AND c.conrelid = x.indrelid AND c.contype IN ('p', 'u', 'x'))) x));

    result := result || jsonb_build_object('privileges', (
        SELECT jsonb_agg(jsonb_build_object('grantee', g.grantee, 'kind', g.kind, 'column', g.attribute, 'grantable', nullif(g.grantable, false))
                         ORDER BY g.grantee COLLATE "C", g.kind COLLATE "C", g.attribute COLLATE "C" NULLS FIRST)
          FROM (SELECT CASE WHEN e.grantee = 0 THEN 'public' ELSE coalesce(r.rolname::text, e.grantee::text) END AS grantee,
                       e.privilege_type AS kind, s.attribute, bool_or(e.is_grantable) AS grantable
                  FROM (SELECT class.relacl AS acl, NULL::text AS attribute
                        UNION ALL
                        SELECT a.attacl, a.attname::text FROM pg_attribute a
                         WHERE a.attrelid = relation AND a.attnum > 0 AND a.attacl IS NOT NULL AND NOT a.attisdropped
                           AND NOT starts_with(a.attname, '_accord_')) s,
                       aclexplode(s.acl) e
                  LEFT JOIN pg_roles r ON r.oid = e.grantee
                 WHERE e.grantee <> class.relowner
                 GROUP BY 1, 2, 3) g));

    IF class.relacl IS NOT NULL THEN
        result := result || jsonb_build_object('owner_lacks', (
            SELECT jsonb_agg(d.privilege_type ORDER BY d.privilege_type COLLATE "C")
              FROM aclexplode(acldefault('r', class.relowner)) d
             WHERE NOT EXISTS (SELECT FROM aclexplode(class.relacl) e
                                WHERE e.grantee = class.relowner AND e.privilege_type = d.privilege_type)));
    END IF;

    IF EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = relation) THEN
        result := result || jsonb_build_object('policies', (
            SELECT jsonb_agg(jsonb_build_object(
                       'name', p.polname,
                       'command', CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
                                                WHEN 'd' THEN 'delete' ELSE 'all' END,
                       'roles', (SELECT string_agg(q.name, ', ' ORDER BY q.name COLLATE "C")
                                   FROM (SELECT CASE WHEN o = 0 THEN 'public' ELSE coalesce(r.rolname::text, o::text) END AS name
                                           FROM unnest(p.polroles) o LEFT JOIN pg_roles r ON r.oid = o) q),
                       'using_expression', accord_catalog.expression_text(p.polqual, relation),
                       'check_expression', accord_catalog.expression_text(p.polwithcheck, relation),
                       'permissive', CASE WHEN NOT p.polpermissive THEN false END) ORDER BY p.polname)
              FROM pg_policy p
             WHERE p.polrelid = relation));
    END IF;

    result := result || jsonb_build_object(
        'publications', (
            SELECT jsonb_agg(format('%I: %s%s%s', p.pubname, concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                                                                     CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
                                    ' (' || concat_ws('; ', nullif(array_to_string(r.prattrs::int[], ' '), ''), accord_catalog.expression_text(r.prqual, relation)) || ')',
                                    -- rows of a child are changed through its parent, and have no identity but its own; partitions are published with it
                                    CASE WHEN class.relhassubclass AND (p.pubupdate OR p.pubdelete) AND EXISTS (
                                             WITH RECURSIVE below(oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = relation
                                                 UNION SELECT h.inhrelid FROM below JOIN pg_inherits h ON h.inhparent = below.oid)
                                             SELECT FROM below JOIN pg_class k USING (oid)
                                              WHERE k.relkind = 'r'
                                                AND NOT CASE k.relreplident WHEN 'f' THEN true WHEN 'n' THEN false
                                                        ELSE EXISTS (SELECT FROM pg_index x WHERE x.indrelid = k.oid
                                                                        AND CASE k.relreplident WHEN 'd' THEN x.indisprimary ELSE x.indisreplident END) END
                                                AND (class.relkind = 'p' OR p.puballtables
                                                     OR EXISTS (SELECT FROM pg_publication_rel c WHERE c.prpubid = p.oid AND c.prrelid = k.oid)
                                                     OR EXISTS (SELECT FROM pg_publication_namespace n WHERE n.pnpubid = p.oid AND n.pnnspid = k.relnamespace)))
                                         THEN ' without identity below' END)
                             ORDER BY p.pubname)
              FROM pg_publication p LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = relation
             WHERE class.relkind IN ('r', 'p')
               AND (p.puballtables OR r.oid IS NOT NULL
                    OR EXISTS (SELECT FROM pg_publication_namespace n WHERE n.pnpubid = p.oid AND n.pnnspid = class.relnamespace))),
        'functions', (
            SELECT jsonb_agg(DISTINCT format('%s %s', p.oid::regprocedure, md5(p.prosrc)))
              FROM (SELECT 'pg_attrdef'::regclass AS class, d.oid FROM pg_attrdef d WHERE d.adrelid = relation
                    UNION ALL SELECT 'pg_constraint', c.oid FROM pg_constraint c WHERE c.conrelid = relation AND c.contype IN ('c', 'x')
                    UNION ALL SELECT 'pg_policy', y.oid FROM pg_policy y WHERE y.polrelid = relation
                    UNION ALL SELECT 'pg_rewrite', w.oid FROM pg_rewrite w WHERE w.ev_class = relation
                    UNION ALL SELECT 'pg_class', x.indexrelid FROM pg_index x WHERE x.indrelid = relation AND x.indisunique) o
              JOIN pg_depend d ON d.classid = o.class AND d.objid = o.oid AND d.refclassid = 'pg_proc'::regclass
              JOIN pg_proc p ON p.oid = d.refobjid
             WHERE p.oid >= 16384));

    IF class.relhastriggers OR class.relhasrules THEN
        result := result || jsonb_build_object('triggers', (
            SELECT jsonb_agg(jsonb_build_object(
                       'name', w.name,
                       'definition', w.definition,
                       'effects', nullif(w.effects, '{}'),
                       'enabled', CASE w.enabled WHEN 'O' THEN 'origin' WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' ELSE 'disabled' END)
                       ORDER BY w.name COLLATE "C")
              FROM (SELECT t.tgname::text AS name, pg_get_triggerdef(t.oid) || ' AS ' || md5(p.prosrc) AS definition, t.tgenabled AS enabled,
                           CASE WHEN l.lanname = 'plpgsql' THEN accord_catalog.trigger_effects(p.prosrc, t.tgtype, p.prosecdef) END AS effects
                      FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
                     WHERE t.tgrelid = relation AND NOT t.tgisinternal
                       AND t.tgname NOT IN ('!accord_sync', '~accord_sync') AND NOT starts_with(t.tgname, '!accord_move_')
                    UNION ALL
                    SELECT r.rulename::text, pg_get_ruledef(r.oid), r.ev_enabled, NULL
                      FROM pg_rewrite r
                     WHERE r.ev_class = relation AND r.rulename <> '_RETURN') w));
    END IF;

    RETURN jsonb_strip_nulls(result);
END
$$;
COMMENT ON FUNCTION accord_catalog.capture_shape(regclass) IS 'the shape of a relation as it is now in the catalogs (docs/shape.md); NULL where there is none.  Leaves out what pg_accord itself added';
