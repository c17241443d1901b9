#!/usr/bin/env bash
# The same with a partitioned table, on two levels.
. test/load/life.bash
tables="
CREATE TABLE account (id integer PRIMARY KEY, cents integer NOT NULL DEFAULT 0 CHECK (cents > -100000000), owner text, CONSTRAINT one_owner UNIQUE (id, owner)) PARTITION BY RANGE (id);
CREATE TABLE account_low PARTITION OF account FOR VALUES FROM (1) TO (500);
CREATE TABLE account_high PARTITION OF account FOR VALUES FROM (500) TO (2001) PARTITION BY HASH (id);
CREATE TABLE account_high_0 PARTITION OF account_high FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE account_high_1 PARTITION OF account_high FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE account_guests PARTITION OF account DEFAULT;
CREATE INDEX by_cents ON account (cents);
INSERT INTO account SELECT g, 100000, 'owner ' || g FROM generate_series(1, :accounts) g;"
change="\$\$ALTER TABLE account ALTER COLUMN cents TYPE numeric(12,2); ALTER TABLE account RENAME COLUMN cents TO amount\$\$,
        up => 'amount = cents / 100.0', down => 'cents = round(amount * 100)'"
rows='SELECT id, amount, owner FROM account'
write_clients old cents ':sum::integer' 0
write_clients new amount ':sum::integer / 100.0' 100
live "$tables" "$change" "$rows"
