-- accord.check: the verdict on a script of which nothing is executed.
CREATE EXTENSION pg_accord;
SET client_min_messages = warning;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer, carrier text NOT NULL, gate text);
SELECT FROM accord.register_contract('flights');
SELECT FROM accord.register_consumer('billing');
SELECT FROM accord.subscribe('flights', 'billing', columns => '{flight_id,dep_delay}');
CREATE TABLE other (a integer, b varchar(10));

SELECT * FROM accord.check('ALTER TABLE flights ALTER COLUMN dep_delay TYPE text') \gx
CREATE FUNCTION brief(ddl text) RETURNS TABLE (line integer, severity text, rule text, element text, consumers name[], rewrite boolean, scan boolean)
LANGUAGE sql AS 'SELECT line, severity, rule, element, consumers, rewrite, scan FROM accord.check(ddl)';

-- each statement on the result of those before
SELECT * FROM brief($$
    ALTER TABLE flights ADD COLUMN note text;
    ALTER TABLE flights ALTER COLUMN note TYPE varchar(5);
    ALTER TABLE flights DROP COLUMN note;
    ALTER TABLE flights RENAME COLUMN gate TO stand;
    ALTER TABLE flights DROP COLUMN stand;
    ALTER TABLE flights RENAME TO departures;
    ALTER TABLE departures DROP COLUMN dep_delay;
    DROP TABLE departures;
    CREATE TABLE departures (x integer);
    ALTER TABLE departures DROP COLUMN x;
$$);

-- without a contract
SELECT * FROM brief('ALTER TABLE other ALTER b TYPE varchar(20); ALTER TABLE other ALTER b TYPE varchar(5); ALTER TABLE other ALTER a SET NOT NULL;
CREATE TABLE new (i serial); ALTER TABLE new ADD j integer; INSERT INTO other VALUES (1); SELECT count(*) FROM other');

-- what cannot be told, and search_path
CREATE SCHEMA elsewhere CREATE TABLE only_here (a integer);
SELECT * FROM brief('DO $x$ BEGIN DROP TABLE flights; END $x$; SELECT brief(''''); CREATE TRIGGER t BEFORE INSERT ON flights FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE made_by_the_block ADD a integer');
SELECT * FROM brief('SET search_path = elsewhere, public; ALTER TABLE only_here DROP COLUMN a; ALTER TABLE flights DROP COLUMN carrier');
SHOW search_path;

-- errors with their place
SELECT * FROM accord.check('ALTER TABLE flights DROP COLUMN carrier; ALTER TABLE flights DROPP COLUMN carrier');
SELECT * FROM accord.check('ALTER TABLE nowhere ADD COLUMN a integer');
SELECT * FROM accord.check('ALTER TABLE flights DROP COLUMN nothing');
SELECT * FROM accord.check('ALTER TABLE flights ALTER COLUMN carrier TYPE nothing');
SELECT * FROM accord.check(NULL);
SELECT count(*) FROM accord.check('');
SELECT count(*) FROM accord.check('; -- nothing');
SELECT line, severity FROM accord.check('DROP TABLE IF EXISTS nowhere');

-- in a read-only transaction, and without a trace
BEGIN READ ONLY;
SELECT * FROM brief('DROP TABLE flights');
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'flights'::regclass AND mode <> 'AccessShareLock';
COMMIT;
SELECT version FROM accord.contract_versions;
SELECT * FROM accord.statements(E'-- first\nSELECT 1;\n\n  /* two */ SELECT \';\' ;;\nSELECT 3 -- end');
SELECT * FROM accord.statements('SELECT 1; SELEC 2');
