-- accord.version_columns: what the views of versions, consumers and releases do not tell of themselves.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE ROLE regress_columns_app LOGIN;
CREATE ROLE regress_columns_other;
CREATE DOMAIN label AS text NOT NULL;
CREATE TABLE line (pos integer, "order" bigint, id integer GENERATED ALWAYS AS IDENTITY, price integer NOT NULL DEFAULT 0, tag label DEFAULT 'x',
    twice integer GENERATED ALWAYS AS (price * 2) STORED, note text, CONSTRAINT line_key PRIMARY KEY ("order", pos));
GRANT SELECT ON line TO regress_columns_app;
SELECT FROM accord.register_contract('line');
SELECT FROM accord.register_consumer('app', role => 'regress_columns_app');
SELECT FROM accord.subscribe('line', 'app', '1', columns => '{pos,order,price}', access => 'read');
-- nothing is shown by a view yet
SELECT count(*) FROM accord.version_columns;
SELECT FROM accord.stage('line', $$
    ALTER TABLE line ALTER COLUMN pos TYPE bigint;
    ALTER TABLE line RENAME COLUMN "order" TO order_id;
    ALTER TABLE line ALTER COLUMN price DROP NOT NULL, ALTER COLUMN price DROP DEFAULT;
    ALTER TABLE line ALTER COLUMN note SET NOT NULL, DROP COLUMN twice;
$$, up => $$ note = coalesce(note, '') $$, down => 'price = coalesce(price, 0)', insert_null => 'default');
SELECT contract, version, schema_name, view_name, position, column_name, type, nullable, default_expression, identity, generated, primary_key_position AS key
  FROM accord.version_columns ORDER BY version, position;
CALL accord.backfill('line');
SELECT FROM accord.switch_version('line', 'app', '1');
SELECT FROM accord.create_release('next', '{"line": "2"}');
SELECT version, consumer, release, schema_name, column_name, type, nullable, primary_key_position AS key
  FROM accord.version_columns WHERE consumer IS NOT NULL OR release IS NOT NULL ORDER BY schema_name, position;
-- a consumer's views are shown to those who may know it
SET ROLE regress_columns_other;
SELECT DISTINCT consumer, release, version FROM accord.version_columns ORDER BY 1, 2, 3;
SET ROLE regress_columns_app;
SELECT DISTINCT consumer, release, version FROM accord.version_columns ORDER BY 1, 2, 3;
RESET ROLE;
-- the same through the whole life, and only of views that are there
SELECT FROM accord.switch_version('line', 'app', '2');
CREATE TABLE active AS SELECT schema_name, position, column_name, type, nullable, default_expression, identity, generated, primary_key_position
  FROM accord.version_columns WHERE version LIKE '2.%';
SELECT FROM accord.complete('line', force => true);
SELECT schema_name, position, column_name, type, nullable, default_expression, identity, generated, primary_key_position
  FROM accord.version_columns WHERE version LIKE '2.%' EXCEPT SELECT * FROM active;
SELECT FROM accord.purge('line');
SELECT DISTINCT schema_name, consumer, release, version FROM accord.version_columns ORDER BY schema_name;
