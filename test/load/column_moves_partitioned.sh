#!/usr/bin/env bash
# The money moves to a table of its own, out of a partitioned table on two levels; guests change partitions between coming and going.
. test/load/life.bash
tables="
CREATE TABLE account (id integer PRIMARY KEY, cents integer NOT NULL DEFAULT 0 CHECK (cents > -100000000), owner text) PARTITION BY RANGE (id);
CREATE TABLE account_low (owner text, cents integer NOT NULL DEFAULT 0 CONSTRAINT account_cents_check CHECK (cents > -100000000), id integer NOT NULL);
$in_partitions
CREATE INDEX by_cents ON account (cents);
INSERT INTO account SELECT g, 100000, 'owner ' || g FROM generate_series(1, :accounts) g;"
change="\$\$CREATE TABLE balance (account integer PRIMARY KEY REFERENCES account ON DELETE CASCADE ON UPDATE CASCADE, amount numeric(12,2) NOT NULL, note text);
          ALTER TABLE account DROP COLUMN cents\$\$, up => 'balance.amount = cents / 100.0', down => 'cents = round(balance.amount * 100)'"
rows='SELECT id, amount, owner FROM account LEFT JOIN balance ON account = id'
write_clients old cents ':sum::integer' 0
write_clients_of_two_tables new amount ':sum::integer / 100.0' 100
guests_that_move old 0 "INSERT INTO account (id, cents, owner) VALUES (:g, 7, 'guest');"
guests_that_move new 100 "INSERT INTO account (id, owner) VALUES (:g, 'guest'); INSERT INTO balance VALUES (:g, 0.07, 'guest');"
live "$tables" "$change" "$rows"
