// clone_sql.  See clone_sql.hpp.
#include "server/check/clone_sql.hpp"

namespace accord::check::clone_sql {

const char* const names = R"(
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY ($1::oid[])
UNION SELECT n.nspname, i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
       WHERE x.indrelid = ANY ($1::oid[])
UNION SELECT n.nspname, s.relname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace n ON n.oid = s.relnamespace
       WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY ($1::oid[]) AND d.deptype IN ('a', 'i')
UNION SELECT n.nspname, s.stxname FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxrelid = ANY ($1::oid[])
UNION SELECT n.nspname, t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = ANY ($2::oid[])
UNION SELECT n.nspname, p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = ANY ($3::oid[]))";

const char* const types = R"(
SELECT format('type %I.%I', n.nspname, t.typname),
       CASE t.typtype
       WHEN 'e' THEN format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
                            (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
       WHEN 'd' THEN format('CREATE DOMAIN %I.%I AS %s%s%s%s%s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod),
                            (SELECT format(' COLLATE %I.%I', cn.nspname, l.collname) FROM pg_collation l JOIN pg_namespace cn ON cn.oid = l.collnamespace
                              JOIN pg_type b ON b.oid = t.typbasetype WHERE l.oid = t.typcollation AND b.typcollation <> t.typcollation),
                            ' DEFAULT ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
                            CASE WHEN t.typnotnull THEN ' NOT NULL' END,
                            (SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.oid)
                               FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' AND k.convalidated))
            || coalesce((SELECT string_agg(format('; ALTER DOMAIN %I.%I ADD CONSTRAINT %I %s', n.nspname, t.typname, k.conname, pg_get_constraintdef(k.oid)), '')
                           FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' AND NOT k.convalidated), '')
       ELSE format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
                   (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
                      FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)) END
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE t.oid = ANY ($1::oid[]) AND (t.typtype IN ('e', 'd') OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
 ORDER BY t.oid)";

const char* const functions = R"(
SELECT format('function %s', p.oid::regprocedure), pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.oid = ANY ($1::oid[]) ORDER BY p.oid)";

const char* const sequences = R"(
SELECT format('sequence %I.%I', n.nspname, c.relname),
       format('CREATE %sSEQUENCE %I.%I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s', CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED ' END,
              n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid
 WHERE c.oid = ANY ($1::oid[]) ORDER BY c.oid)";

const char* const tables = R"(
SELECT format('table %I.%I', n.nspname, c.relname),
       format('CREATE %sTABLE %I.%I (%s)%s%s%s%s%s%s', CASE WHEN c.relkind = 'f' THEN 'FOREIGN ' WHEN c.relpersistence = 'u' THEN 'UNLOGGED ' END, n.nspname, c.relname,
              concat_ws(', ', k.definitions, b.definitions),
              (SELECT format(' INHERITS (%s)', string_agg(format('%I.%I', pn.nspname, pc.relname), ', ' ORDER BY h.inhseqno))
                 FROM pg_inherits h JOIN pg_class pc ON pc.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = pc.relnamespace
                WHERE h.inhrelid = c.oid AND NOT c.relispartition HAVING count(*) > 0),
              CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) END,
              (SELECT ' USING ' || quote_ident(am.amname) FROM pg_am am WHERE am.oid = c.relam AND c.relkind = 'r'),
              (SELECT format(' WITH (%s)', string_agg(format('%I=%L', split_part(x, '=', 1), substr(x, strpos(x, '=') + 1)), ', '))
                 FROM unnest(c.reloptions) x HAVING count(*) > 0),
              (SELECT format(' TABLESPACE %I', ts.spcname) FROM pg_tablespace ts WHERE ts.oid = c.reltablespace),
              (SELECT format(' SERVER %I', fs.srvname)
                      || coalesce(format(' OPTIONS (%s)', (SELECT string_agg(format('%I %L', split_part(x, '=', 1), substr(x, strpos(x, '=') + 1)), ', ')
                                                             FROM unnest(ft.ftoptions) x)), '')
                 FROM pg_foreign_table ft JOIN pg_foreign_server fs ON fs.oid = ft.ftserver WHERE ft.ftrelid = c.oid))
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace,
  LATERAL (SELECT string_agg(concat(quote_ident(a.attname), ' ', format_type(a.atttypid, a.atttypmod),
                  (SELECT format(' COLLATE %I.%I', cn.nspname, l.collname) FROM pg_collation l JOIN pg_namespace cn ON cn.oid = l.collnamespace
                    WHERE l.oid = a.attcollation AND l.oid <> t.typcollation),
                  CASE WHEN nn.conname IS NOT NULL AND nn.convalidated
                            THEN format(' CONSTRAINT %I NOT NULL%s', nn.conname, CASE WHEN nn.connoinherit THEN ' NO INHERIT' END)
                       WHEN nn.conname IS NULL AND a.attnotnull THEN ' NOT NULL' END,
                  CASE WHEN a.attgenerated = 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid))
                       WHEN a.attgenerated = 'v' THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(d.adbin, d.adrelid))
                       WHEN a.atthasdef THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)
                       WHEN a.attidentity <> '' AND NOT c.relispartition THEN
                            (SELECT format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %I.%I INCREMENT %s MINVALUE %s MAXVALUE %s START %s)',
                                           CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, sn.nspname, sc.relname,
                                           sq.seqincrement, sq.seqmin, sq.seqmax, sq.seqstart)
                               FROM pg_depend sd JOIN pg_class sc ON sc.oid = sd.objid JOIN pg_namespace sn ON sn.oid = sc.relnamespace
                               JOIN pg_sequence sq ON sq.seqrelid = sc.oid
                              WHERE sd.classid = 'pg_class'::regclass AND sd.refclassid = 'pg_class'::regclass AND sd.refobjid = c.oid
                                AND sd.refobjsubid = a.attnum AND sd.deptype = 'i') END), ', ' ORDER BY a.attnum) AS definitions
             FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
             LEFT JOIN pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attislocal OR c.relispartition)) k,
  LATERAL (SELECT string_agg(format('CONSTRAINT %I %s', q.conname, pg_get_constraintdef(q.oid)), ', ' ORDER BY q.conname) AS definitions
             FROM pg_constraint q WHERE q.conrelid = c.oid AND q.contype = 'c' AND q.convalidated AND (q.conislocal OR c.relispartition)) b
 WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p', 'f')
 ORDER BY c.oid)";

const char* const not_valid = R"(
SELECT format('constraint %I of %I.%I', k.conname, n.nspname, c.relname),
       format('ALTER TABLE %s%I.%I ADD CONSTRAINT %I %s', CASE WHEN c.relispartition OR c.relkind = 'p' THEN 'ONLY ' END, n.nspname, c.relname, k.conname,
              pg_get_constraintdef(k.oid))
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = ANY ($1::oid[]) AND k.contype IN ('c', 'n') AND NOT k.convalidated AND (k.conislocal OR c.relispartition) ORDER BY k.oid)";

const char* const columns = R"(
SELECT format('column %I of %I.%I', a.attname, n.nspname, c.relname), format('ALTER TABLE ONLY %I.%I ALTER COLUMN %I %s', n.nspname, c.relname, a.attname, x.clause)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid,
  LATERAL (SELECT 'SET STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END
            WHERE a.attstorage <> t.typstorage
           UNION ALL
           SELECT 'SET NOT NULL' WHERE a.attnotnull AND NOT a.attislocal AND NOT c.relispartition
              AND NOT EXISTS (SELECT FROM pg_constraint nn WHERE nn.conrelid = c.oid AND nn.contype = 'n' AND nn.conkey[1] = a.attnum)) x(clause)
 WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p'))";

const char* const partitions = R"(
SELECT format('partition %I.%I', n.nspname, c.relname),
       format('ALTER TABLE ONLY %I.%I ATTACH PARTITION %I.%I %s', pn.nspname, p.relname, n.nspname, c.relname, pg_get_expr(c.relpartbound, c.oid))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_inherits h ON h.inhrelid = c.oid AND NOT h.inhdetachpending
  JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
 WHERE c.oid = ANY ($1::oid[]) AND c.relispartition ORDER BY c.oid)";

const char* const sequence_owners = R"(
SELECT format('sequence %I.%I', n.nspname, c.relname), format('ALTER SEQUENCE %I.%I OWNED BY %I.%I.%I', n.nspname, c.relname, tn.nspname, t.relname, a.attname)
  FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
 WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a' AND d.objid = ANY ($1::oid[]) AND d.refobjid = ANY ($1::oid[]))";

const char* const views = R"(
SELECT format('view %I.%I', n.nspname, c.relname),
       format('CREATE %sVIEW %I.%I%s AS %s%s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED ' END, n.nspname, c.relname, ' WITH (' || o.list || ')',
              rtrim(pg_get_viewdef(c.oid), ';'), CASE c.relkind WHEN 'm' THEN ' WITH NO DATA' END)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
  LATERAL (SELECT string_agg(format('%I=%L', split_part(x, '=', 1), substr(x, strpos(x, '=') + 1)), ', ') AS list FROM unnest(c.reloptions) x) o
 WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('v', 'm') ORDER BY c.oid)";

const char* const indexes = R"(
SELECT format('index %I.%I', n.nspname, i.relname),
       CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.oid)
            ELSE format('ALTER TABLE ONLY %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)) END
       || CASE WHEN x.indisclustered THEN format('; ALTER TABLE %I.%I CLUSTER ON %I', n.nspname, c.relname, i.relname) ELSE '' END
       || CASE WHEN x.indisreplident THEN format('; ALTER TABLE %I.%I REPLICA IDENTITY USING INDEX %I', n.nspname, c.relname, i.relname) ELSE '' END
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x')
 WHERE c.oid = ANY ($1::oid[]) ORDER BY k.oid IS NULL, i.oid)";

const char* const index_partitions = R"(
SELECT format('index %I.%I', n.nspname, i.relname), format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I', pn.nspname, p.relname, n.nspname, i.relname)
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace JOIN pg_inherits h ON h.inhrelid = i.oid
  JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
 WHERE x.indrelid = ANY ($1::oid[]) ORDER BY i.oid DESC)";

const char* const foreign_keys = R"(
SELECT format('foreign key %I of %I.%I', k.conname, n.nspname, c.relname),
       format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid = ANY ($1::oid[]) AND k.confrelid = ANY ($1::oid[]) ORDER BY k.oid)";

const char* const rest = R"(
SELECT format('trigger %I of %I.%I', g.tgname, n.nspname, c.relname),
       pg_get_triggerdef(g.oid) || CASE g.tgenabled WHEN 'D' THEN format('; ALTER TABLE %I.%I DISABLE TRIGGER %I', n.nspname, c.relname, g.tgname)
                                                    WHEN 'A' THEN format('; ALTER TABLE %I.%I ENABLE ALWAYS TRIGGER %I', n.nspname, c.relname, g.tgname)
                                                    WHEN 'R' THEN format('; ALTER TABLE %I.%I ENABLE REPLICA TRIGGER %I', n.nspname, c.relname, g.tgname)
                                                    ELSE '' END
  FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE g.tgrelid = ANY ($1::oid[]) AND NOT g.tgisinternal AND g.tgparentid = 0
UNION ALL
SELECT format('rule %I of %I.%I', r.rulename, n.nspname, c.relname), pg_get_ruledef(r.oid)
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE r.ev_class = ANY ($1::oid[]) AND r.rulename <> '_RETURN'
UNION ALL
SELECT format('policy %I of %I.%I', p.polname, n.nspname, c.relname),
       concat(format('CREATE POLICY %I ON %I.%I AS %s FOR %s TO %s', p.polname, n.nspname, c.relname,
                     CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                     CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                     (SELECT string_agg(CASE WHEN o = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(o)) END, ', ') FROM unnest(p.polroles) o)),
              ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE p.polrelid = ANY ($1::oid[])
UNION ALL
SELECT format('statistics %I.%I', n.nspname, s.stxname), pg_get_statisticsobjdef(s.oid)
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxrelid = ANY ($1::oid[])
UNION ALL
SELECT format('table %I.%I', n.nspname, c.relname), format('ALTER TABLE ONLY %I.%I %s', n.nspname, c.relname, x.clause)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
  LATERAL (SELECT 'ENABLE ROW LEVEL SECURITY' WHERE c.relrowsecurity UNION ALL SELECT 'FORCE ROW LEVEL SECURITY' WHERE c.relforcerowsecurity
           UNION ALL SELECT 'REPLICA IDENTITY ' || CASE c.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END WHERE c.relreplident IN ('f', 'n')) x(clause)
 WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p')
UNION ALL
SELECT format('rights on %I.%I', n.nspname, c.relname),
       format('GRANT %s%s ON %s%I.%I TO %s%s', e.privilege_type, ' (' || quote_ident(s.attname) || ')', CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END,
              n.nspname, c.relname, CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END,
              CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' END)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
  LATERAL (SELECT c.relacl AS acl, NULL::name AS attname
           UNION ALL SELECT a.attacl, a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attacl IS NOT NULL) s,
  aclexplode(s.acl) e
 WHERE c.oid = ANY ($1::oid[]) AND e.grantee <> c.relowner)";

const char* const published = R"(
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p')
   AND (EXISTS (SELECT FROM pg_publication_rel r WHERE r.prrelid = c.oid) OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnnspid = c.relnamespace)))";

}  // namespace accord::check::clone_sql
