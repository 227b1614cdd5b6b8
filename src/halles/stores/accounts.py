"""Who is known: people, and programs that act for themselves."""

import time
import uuid
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError

from halles.model import LOCAL, Account, Problem, Problems, Quota, Role, say, suggest
from halles.stores.database import tables

accounts = sql.Table(
    "accounts",
    tables,
    sql.Column("id", sql.String(32), primary_key=True),
    sql.Column("name", sql.String(200), nullable=False),
    sql.Column("role", sql.String(16), nullable=False),
    sql.Column("disabled", sql.Boolean, nullable=False),
    sql.Column("created", sql.Float, nullable=False, index=True),
    sql.Column("issuer", sql.String(500)),
    sql.Column("subject", sql.String(255)),
    sql.Column("quota", sql.Text),
    sql.UniqueConstraint("issuer", "subject", name="accounts_who"),
)

UNCHANGED: Any = object()
"""What is not given is not changed."""


class Accounts:
    """The accounts in a database."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine

    def add(
        self, name: str, role: Role, *, id: str | None = None, issuer: str | None = None, subject: str | None = None
    ) -> Account:
        """A new account. Raises `Problems` (`conflict`) when the provider's subject has one."""
        account = Account(
            id=id or uuid.uuid4().hex, name=name, role=role, created=time.time(), issuer=issuer, subject=subject
        )
        try:
            with self._engine.begin() as connection:
                connection.execute(accounts.insert(), account.model_dump(mode="json"))
        except IntegrityError as error:
            raise Problems(
                [Problem(code="conflict", message=say("There is an account for `{name}` already.", name=name))]
            ) from error
        return account

    def load(self, id: str) -> Account:
        """An account. Raises `Problems` (`unknown-account`)."""
        found = self._one(accounts.c.id == id)
        if found is None:
            raise Problems([Problem(code="unknown-account", message=say("There is no account `{id}`.", id=id))])
        return found

    def find(self, name: str) -> Account:
        """An account by id or by name. Raises `Problems` when there is none, or when several have the name."""
        found = [account for account in self.all(limit=None) if name in (account.id, account.name)]
        if len(found) == 1:
            return found[0]
        if found:
            message = say(
                "{count} accounts are named `{name}`. Give the id: {ids:, }.",
                count=len(found),
                name=name,
                ids=(one.id for one in found),
            )
            raise Problems([Problem(code="ambiguous-account", message=message)])
        near = suggest(name, (account.name for account in self.all(limit=None)))
        message = say("There is no account `{name}`. `halles accounts list` shows those that are there.", name=name)
        raise Problems([Problem(code="unknown-account", message=message, suggestions=near)])

    def all(self, *, after: float = 0.0, limit: int | None = 100) -> list[Account]:
        """Accounts that were made later than a time, the oldest first."""
        query = sql.select(accounts).where(accounts.c.created > after).order_by(accounts.c.created).limit(limit)
        with self._engine.connect() as connection:
            return [_account(row) for row in connection.execute(query).mappings()]

    def change(
        self, id: str, *, name: str = UNCHANGED, role: Role = UNCHANGED, disabled: bool = UNCHANGED,
        quota: Quota | None = UNCHANGED,
    ) -> Account:  # fmt: skip
        """Change what is given. Raises `Problems` (`unknown-account`)."""
        changes: dict[str, Any] = {"name": name, "role": role, "disabled": disabled}
        if quota is not UNCHANGED:
            changes["quota"] = quota.model_dump_json() if quota else None
        changes = {column: value for column, value in changes.items() if value is not UNCHANGED}
        if changes:
            with self._engine.begin() as connection:
                connection.execute(accounts.update().where(accounts.c.id == id), changes)
        return self.load(id)

    def local(self) -> Account:
        """The account of whoever works on this machine, made when it is first needed."""
        found = self._one(accounts.c.id == LOCAL)
        if found is None:
            try:
                return self.add("this machine", Role.operator, id=LOCAL)
            except Problems:  # Another process was faster.
                return self.load(LOCAL)
        return found

    def signed_in(self, issuer: str, subject: str, name: str, *, first: Role, role: Role | None) -> Account:
        """The account of a provider's subject, made at the first time.

        `first` is the role of a new account; `role`, when the provider gives one, replaces the role of an old one.
        """
        known = (accounts.c.issuer == issuer) & (accounts.c.subject == subject)
        found = self._one(known)
        if found is None:
            try:
                return self.add(name, role or first, issuer=issuer, subject=subject)
            except Problems:  # The same person's other request was faster.
                found = self._one(known)
        if found is None:
            raise Problems([Problem(code="bad-credentials", message="The account was taken away just now.")])
        if role and role is not found.role:
            return self.change(found.id, role=role)
        return found

    def _one(self, condition: sql.ColumnElement[bool]) -> Account | None:
        with self._engine.connect() as connection:
            row = connection.execute(sql.select(accounts).where(condition)).mappings().one_or_none()
        return _account(row) if row else None


def _account(row: Any) -> Account:
    quota = Quota.model_validate_json(row["quota"]) if row["quota"] else None
    return Account.model_validate({**row, "quota": quota})
