-- The public face: everything in schema accord has a comment, is callable by the right people, and is safe to call.
CREATE EXTENSION pg_accord;

-- every function, view and table is described
SELECT p.oid::regprocedure AS function_without_comment
  FROM pg_proc p
 WHERE p.pronamespace IN ('accord'::regnamespace) AND obj_description(p.oid, 'pg_proc') IS NULL
 ORDER BY 1::text;
SELECT c.oid::regclass AS relation_without_comment
  FROM pg_class c
 WHERE c.relnamespace IN ('accord'::regnamespace, 'accord_catalog'::regnamespace) AND c.relkind IN ('r', 'v')
   AND obj_description(c.oid, 'pg_class') IS NULL
 ORDER BY 1::text;

-- views are plural, functions and views only
SELECT c.relname, c.relkind FROM pg_class c
 WHERE c.relnamespace = 'accord'::regnamespace AND c.relkind NOT IN ('v', 'c') ORDER BY 1;

-- what runs with the owner's rights pins its search_path, and views of others' data are barriers
SELECT p.oid::regprocedure AS unpinned
  FROM pg_proc p
 WHERE p.pronamespace IN ('accord'::regnamespace, 'accord_catalog'::regnamespace)
   AND (p.prosecdef OR p.prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c'))
   AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%')
 ORDER BY 1::text;

-- nobody but the administrators reaches the catalog itself
SELECT c.oid::regclass AS exposed
  FROM pg_class c
 WHERE c.relnamespace = 'accord_catalog'::regnamespace AND c.relkind IN ('r', 'v', 'S')
   AND (has_table_privilege('public', c.oid, 'SELECT') OR has_table_privilege('public', c.oid, 'INSERT, UPDATE, DELETE'))
 ORDER BY 1::text;
SELECT has_schema_privilege('public', 'accord', 'USAGE') AS usable, has_schema_privilege('public', 'accord', 'CREATE') AS writable,
       has_schema_privilege('public', 'accord_catalog', 'USAGE') AS catalog_usable;

-- every table is saved by pg_dump, and so is every sequence
SELECT c.oid::regclass AS not_dumped
  FROM pg_class c
 WHERE c.relnamespace = 'accord_catalog'::regnamespace AND c.relkind IN ('r', 'S')
   AND NOT c.oid = ANY (SELECT unnest(extconfig) FROM pg_extension WHERE extname = 'pg_accord')
 ORDER BY 1::text;
