#!/usr/bin/env bash
# The money arrives from a partitioned table that goes, one partition with its columns in another order; guests change partitions between coming
# and going.
. test/load/life.bash
tables="
CREATE TABLE account (id integer PRIMARY KEY, owner text);
CREATE TABLE balance (account integer PRIMARY KEY REFERENCES account ON DELETE CASCADE ON UPDATE CASCADE, cents integer NOT NULL CHECK (cents > -100000000)) PARTITION BY RANGE (account);
CREATE TABLE balance_low (cents integer NOT NULL CONSTRAINT balance_cents_check CHECK (cents > -100000000), gone date, account integer NOT NULL);
ALTER TABLE balance_low DROP COLUMN gone;
ALTER TABLE balance ATTACH PARTITION balance_low FOR VALUES FROM (MINVALUE) TO (1000);
CREATE TABLE balance_rest PARTITION OF balance DEFAULT PARTITION BY HASH (account);
CREATE TABLE balance_rest_0 PARTITION OF balance_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE balance_rest_1 PARTITION OF balance_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO account SELECT g, 'owner ' || g FROM generate_series(1, :accounts) g;
INSERT INTO balance SELECT id, 100000 FROM account;"
change="\$\$ALTER TABLE account ADD COLUMN amount numeric(12,2); DROP TABLE balance\$\$,
        up => 'amount = balance.cents / 100.0', down => 'balance.cents = round(amount * 100)'"
rows='SELECT id, amount, owner FROM account'
write_clients_of_two_tables old cents ':sum::integer' 0
write_clients new amount ':sum::integer / 100.0' 100
guests_that_move old 0 "INSERT INTO account (id, owner) VALUES (:g, 'guest'); INSERT INTO balance VALUES (:g, 7);"
guests_that_move new 100 "INSERT INTO account (id, amount, owner) VALUES (:g, 0.07, 'guest');"
live "$tables" "$change" "$rows"
