#!/usr/bin/env bash
# One table: another type and name for the money, a key of eight bytes.
. test/load/life.bash
tables="
CREATE TABLE account (id integer PRIMARY KEY, cents integer NOT NULL DEFAULT 0 CHECK (cents > -100000000), owner text, CONSTRAINT one_owner UNIQUE (owner));
CREATE INDEX by_cents ON account (cents);
INSERT INTO account SELECT g, 100000, 'owner ' || g FROM generate_series(1, :accounts) g;"
change="\$\$ALTER TABLE account ALTER COLUMN id TYPE bigint, ALTER COLUMN cents TYPE numeric(12,2); ALTER TABLE account RENAME COLUMN cents TO amount\$\$,
        up => 'amount = cents / 100.0', down => 'cents = round(amount * 100)'"
rows='SELECT id, amount, owner FROM account'
write_clients old cents ':sum::integer' 0
write_clients new amount ':sum::integer / 100.0' 100
live "$tables" "$change" "$rows"
