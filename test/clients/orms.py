"""SQLAlchemy and Django: a model of each version, side by side while a migration lives."""
import os
from collections import defaultdict
from decimal import Decimal

import django
import sqlalchemy
from django.conf import settings
from shop import STAGE, TABLE, dsn, is_, psql, works
from sqlalchemy import (BigInteger, Column, FetchedValue, Integer, MetaData, Numeric, PrimaryKeyConstraint, Table, Text, create_engine, func, select,
                        text)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, insert
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session, declarative_base

ROLE = "clients_orms"


def database(search_path):
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"], "HOST": os.environ["PGHOST"],
        "PORT": os.environ.get("PGPORT", "5432"), "USER": ROLE, "OPTIONS": {"options": f"-c search_path={search_path}"},
    }


settings.configure(DATABASES={"default": database("orders_v1"), "new": database("orders_v2")}, INSTALLED_APPS=[], USE_TZ=True,
                   DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
django.setup()
from django.contrib.postgres.fields import ArrayField  # noqa: E402  (needs the settings)
from django.db import models, transaction  # noqa: E402


class DjangoOrderV1(models.Model):
    customer = models.TextField()
    cents = models.IntegerField(default=0)
    state = models.TextField(default="new")
    placed = models.DateTimeField(auto_now_add=True)
    tags = ArrayField(models.TextField(), default=list)
    details = models.JSONField(null=True)

    class Meta:
        app_label, db_table, managed = "shop", "orders", False


class DjangoOrderV2(models.Model):
    buyer = models.TextField()
    amount = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    state = models.TextField(default="new")
    placed = models.DateTimeField(auto_now_add=True)
    tags = ArrayField(models.TextField(), default=list)
    details = models.JSONField(null=True)

    class Meta:
        app_label, db_table, managed = "shop", "orders", False


Base = declarative_base()


class OrderV1(Base):
    __table__ = Table("orders", Base.metadata, Column("id", BigInteger, primary_key=True), Column("customer", Text), Column("cents", Integer),
                      Column("state", Text, server_default="new"), Column("placed", TIMESTAMP(timezone=True), server_default=func.now()),
                      Column("tags", ARRAY(Text), server_default="{}"), Column("details", JSONB), schema="orders_v1")


class OrderV2(Base):
    __table__ = Table("orders", Base.metadata, Column("id", BigInteger, primary_key=True), Column("buyer", Text), Column("amount", Numeric(12, 4)),
                      Column("state", Text, server_default="new"), Column("placed", TIMESTAMP(timezone=True), server_default=func.now()),
                      Column("tags", ARRAY(Text), server_default="{}"), Column("details", JSONB), schema="orders_v2")


def mapped(engine, schema):
    """Classes for all views of a schema: docs/clients.md."""
    metadata = MetaData()
    metadata.reflect(engine, schema=schema, views=True)
    columns = text("SELECT view_name, column_name, nullable, coalesce(default_expression, identity, generated) IS NOT NULL, primary_key_position"
                   " FROM accord.version_columns WHERE schema_name = :schema ORDER BY view_name, primary_key_position")
    keys = defaultdict(list)
    with engine.connect() as connection:
        for view, name, nullable, has_value, key in connection.execute(columns, {"schema": schema}):
            column = metadata.tables[f"{schema}.{view}"].c[name]
            column.nullable = nullable
            column.server_default = FetchedValue() if has_value else None  # or NULL is written where nothing is given
            if key:
                keys[view].append(column)
    for view, key in keys.items():
        metadata.tables[f"{schema}.{view}"].append_constraint(PrimaryKeyConstraint(*key))
    base = automap_base(metadata=metadata)
    base.prepare()
    return base.classes


def sides(row):
    return psql(f"SELECT (SELECT customer || ' ' || cents FROM orders_v1.orders WHERE id = {row}), (SELECT buyer || ' ' || amount FROM orders_v2.orders"
                f" WHERE id = {row})")


def sqlalchemy_orm():
    engine = create_engine("postgresql+psycopg2://", creator=lambda: __import__("psycopg2").connect(dsn(ROLE)))

    def create(model, **values):
        with Session(engine) as session:
            order = model(**values)
            session.add(order)
            session.commit()
            return order.id

    old = works("SQLAlchemy: the old model inserts and gets its key", lambda: create(OrderV1, customer="ann", cents=1234, tags=["a"]))
    is_("SQLAlchemy: both versions have it", sides(old), "ann 1234|ann 12.3400")
    new = works("SQLAlchemy: the new model inserts and gets its key", lambda: create(OrderV2, buyer="bob", amount=Decimal("1.2345"), details={"k": [1]}))
    is_("SQLAlchemy: both versions have it too", sides(new), "bob 123|bob 1.2345")

    def rename():
        with Session(engine) as session, session.begin():
            order = session.get(OrderV1, new, with_for_update=True)
            order.customer = "bobby"
            assert order.details == {"k": [1]}

    works("SQLAlchemy: the old model changes one attribute under FOR UPDATE", rename)
    is_("SQLAlchemy: the new version's value stays exact", sides(new), "bobby 123|bobby 1.2345")

    def upsert():
        statement = insert(OrderV2).values(id=old, buyer="ann", amount=5)
        with engine.begin() as connection:
            return connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"amount": statement.excluded.amount})
                                      .returning(OrderV2.amount)).scalar_one()

    is_("SQLAlchemy: ON CONFLICT through the view returns the value", works("SQLAlchemy: upsert", upsert), Decimal("5.0000"))
    is_("SQLAlchemy: and both versions have it", sides(old), "ann 500|ann 5.0000")

    def reflect():
        reflected = Table("orders", MetaData(), Column("id", BigInteger, primary_key=True), schema="orders_v2", autoload_with=engine)
        with engine.connect() as connection:
            return connection.execute(select(reflected.c.amount).where(reflected.c.id == old)).scalar_one()

    is_("SQLAlchemy: a reflected view with its key named", works("SQLAlchemy: reflection", reflect), Decimal("5.0000"))

    def automap():
        order = mapped(engine, "orders_v2").orders
        made = create(order, buyer="auto", amount=Decimal("2.5"))
        with Session(engine) as session, session.begin():
            session.get(order, made).buyer = "mapped"
        return sides(made)

    is_("SQLAlchemy: automap over a version's views, with the keys of accord.version_columns", works("SQLAlchemy: automap", automap),
        "mapped 250|mapped 2.5000")
    with Session(engine) as session, session.begin():
        session.delete(session.get(OrderV2, old))
    is_("SQLAlchemy: what the new model deletes is gone in both", sides(old), "|")


def django_orm():
    old = works("Django: the old model creates", lambda: DjangoOrderV1.objects.create(customer="ann", cents=1234, tags=["a"]))
    is_("Django: both versions have it", sides(old.pk), "ann 1234|ann 12.3400")
    new = works("Django: the new model creates", lambda: DjangoOrderV2.objects.using("new").create(buyer="bob", amount=Decimal("1.2345"), details={"k": 1}))
    is_("Django: both versions have it too", sides(new.pk), "bob 123|bob 1.2345")

    def save_whole_row():
        with transaction.atomic():
            order = DjangoOrderV1.objects.select_for_update().get(pk=new.pk)
            order.customer = "bobby"
            order.save()  # Django writes every column

    works("Django: a full-row save of the old model", save_whole_row)
    is_("Django: the new version's value stays exact", sides(new.pk), "bobby 123|bobby 1.2345")
    works("Django: bulk_create", lambda: DjangoOrderV2.objects.using("new").bulk_create([DjangoOrderV2(buyer="many", amount=n) for n in range(1, 51)]))
    is_("Django: the old model sums what the new one wrote",
        DjangoOrderV1.objects.filter(customer="many").aggregate(total=models.Sum("cents"))["total"], sum(range(1, 51)) * 100)
    is_("Django: update() by the old model",
        works("Django: update", lambda: DjangoOrderV1.objects.filter(customer="many").update(cents=models.F("cents") + 1)), 50)
    is_("Django: the new model sees it", DjangoOrderV2.objects.using("new").filter(buyer="many").aggregate(total=models.Sum("amount"))["total"],
        Decimal(sum(range(1, 51))) + Decimal("0.5000"))
    is_("Django: delete() returns its count", DjangoOrderV2.objects.using("new").filter(buyer="many").delete()[0], 50)


print(f"# SQLAlchemy {sqlalchemy.__version__}, Django {django.get_version()}")
psql(TABLE, role=ROLE)
psql(STAGE, role=ROLE)
psql("CALL accord.backfill('orders')")
sqlalchemy_orm()
django_orm()
is_("every row is the same in both versions", psql("SELECT count(*) FROM accord.verify('orders') WHERE verdict <> 'ok'"), "0")
