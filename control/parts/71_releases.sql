-- Releases: one schema with a view for each contract, for teams that deploy code and schema version together.

CREATE OR REPLACE FUNCTION accord.create_release(release name, versions jsonb DEFAULT NULL) RETURNS name
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_create_release';
COMMENT ON FUNCTION accord.create_release(name, jsonb) IS
'Make a schema with one view for each contract, at the versions that a release of the clients'' code expects: SET search_path = "release_2026_12", public.  versions: contracts and their versions, for example {"flights": "2", "planes": null}, null meaning the latest that can be used; without it, every contract that you own at its latest.  The views stay what they are through complete and undo; purge and rollback of a version are refused while a release shows it.  Returns the schema.  Errors: 42710 exists already, 42704 no contract or version, AC003 version not usable, 42501 not the owner of a contract';

CREATE OR REPLACE FUNCTION accord.drop_release(release name, force boolean DEFAULT false) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_drop_release';
COMMENT ON FUNCTION accord.drop_release(name, boolean) IS
'Drop a release: its views and their schema.  Refused with AC004 while a setting of a role or database leads there, or sessions are known to work with it (accord.use_release, or the setting of their role); force (audited) overrides this.  55P03 while its views are in use';

CREATE OR REPLACE FUNCTION accord.use_release(release name) RETURNS text
    LANGUAGE c AS 'MODULE_PATHNAME', 'accord_use_release';
COMMENT ON FUNCTION accord.use_release(name) IS
'Let this session work with a release: puts its schema first in search_path, in place of another release, and keeps the release from being dropped until the session ends, chooses another one or runs DISCARD ALL.  Returns the search_path';

-- Settings of roles and databases that lead to a release, with the statement that ends it.
CREATE OR REPLACE VIEW accord_catalog.release_setting AS
SELECT r.id AS release_id, a.rolname AS role, d.datname AS database, s.setrole, s.setdatabase,
       CASE WHEN s.setrole = 0 THEN pg_catalog.format('ALTER DATABASE %I RESET search_path;', d.datname)
            WHEN s.setdatabase = 0 THEN pg_catalog.format('ALTER ROLE %I RESET search_path;', a.rolname)
            ELSE pg_catalog.format('ALTER ROLE %I IN DATABASE %I RESET search_path;', a.rolname, d.datname) END AS reset
  FROM accord_catalog.release r
  JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
  CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) c(setting)
  LEFT JOIN pg_catalog.pg_roles a ON a.oid = s.setrole
  LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
 WHERE c.setting LIKE 'search\_path=%'
   AND pg_catalog.translate(r.schema_name, '", ', '') = ANY (pg_catalog.string_to_array(pg_catalog.translate(pg_catalog.substr(c.setting, 13), '" ', ''), ','));
COMMENT ON VIEW accord_catalog.release_setting IS 'roles and databases whose search_path leads to a release';

CREATE OR REPLACE VIEW accord_catalog.release_session AS
SELECT (l.classid::bigint << 32) | l.objid::bigint AS release_id, l.pid
  FROM pg_catalog.pg_locks l
 WHERE l.locktype = 'advisory' AND l.objsubid = 19150 AND l.granted
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
UNION
SELECT s.release_id, a.pid
  FROM accord_catalog.release_setting s JOIN pg_catalog.pg_stat_activity a ON a.usesysid = s.setrole AND a.datname = pg_catalog.current_database();
COMMENT ON VIEW accord_catalog.release_session IS 'sessions that are known to work with a release: by accord.use_release, or by their role''s setting';

CREATE OR REPLACE VIEW accord.releases AS
SELECT r.name AS release, r.schema_name AS schema,
       (SELECT pg_catalog.string_agg(coalesce(c.relation::text, pg_catalog.format('%I.%I', c.last_schema, c.last_name)) || ' ' || k.major, ', ' ORDER BY c.last_schema, c.last_name)
          FROM accord_catalog.release_contract k JOIN accord_catalog.contract c ON c.id = k.contract_id WHERE k.release_id = r.id) AS versions,
       (SELECT pg_catalog.array_agg(DISTINCT s.role) FROM accord_catalog.release_setting s WHERE s.release_id = r.id AND s.role IS NOT NULL) AS roles,
       (SELECT pg_catalog.count(DISTINCT s.pid) FROM accord_catalog.release_session s WHERE s.release_id = r.id) AS sessions,
       r.created_by, r.created_at
  FROM accord_catalog.release r;
COMMENT ON VIEW accord.releases IS 'releases, the versions that they show, the roles whose search_path leads to them, and the sessions that are known to use them';
GRANT SELECT ON accord.releases TO PUBLIC;
