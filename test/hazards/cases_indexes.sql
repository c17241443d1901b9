-- C: indexes
-- IX01
CREATE INDEX ON customers (code);
-- IX01
CREATE UNIQUE INDEX ON customers (code);
-- IX01
CREATE INDEX ON readings (value);
-- IX01
CREATE INDEX extra ON customers (lower(email)) WHERE vip;
-- IX01
CREATE INDEX ON events (payload);
-- -
CREATE INDEX readings_value_idx ON ONLY readings (value);
-- IX01
CREATE INDEX ON city_counts (n);
-- IX02
DROP INDEX customers_name_idx;
-- IX02
DROP INDEX readings_at_idx;
-- IX02
DROP INDEX customers_name_idx, customers_city_idx;
-- IX03
ALTER TABLE customers ADD CONSTRAINT customers_code_key UNIQUE (code);
-- IX03
ALTER TABLE rooms ADD PRIMARY KEY (room);
-- IX03 PT04
ALTER TABLE readings ADD PRIMARY KEY (id, at);
-- IX04
ALTER TABLE rooms ADD COLUMN token text UNIQUE;
-- IX05
ALTER TABLE rooms ADD CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&);
-- IX06
REINDEX INDEX customers_name_idx;
-- IX06
REINDEX TABLE customers;
-- IX07
ALTER TABLE customers ALTER COLUMN name TYPE varchar(50) COLLATE "C";
-- -
ALTER INDEX customers_name_idx SET TABLESPACE pg_default;
-- -
ALTER INDEX customers_name_idx SET (fillfactor = 80);
-- -
ALTER INDEX customers_name_idx RENAME TO customers_by_name;
