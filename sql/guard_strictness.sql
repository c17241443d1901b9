-- A consumer that subscribed more strictly than others is promised more: SELECT * and positional statements.
CREATE EXTENSION pg_accord;
CREATE TABLE flights (flight_id bigint PRIMARY KEY, dep_delay integer);
SELECT accord.register_contract('flights');
SELECT accord.register_consumer('report');
SELECT accord.register_consumer('loader');

-- at the default strictness a further column is compatible
SELECT accord.subscribe('flights', 'report');
ALTER TABLE flights ADD COLUMN note text;
-- a reader of SELECT * is not a client like the others
SELECT accord.unsubscribe('flights', 'report');
SELECT accord.subscribe('flights', 'report', access => 'read', strictness => 'star');
ALTER TABLE flights ADD COLUMN second_note text;
-- nor is a writer of column-less COPY, which a generated column does not disturb
SELECT accord.unsubscribe('flights', 'report');
SELECT accord.subscribe('flights', 'loader', access => 'write', strictness => 'exact');
ALTER TABLE flights ADD COLUMN third_note text;
ALTER TABLE flights ADD COLUMN hours integer GENERATED ALWAYS AS (dep_delay / 60) STORED;
-- who reads by name does not mind
SELECT accord.unsubscribe('flights', 'loader');
SELECT accord.subscribe('flights', 'report', access => 'read', strictness => 'prepared');
ALTER TABLE flights ADD COLUMN fourth_note text;
SELECT version FROM accord.contract_versions WHERE contract = 'flights'::regclass ORDER BY 1;
SELECT string_agg(attname, ', ' ORDER BY attnum) AS columns FROM pg_attribute WHERE attrelid = 'flights'::regclass AND attnum > 0;
