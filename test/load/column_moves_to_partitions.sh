#!/usr/bin/env bash
# The money moves to a table of its own that is partitioned, one partition with its columns in another order; guests change partitions between
# coming and going.
. test/load/life.bash
tables="
CREATE TABLE account (id integer PRIMARY KEY, cents integer NOT NULL DEFAULT 0 CHECK (cents > -100000000), owner text);
INSERT INTO account SELECT g, 100000, 'owner ' || g FROM generate_series(1, :accounts) g;"
change="\$\$CREATE TABLE balance (account integer PRIMARY KEY REFERENCES account ON DELETE CASCADE ON UPDATE CASCADE, amount numeric(12,2) NOT NULL, note text)
              PARTITION BY RANGE (account);
          CREATE TABLE balance_low (note text, amount numeric(12,2) NOT NULL, account integer NOT NULL);
          ALTER TABLE balance ATTACH PARTITION balance_low FOR VALUES FROM (MINVALUE) TO (1000);
          CREATE TABLE balance_rest PARTITION OF balance DEFAULT PARTITION BY HASH (account);
          CREATE TABLE balance_rest_0 PARTITION OF balance_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
          CREATE TABLE balance_rest_1 PARTITION OF balance_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
          ALTER TABLE account DROP COLUMN cents\$\$, up => 'balance.amount = cents / 100.0', down => 'cents = round(balance.amount * 100)'"
rows='SELECT id, amount, owner FROM account LEFT JOIN balance ON account = id'
write_clients old cents ':sum::integer' 0
write_clients_of_two_tables new amount ':sum::integer / 100.0' 100
guests_that_move old 0 "INSERT INTO account (id, cents, owner) VALUES (:g, 7, 'guest');"
guests_that_move new 100 "INSERT INTO account (id, owner) VALUES (:g, 'guest'); INSERT INTO balance VALUES (:g, 0.07, 'guest');"
live "$tables" "$change" "$rows"
