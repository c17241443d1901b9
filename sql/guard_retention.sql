-- Rows that may go with their partitions; and what a waiver leaves promised.
CREATE EXTENSION pg_accord;
SET client_min_messages = notice;
CREATE ROLE regress_retention_owner;
CREATE ROLE regress_retention_job;
CREATE TABLE events (happened date NOT NULL, what text NOT NULL, detail text) PARTITION BY RANGE (happened);
CREATE TABLE events_2019 PARTITION OF events FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');
CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE events_2021 PARTITION OF events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY RANGE (happened);
CREATE TABLE events_2021_1 PARTITION OF events_2021 FOR VALUES FROM ('2021-01-01') TO ('2021-07-01');
CREATE TABLE events_2021_2 PARTITION OF events_2021 FOR VALUES FROM ('2021-07-01') TO ('2022-01-01');
CREATE TABLE events_rest PARTITION OF events DEFAULT;
INSERT INTO events SELECT d, 'x', 'y' FROM generate_series('2018-06-01'::date, '2022-06-01', '1 month') d;
ALTER TABLE events OWNER TO regress_retention_owner;
SELECT FROM accord.register_contract('events', owner => 'regress_retention_owner');
SELECT FROM accord.register_consumer('board');
SELECT FROM accord.register_consumer('loader');
SELECT FROM accord.subscribe('events', 'board', access => 'read');
SELECT FROM accord.subscribe('events', 'loader', access => 'write');

-- refused, and the hint says how to let it pass for good
DROP TABLE events_2019;
ALTER TABLE events DETACH PARTITION events_2019;
ALTER TABLE events DETACH PARTITION events_2019 CONCURRENTLY;
ALTER TABLE events DETACH PARTITION events_rest;

-- who may, and what for
SELECT accord.allow_row_removal('events');
SELECT accord.allow_row_removal('events', reason => ' ');
SELECT accord.allow_row_removal('events_2019', reason => 'not a contract');
SET ROLE regress_retention_job;
SELECT accord.allow_row_removal('events', reason => 'I would like to');
SET ROLE regress_retention_owner;
SELECT accord.allow_row_removal('events', reason => 'two years are kept');
SELECT accord.allow_row_removal('events', reason => 'two years are kept');
RESET ROLE;
SELECT partitions_may_go FROM accord.contracts;

-- partitions go, whole branches too, without a new version
DROP TABLE events_2019;
ALTER TABLE events DETACH PARTITION events_2020;
TRUNCATE events_2021_1;
ALTER TABLE events_2021 DETACH PARTITION events_2021_1;
DROP TABLE events_2021;
SELECT count(*), min(happened) FROM events;
SELECT version, status FROM accord.contract_versions;
SELECT consumer, status FROM accord.subscriptions ORDER BY 1;
SELECT action, detail FROM accord.audit_log WHERE action IN ('remove partition', 'truncate table', 'allow_row_removal', 'break contract') ORDER BY id;
SELECT kind, element FROM accord.drift();

-- all else is refused as before: what comes, the default partition, the table
ALTER TABLE events ATTACH PARTITION events_2020 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
ALTER TABLE events DETACH PARTITION events_rest;
DROP TABLE events_rest;
DROP TABLE events;
ALTER TABLE events DROP COLUMN detail;

-- CONCURRENTLY is for those without a default partition
CREATE TABLE points (at date) PARTITION BY RANGE (at);
CREATE TABLE points_1 PARTITION OF points FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');
CREATE TABLE points_2 PARTITION OF points FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO points VALUES ('2019-02-02'), ('2020-02-02');
SELECT FROM accord.register_contract('points');
SELECT FROM accord.subscribe('points', 'board', access => 'read');
ALTER TABLE points DETACH PARTITION points_1 CONCURRENTLY;
SELECT accord.allow_row_removal('points', reason => 'a year is kept');
ALTER TABLE points DETACH PARTITION points_1 CONCURRENTLY;
SELECT relid FROM pg_partition_tree('points') ORDER BY 1;
SELECT version FROM accord.contract_versions WHERE table_name = 'points';

-- judged with its transaction
SET accord.judge_at = 'commit';
BEGIN;
DELETE FROM events_rest WHERE happened >= '2023-01-01';
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
INSERT INTO events VALUES ('2023-01-01', 'x', 'y');
COMMIT;
BEGIN;
DROP TABLE events_2023;
COMMIT;
SELECT accord.allow_row_removal('events', partitions => false, reason => 'an audit is on');
BEGIN;
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO events VALUES ('2024-01-01', 'x', 'y');
COMMIT;
BEGIN;
ALTER TABLE events DETACH PARTITION events_2024;
COMMIT;
BEGIN;
ALTER TABLE events DETACH PARTITION events_2024;
ALTER TABLE events ATTACH PARTITION events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
COMMIT;
RESET accord.judge_at;

-- a waiver lets one break pass; what is left of the version stays promised to those whom it hit
SELECT accord.waive('events', reason => 'this one was made by mistake') > 0 AS granted;
DROP TABLE events_2024;
SELECT version, status FROM accord.contract_versions WHERE table_name = 'events' ORDER BY 1;
SELECT consumer, version, status FROM accord.subscriptions WHERE table_name = 'events' ORDER BY 1;
ALTER TABLE events DROP COLUMN detail;
SELECT accord.waive('events', rule => 'column-dropped', reason => 'nobody needs it') > 0 AS granted;
ALTER TABLE events DROP COLUMN detail;
SELECT consumer, version, status FROM accord.subscriptions WHERE table_name = 'events' ORDER BY 1;
ALTER TABLE events RENAME COLUMN what TO kind;
ALTER TABLE events ALTER COLUMN what DROP NOT NULL;
ALTER TABLE events ADD COLUMN note text;
-- the version that the table has has no consumers any more, and still those of before are hit
SET accord.allow_unused = on;
ALTER TABLE events ALTER COLUMN what TYPE varchar(3);
ALTER TABLE events DROP COLUMN note;
SELECT rule, severity, consumers FROM accord.check('ALTER TABLE events RENAME COLUMN what TO kind') ORDER BY 1, 3;
SELECT action, detail->>'rules' AS rules, detail->>'consumers' AS consumers FROM accord.audit_log WHERE action = 'break contract' ORDER BY id;
