-- Versions of a contract: publish, deprecate, retire, compare.

CREATE OR REPLACE FUNCTION accord.publish_version(contract regclass, version text DEFAULT NULL, reason text DEFAULT NULL) RETURNS text
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_publish_version';
COMMENT ON FUNCTION accord.publish_version(regclass, text, text) IS
'Promise the shape of the table as it stands as a new version.  version: default is the smallest that the changes since the latest version allow: major for what breaks clients, minor for additions, patch for comments.  Returns the version; if nothing changed, the latest one with a NOTICE.  Errors: AC002 too small a step, not later, or exists';

CREATE OR REPLACE FUNCTION accord.deprecate_version(contract regclass, version text, sunset timestamptz DEFAULT NULL,
    reason text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_deprecate_version';
COMMENT ON FUNCTION accord.deprecate_version(regclass, text, timestamptz, text) IS
'Announce that a version will go.  version: 2 means all 2.x.y.  It stays promised until it is retired.  sunset: when that is planned';

CREATE OR REPLACE FUNCTION accord.retire_version(contract regclass, version text) RETURNS void
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_retire_version';
COMMENT ON FUNCTION accord.retire_version(regclass, text) IS
'End the promise of a version.  version: 2 means all 2.x.y.  Errors: AC004 consumers are subscribed, or a migration is live';

CREATE OR REPLACE FUNCTION accord.diff(contract regclass, from_version text DEFAULT NULL, to_version text DEFAULT NULL)
RETURNS TABLE (change text, element text, description text, rule text, readers text, writers text, bump text)
LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'accord_diff';
COMMENT ON FUNCTION accord.diff(regclass, text, text) IS
'What changed between two versions (defaults: the latest, and the table as it stands), what each change does to readers and writers (none, data-dependent, silent, breaks; "at star" where it matters only to subscriptions of that strictness or a tighter one), and the step of the version number that it needs';
