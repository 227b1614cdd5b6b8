"""What a request shows to prove who asks: an API key, a token of the OpenID provider, or the cookie of a session."""

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection

from halles.api.protection import Protection
from halles.main import Market
from halles.model import Principal, Problem, Problems, say
from halles.stores.keys import PREFIX

if TYPE_CHECKING:
    from halles.api.oidc import Provider

COOKIE = "halles_session"
SECURE_COOKIE = "__Host-halles_session"
"""Browsers take a cookie of this name only over HTTPS, for this host alone."""

SUBJECT = 255
"""The most characters by which a provider may call somebody."""


@dataclass(frozen=True)
class Shown:
    """What a request shows."""

    bearer: str = ""
    session: str = ""

    def __bool__(self) -> bool:
        return bool(self.bearer or self.session)


def shown(connection: HTTPConnection) -> Shown:
    """What a request shows. The `Authorization` header goes before the cookie.

    A key may be the password (or, alone, the name) of basic authentication: so a program that knows only a URL uses it.
    """
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Shown(bearer=value.strip())
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return Shown(bearer="?")
        return Shown(bearer=password or name or "?")
    if scheme:
        return Shown(bearer="?")
    return Shown(session=cookie(connection))


def cookie(connection: HTTPConnection) -> str:
    """The token of the browser's session; empty when it has none."""
    return connection.cookies.get(SECURE_COOKIE) or connection.cookies.get(COOKIE) or ""


class Credentials:
    """Judges what is shown. Its methods look into the database and may ask the provider: call them in a thread."""

    def __init__(self, market: Market, settings: Protection) -> None:
        self._market = market
        self._settings = settings
        self.provider = _provider(settings) if settings.oidc_issuer else None

    def prove(self, what: Shown) -> Principal | None:
        """Who asks, None for a session that is over. Raises `Problems` (`bad-credentials`)."""
        if what.session:
            return self._market.sessions.prove(what.session)
        if what.bearer.startswith(PREFIX):
            principal = self._market.keys.prove(what.bearer)
            if principal is None:
                message = "The API key is unknown, has expired or was revoked. `halles keys create` makes a new one."
                raise Problems([Problem(code="bad-credentials", message=message)])
            return principal
        if self.provider is None:
            message = say(
                "The `Authorization` header has no API key of this server; those begin with `{prefix}`.", prefix=PREFIX
            )
            raise Problems([Problem(code="bad-credentials", message=message)])
        return self.welcome(self.provider.verify(what.bearer))

    def welcome(self, claims: dict[str, Any]) -> Principal:
        """The account of whom the provider vouches for, made at the first time. Raises `Problems` when disabled."""
        assert self.provider  # noqa: S101 - there are no claims without it.
        subject = str(claims["sub"])
        if len(subject) > SUBJECT:
            raise Problems([Problem(code="bad-credentials", message="The token's subject is too long.")])
        names = (claims.get(name) for name in ("preferred_username", "name", "email"))
        name = next((name for name in names if isinstance(name, str) and name), subject)
        account = self._market.accounts.signed_in(
            str(claims["iss"]), subject, name[:200],
            first=self._settings.default_role, role=self.provider.role(claims),
        )  # fmt: skip
        if account.disabled:
            raise Problems(
                [Problem(code="bad-credentials", message=say("The account `{name}` is disabled.", name=account.name))]
            )
        return Principal(id=account.id, name=account.name, role=account.role)


def _provider(settings: Protection) -> "Provider":
    from halles.api.oidc import Provider  # Its cryptography is slow to load, and few servers need it.

    return Provider(settings)
