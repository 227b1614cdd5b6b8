"""API keys. A secret is 256 random bits, of which only the SHA-256 is kept: nothing that is stored opens a door."""

import hashlib
import json
import secrets
import time
import uuid
from typing import Any

import sqlalchemy as sql

from halles.model import Account, Key, Principal, Problem, Problems, Role, say
from halles.stores.accounts import accounts
from halles.stores.database import tables

PREFIX = "hal_"
"""Secrets begin so, that people and scanners of leaked secrets know them."""
NOTED = 60.0
"""Seconds between two notes that a key was used, so that reading stays reading."""

keys = sql.Table(
    "keys",
    tables,
    sql.Column("id", sql.String(32), primary_key=True),
    sql.Column("account", sql.String(32), nullable=False, index=True),
    sql.Column("secret", sql.String(64), nullable=False, unique=True),
    sql.Column("name", sql.String(200), nullable=False),
    sql.Column("role", sql.String(16), nullable=False),
    sql.Column("pipelines", sql.Text),
    sql.Column("created", sql.Float, nullable=False),
    sql.Column("expires", sql.Float),
    sql.Column("used", sql.Float),
    sql.Column("revoked", sql.Float),
)
_shown = [column for column in keys.c if column.name != "secret"]


def hashed(secret: str) -> str:
    """What is kept of a secret. It is random, so that a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def lesser(one: Role, other: Role) -> Role:
    """The role that may do less."""
    return other if one.covers(other) else one


class Keys:
    """The API keys in a database."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def create(
        self, account: Account, name: str, role: Role, *,
        pipelines: tuple[str, ...] | None = None, expires: float | None = None,
    ) -> tuple[Key, str]:  # fmt: skip
        """A new key and its secret, which is given this once. Raises `Problems` for a role above the account's."""
        if not account.role.covers(role):
            message = say(
                "A key cannot do more than its account: `{name}` is `{role}`, not `{asked}`.",
                name=account.name,
                role=account.role,
                asked=role,
            )
            raise Problems([Problem(code="not-allowed", message=message)])
        key = Key(
            id=uuid.uuid4().hex, account=account.id, name=name, role=role, pipelines=pipelines,
            created=time.time(), expires=expires,
        )  # fmt: skip
        secret = PREFIX + secrets.token_hex(32)
        row = key.model_dump(mode="json") | {"secret": hashed(secret), "pipelines": _written(pipelines)}
        with self._engine.begin() as connection:
            connection.execute(keys.insert(), row)
        return key, secret

    def of(self, account: str | None = None) -> list[Key]:
        """The keys of an account, or of all, the newest first."""
        query = sql.select(*_shown).order_by(keys.c.created.desc(), keys.c.id)
        if account is not None:
            query = query.where(keys.c.account == account)
        with self._engine.connect() as connection:
            return [_key(row) for row in connection.execute(query).mappings()]

    def load(self, id: str) -> Key:
        """A key. Raises `Problems` (`unknown-key`)."""
        with self._engine.connect() as connection:
            row = connection.execute(sql.select(*_shown).where(keys.c.id == id)).mappings().one_or_none()
        if row is None:
            raise Problems([Problem(code="unknown-key", message=say("There is no key `{id}`.", id=id))])
        return _key(row)

    def revoke(self, id: str) -> Key:
        """From now on the key opens nothing. Raises `Problems` (`unknown-key`)."""
        with self._engine.begin() as connection:
            connection.execute(keys.update().where(keys.c.id == id, keys.c.revoked.is_(None)), {"revoked": time.time()})
        return self.load(id)

    def any_usable(self) -> bool:
        """Whether a key is there with which somebody can come in."""
        query = sql.select(keys.c.id).where(keys.c.account == accounts.c.id, *usable()).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def prove(self, secret: str) -> Principal | None:
        """Who uses a key, or None when it is unknown, expired or revoked, or its account disabled."""
        now = time.time()
        query = sql.select(*_shown, accounts.c.name.label("who"), accounts.c.role.label("may")).where(
            keys.c.secret == hashed(secret), keys.c.account == accounts.c.id, *usable()
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        if row["used"] is None or row["used"] < now - NOTED:
            with self._engine.begin() as connection:
                connection.execute(keys.update().where(keys.c.id == row["id"]), {"used": now})
        role = lesser(Role(row["role"]), Role(row["may"]))
        return Principal(id=row["account"], name=row["who"], role=role, key=row["id"], pipelines=only(row["pipelines"]))


def usable() -> tuple[sql.ColumnElement[bool], ...]:
    """The conditions under which a key opens something. Where no key is joined, those of the account remain."""
    alive = sql.or_(keys.c.expires.is_(None), keys.c.expires > time.time())
    return keys.c.revoked.is_(None), alive, accounts.c.disabled.is_(False)


def _key(row: Any) -> Key:
    return Key.model_validate({**row, "pipelines": only(row["pipelines"])})


def _written(pipelines: tuple[str, ...] | None) -> str | None:
    return None if pipelines is None else json.dumps(pipelines)


def only(pipelines: str | None) -> tuple[str, ...] | None:
    """The pipelines that a key is for, as they are stored; None is all."""
    return None if pipelines is None else tuple(json.loads(pipelines))
