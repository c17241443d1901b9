"""psycopg 2 and 3 and asyncpg keep their connections, and what they have prepared, through a whole migration."""
import asyncio
import os
from decimal import Decimal

import asyncpg
import psycopg
import psycopg2
from shop import STAGE, TABLE, dsn, is_, psql, works

ROLE = "clients_drivers"
# The statements of a client that knows the old shape, and of one that knows the new.
OLD = {
    "table": "orders",
    "insert": "INSERT INTO {t} (customer, cents) VALUES ({0}, {1}) RETURNING id, cents",
    "update": "UPDATE {t} SET cents = {1} WHERE id = {0} RETURNING cents",
    "upsert": "INSERT INTO {t} (id, customer, cents) VALUES ({0}, 'again', {1}) ON CONFLICT (id) DO UPDATE SET cents = excluded.cents RETURNING cents",
    "select": "SELECT id, customer, cents, placed, tags, details FROM {t} WHERE id = {0}",
    "value": int,
}
NEW = {
    "table": "orders_v2.orders",
    "insert": "INSERT INTO {t} (buyer, amount) VALUES ({0}, {1}) RETURNING id, amount",
    "update": "UPDATE {t} SET amount = {1} WHERE id = {0} RETURNING amount",
    "upsert": "INSERT INTO {t} (id, buyer, amount) VALUES ({0}, 'again', {1}) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount RETURNING amount",
    "select": "SELECT id, buyer, amount, placed, tags, details FROM {t} WHERE id = {0}",
    "value": lambda cents: Decimal(cents) / 100,
}


class Psycopg2:
    name = "psycopg2"

    def __init__(self, known):
        self.known = known
        self.connection = psycopg2.connect(dsn(ROLE))
        self.connection.autocommit = True

    def run(self, statement, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(self.known[statement].format("%(a)s", "%(b)s", t=self.known["table"]), dict(zip("ab", values)))
            return tuple(cursor.fetchone())


class Psycopg3:
    name = "psycopg 3, prepared, binary"

    def __init__(self, known):
        self.known = known
        self.connection = psycopg.connect(dsn(ROLE), autocommit=True, prepare_threshold=0)

    def run(self, statement, *values):
        with self.connection.cursor(binary=True) as cursor:
            cursor.execute(self.known[statement].format("%(a)s", "%(b)s", t=self.known["table"]), dict(zip("ab", values)))
            return tuple(cursor.fetchone())


class Asyncpg:
    name = "asyncpg, prepared, binary"

    def __init__(self, known):
        self.known = known
        self.loop = asyncio.new_event_loop()
        self.connection = self.loop.run_until_complete(
            asyncpg.connect(host=os.environ["PGHOST"], port=os.environ.get("PGPORT", "5432"), database=os.environ["PGDATABASE"], user=ROLE))

    def run(self, statement, *values):
        sql = self.known[statement].format("$1", "$2", t=self.known["table"])
        return tuple(self.loop.run_until_complete(self.connection.fetchrow(sql, *values)))


def use(client, when):
    """Each statement once; what is read must be what was written."""
    value = client.known["value"]

    def work():
        row, stored = client.run("insert", "somebody", value(1234))
        assert stored == value(1234), stored
        assert client.run("update", row, value(200)) == (value(200),)
        assert client.run("upsert", row, value(350)) == (value(350),)
        assert client.run("select", row)[:3] == (row, "somebody", value(350))
        return row

    return works(f"{client.name}: {when}", work)


def both(row):
    return psql(f"SELECT (SELECT cents FROM orders_v1.orders WHERE id = {row}), (SELECT amount FROM orders_v2.orders WHERE id = {row})")


psql(TABLE, role=ROLE)
kinds = (Psycopg2, Psycopg3, Asyncpg)
old = [kind(OLD) for kind in kinds]
for client in old:
    use(client, "the old shape before the migration")
psql(STAGE, role=ROLE)
for client in old:
    use(client, "the old shape while the new version is prepared, connection from before")
psql("CALL accord.backfill('orders')")
new = [kind(NEW) for kind in kinds]
for client in old:
    row = use(client, "the old shape beside the new one")
    is_(f"{client.name}: both versions have what the old one wrote", both(row), "350|3.5000")
for client in new:
    row = use(client, "the new shape beside the old one")
    is_(f"{client.name}: both versions have what the new one wrote", both(row), "350|3.5000")
for wrote, reads in zip(new, old):
    row, _ = wrote.run("insert", "exact", Decimal("1.2345"))
    reads.run("select", row)
    psql(f"UPDATE orders_v1.orders SET customer = 'renamed', cents = cents WHERE id = {row}")
    is_(f"{wrote.name}: a full-row save on the old side keeps the new value", both(row), "123|1.2345")
psql(f"SELECT accord.switch_version('orders', '{ROLE}', '2')")
for client in old:
    use(client, "the old shape after the switch, connection from before")
fresh = [kind({**NEW, "table": "orders"}) for kind in kinds]
for client in fresh:
    use(client, "a new connection after the switch has the new shape under the old name")
for client in old:
    (client.loop.run_until_complete(client.connection.close()) if isinstance(client, Asyncpg) else client.connection.close())
psql("SELECT accord.complete('orders')")
for client in new + fresh:
    use(client, "the new shape after completion, connection from before")
is_("every row is the same in both versions", psql("SELECT count(*) FROM accord.verify('orders') WHERE verdict <> 'ok'"), "0")
psql("SELECT accord.purge('orders')")
for client in fresh:
    use(client, "the new shape after the purge, connection from before")
