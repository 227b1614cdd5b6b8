"""The tables of what goes over the Swiss AI Center's contract: who announced itself, and what is out at services."""

import sqlalchemy as sql

from halles.stores.database import tables

announced = sql.Table(
    "announced",
    tables,
    sql.Column("slug", sql.String(200), primary_key=True),
    sql.Column("id", sql.String(36), nullable=False, unique=True),
    sql.Column("owner", sql.String(64), nullable=False),
    sql.Column("body", sql.Text, nullable=False),
    sql.Column("created", sql.Float, nullable=False),
    sql.Column("updated", sql.Float, nullable=False),
)
instances = sql.Table(
    "instances",
    tables,
    sql.Column("slug", sql.String(200), primary_key=True),
    sql.Column("url", sql.String(2048), primary_key=True),
    sql.Column("state", sql.String(16), nullable=False),
    sql.Column("generation", sql.Integer, nullable=False),
    sql.Column("polls", sql.Boolean, nullable=False),
    sql.Column("seen", sql.Float, nullable=False),
    sql.Column("checked", sql.Float, nullable=False),
)
tasks = sql.Table(
    "tasks",
    tables,
    sql.Column("id", sql.String(36), primary_key=True),
    sql.Column("key", sql.String(64), nullable=False, index=True),
    sql.Column("service", sql.String(200), nullable=False),
    sql.Column("url", sql.String(2048), nullable=False),
    sql.Column("state", sql.String(16), nullable=False),
    sql.Column("data_in", sql.Text, nullable=False),
    sql.Column("data_out", sql.Text, nullable=False),
    sql.Column("error", sql.Text, nullable=False),
    sql.Column("outputs", sql.Text, comment="what was taken in of it, by port"),
    sql.Column("stored", sql.BigInteger, nullable=False, comment="bytes that its service sent"),
    sql.Column("created", sql.Float, nullable=False, index=True),
    sql.Column("updated", sql.Float, nullable=False),
)
executions = sql.Table(
    "executions",
    tables,
    sql.Column("id", sql.String(36), primary_key=True),
    sql.Column("kind", sql.String(8), nullable=False),
    sql.Column("run", sql.String(64), nullable=False, index=True),
    sql.Column("step", sql.String(200), nullable=False),
    sql.Column("name", sql.String(200), nullable=False),
    sql.Column("owner", sql.String(200), nullable=False),
    sql.Column("created", sql.Float, nullable=False, index=True),
)
laid = sql.Table(
    "laid",
    tables,
    sql.Column("key", sql.String(64), primary_key=True),
    sql.Column("sha256", sql.String(64), nullable=False),
    sql.Column("media_type", sql.String(200), nullable=False),
    sql.Column("size", sql.BigInteger, nullable=False),
    sql.Column("created", sql.Float, nullable=False),
)
