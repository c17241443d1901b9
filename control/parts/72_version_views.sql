-- What stands behind the views of versions, consumers and releases, for tools that find no key and no NOT NULL on a view.

CREATE OR REPLACE VIEW accord_catalog.contract_view AS
SELECT v.oid::regclass AS view, c.relation, c.id AS contract_id, s.major, s.consumer_id, s.release_id
  FROM (SELECT r.contract_id, e.schema_name, pg_catalog.split_part(e.version, '.', 1)::integer AS major, NULL::bigint AS consumer_id, NULL::bigint AS release_id
          FROM accord_catalog.migration_relation r
         CROSS JOIN LATERAL (VALUES (r.from_schema, r.from_version), (r.to_schema, r.to_version)) e(schema_name, version)
        UNION
        SELECT e.key::bigint, g.schema_name, e.value::integer, g.consumer_id, NULL
          FROM accord_catalog.generation g CROSS JOIN LATERAL pg_catalog.jsonb_each_text(g.versions) e
        UNION
        SELECT k.contract_id, r.schema_name, k.major, NULL, r.id
          FROM accord_catalog.release_contract k JOIN accord_catalog.release r ON r.id = k.release_id) s
  JOIN accord_catalog.contract c ON c.id = s.contract_id
  JOIN pg_catalog.pg_namespace n ON n.nspname = s.schema_name
  JOIN pg_catalog.pg_class v ON v.relnamespace = n.oid AND v.relkind = 'v'
 WHERE EXISTS (SELECT FROM pg_catalog.pg_rewrite w
                 JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
                  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.relation
                WHERE w.ev_class = v.oid);
COMMENT ON VIEW accord_catalog.contract_view IS 'views that show a major version of a contract, and whose they are';

CREATE OR REPLACE VIEW accord_catalog.view_column AS
SELECT w.view, w.relation, w.contract_id, w.major, p.version, w.consumer_id, w.release_id,
       a.attnum AS position, a.attname AS column_name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       NOT coalesce((s.field ->> 'not_null')::boolean, (s.field #>> '{type,domain_not_null}')::boolean, false) AS nullable,
       s.field ->> 'default_expression' AS default_expression, s.field ->> 'identity' AS identity, s.field ->> 'generated' AS generated,
       k.place AS primary_key_position
  FROM accord_catalog.contract_view w
  JOIN pg_catalog.pg_attribute a ON a.attrelid = w.view AND a.attnum > 0 AND NOT a.attisdropped
 CROSS JOIN LATERAL (SELECT v.shape, pg_catalog.format('%s.%s.%s', v.major, v.minor, v.patch) AS version
                       FROM accord_catalog.contract_version v WHERE v.contract_id = w.contract_id AND v.major = w.major
                      ORDER BY v.minor DESC, v.patch DESC LIMIT 1) p
 CROSS JOIN LATERAL (SELECT f.field FROM pg_catalog.jsonb_array_elements(p.shape -> 'columns') f(field) WHERE f.field ->> 'name' = a.attname) s
  LEFT JOIN LATERAL (SELECT u.place FROM pg_catalog.jsonb_array_elements(p.shape -> 'constraints') c(body)
                      CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(c.body -> 'columns') WITH ORDINALITY u(name, place)
                      WHERE c.body ->> 'kind' = 'primary key' AND u.name = a.attname) k ON true;
COMMENT ON VIEW accord_catalog.view_column IS 'columns of those views as their versions promise them';

CREATE OR REPLACE VIEW accord.version_columns WITH (security_barrier) AS
SELECT w.relation AS contract, w.version, u.name AS consumer, r.name AS release, n.nspname AS schema_name, v.relname AS view_name,
       w.position, w.column_name, w.type, w.nullable, w.default_expression, w.identity, w.generated, w.primary_key_position
  FROM accord_catalog.view_column w
  JOIN pg_catalog.pg_class v ON v.oid = w.view
  JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
  JOIN accord_catalog.contract c ON c.id = w.contract_id
  LEFT JOIN accord_catalog.consumer u ON u.id = w.consumer_id
  LEFT JOIN accord_catalog.release r ON r.id = w.release_id
 WHERE u.id IS NULL
    OR u.role IN (SELECT name FROM accord_catalog.my_role)
    OR u.created_by IN (SELECT name FROM accord_catalog.my_role)
    OR c.owner IN (SELECT name FROM accord_catalog.my_role)
    OR 'accord_admin' IN (SELECT name FROM accord_catalog.my_role);
COMMENT ON VIEW accord.version_columns IS 'columns of the views of versions, consumers (those that you may see) and releases, with what a view itself does not tell: nullability, default, identity, generation expression, and the place in the primary key (from 1; NULL: no part of it), as the version promises them';
GRANT SELECT ON accord.version_columns TO PUBLIC;

CREATE OR REPLACE FUNCTION accord.copied_rows(view anyelement) RETURNS SETOF anyelement
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_copied_rows';
COMMENT ON FUNCTION accord.copied_rows(anyelement) IS 'The rows of the COPY that is running into the view of a version.  Nobody but that COPY calls it.  Errors: 55000 no such COPY is running';
