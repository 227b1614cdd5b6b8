"""Keys of this server that sign what leaves it. They are made once and kept, so that every process has the same."""

import secrets

import sqlalchemy as sql

from halles.stores.database import insert_ignore, tables

signing = sql.Table(
    "signing",
    tables,
    sql.Column("name", sql.String(32), primary_key=True),
    sql.Column("key", sql.String(64), nullable=False),
)


def signing_key(engine: sql.Engine, name: str) -> str:
    """The key for one purpose, 32 random bytes in hex."""
    query = sql.select(signing.c.key).where(signing.c.name == name)
    with engine.connect() as connection:
        known = connection.execute(query).scalar()
    if known is None:
        with engine.begin() as connection:
            insert_ignore(connection, signing, {"name": name, "key": secrets.token_hex(32)})
            known = connection.execute(query).scalar_one()
    return str(known)
