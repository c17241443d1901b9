#!/usr/bin/env bash
# The money arrives from a table that goes.
. test/load/life.bash
tables="
CREATE TABLE account (id integer PRIMARY KEY, owner text, CONSTRAINT one_owner UNIQUE (owner));
CREATE TABLE balance (account integer PRIMARY KEY REFERENCES account ON DELETE CASCADE, cents integer NOT NULL CHECK (cents > -100000000));
INSERT INTO account SELECT g, 'owner ' || g FROM generate_series(1, :accounts) g;
INSERT INTO balance SELECT id, 100000 FROM account;"
change="\$\$ALTER TABLE account ADD COLUMN amount numeric(12,2); DROP TABLE balance\$\$,
        up => 'amount = balance.cents / 100.0', down => 'balance.cents = round(amount * 100)'"
rows='SELECT id, amount, owner FROM account'
write_clients_of_two_tables old cents ':sum::integer' 0
write_clients new amount ':sum::integer / 100.0' 100
live "$tables" "$change" "$rows"
