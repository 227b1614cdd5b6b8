"""Browsers that signed in. A session is a row here and a random token there, so that signing out ends it at once.

One that was begun with an API key can do no more than the key, and ends with it.
"""

import secrets
import time
from typing import Any, NamedTuple

import sqlalchemy as sql

from halles.model import Principal, Role
from halles.stores.accounts import accounts
from halles.stores.database import tables
from halles.stores.keys import hashed, keys, lesser, only, usable

sessions = sql.Table(
    "sessions",
    tables,
    sql.Column("token", sql.String(64), primary_key=True),
    sql.Column("account", sql.String(32), nullable=False, index=True),
    sql.Column("key", sql.String(32)),
    sql.Column("created", sql.Float, nullable=False),
    sql.Column("expires", sql.Float, nullable=False, index=True),
)
logins = sql.Table(
    "logins",
    tables,
    sql.Column("state", sql.String(64), primary_key=True),
    sql.Column("browser", sql.String(64), nullable=False),
    sql.Column("nonce", sql.String(64), nullable=False),
    sql.Column("verifier", sql.String(128), nullable=False),
    sql.Column("goal", sql.String(2000), nullable=False),
    sql.Column("expires", sql.Float, nullable=False, index=True),
)


class Login(NamedTuple):
    """A sign-in that was begun at a provider: what must come back, and what proves that it was this browser."""

    state: str
    browser: str
    nonce: str
    verifier: str
    goal: str


class Sessions:
    """Sessions in a database, and sign-ins that are under way."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def begin(self, account: str, seconds: float, key: str | None = None) -> str:
        """A new session's token; `key` is the id of that with which it is begun. Those that expired are forgotten."""
        token, now = secrets.token_urlsafe(32), time.time()
        row = {"token": hashed(token), "account": account, "key": key, "created": now, "expires": now + seconds}
        with self._engine.begin() as connection:
            connection.execute(sessions.delete().where(sessions.c.expires < now))
            connection.execute(sessions.insert(), row)
        return token

    def prove(self, token: str) -> Principal | None:
        """Who signed in, or None when the session ended, its key did, or the account is disabled."""
        query = (
            sql.select(accounts.c.id, accounts.c.name, accounts.c.role, sessions.c.key)
            .add_columns(keys.c.role.label("at_most"), keys.c.pipelines)
            .select_from(sessions.join(accounts, sessions.c.account == accounts.c.id))
            .outerjoin(keys, sessions.c.key == keys.c.id)
            .where(sessions.c.token == hashed(token), sessions.c.expires > time.time())
            .where(sql.or_(sessions.c.key.is_(None), keys.c.id.is_not(None)), *usable())
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        role = lesser(Role(row.role), Role(row.at_most or row.role))
        return Principal(id=row.id, name=row.name, role=role, key=row.key, pipelines=only(row.pipelines))

    def end(self, token: str) -> None:
        """The session of that token is over."""
        self._delete(sessions.c.token == hashed(token))

    def end_all(self, account: str) -> None:
        """All sessions of an account are over."""
        self._delete(sessions.c.account == account)

    def depart(self, goal: str, seconds: float) -> Login:
        """Begin to sign in. `goal` is the path to come back to."""
        now = time.time()
        state, browser, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        login = Login(state, browser, nonce, verifier, goal)
        row = login._asdict() | {"state": hashed(login.state), "browser": hashed(login.browser)}
        with self._engine.begin() as connection:
            connection.execute(logins.delete().where(logins.c.expires < now))
            connection.execute(logins.insert(), row | {"expires": now + seconds})
        return login

    def arrive(self, state: str, browser: str) -> Login | None:
        """What was begun under a state by the same browser, once. None when there is no such thing."""
        ours = (logins.c.state == hashed(state)) & (logins.c.browser == hashed(browser))
        with self._engine.begin() as connection:
            row: Any = connection.execute(sql.select(logins).where(ours)).one_or_none()
            taken = connection.execute(logins.delete().where(ours)).rowcount
        if row is None or not taken or row.expires < time.time():
            return None
        return Login(state, browser, row.nonce, row.verifier, row.goal)

    def _delete(self, which: sql.ColumnElement[bool]) -> None:
        with self._engine.begin() as connection:
            connection.execute(sessions.delete().where(which))
