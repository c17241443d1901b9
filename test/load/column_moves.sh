#!/usr/bin/env bash
# The money moves to a table of its own.
. test/load/life.bash
tables="
CREATE TABLE account (id integer PRIMARY KEY, cents integer NOT NULL DEFAULT 0 CHECK (cents > -100000000), owner text, CONSTRAINT one_owner UNIQUE (owner));
CREATE INDEX by_cents ON account (cents);
INSERT INTO account SELECT g, 100000, 'owner ' || g FROM generate_series(1, :accounts) g;"
change="\$\$CREATE TABLE balance (account integer PRIMARY KEY REFERENCES account ON DELETE CASCADE, amount numeric(12,2) NOT NULL);
          ALTER TABLE account DROP COLUMN cents\$\$, up => 'balance.amount = cents / 100.0', down => 'cents = round(balance.amount * 100)'"
rows='SELECT id, amount, owner FROM account LEFT JOIN balance ON account = id'
write_clients old cents ':sum::integer' 0
write_clients_of_two_tables new amount ':sum::integer / 100.0' 100
live "$tables" "$change" "$rows"
