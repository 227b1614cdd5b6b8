"""The guard at the door: what every request passes before any route, on every path, mounted applications included.

It turns away what comes from elsewhere, finds out who asks, counts how often, and writes down what was done. It grants
nothing: the routes say what role they need and whose object it is (`access.py`).
"""

import re
from ipaddress import ip_address, ip_network

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from halles.api import origin, problems
from halles.api.credentials import Credentials, shown
from halles.api.protection import Protection, loopback
from halles.api.throttle import Standing, Throttle, tightest
from halles.main import Market
from halles.model import LOCAL, CallFailed, Principal, Problem, Problems, Role, say

SAFE = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "content-security-policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    ),
}
"""What a response says unless its route says otherwise. Under this policy nothing that people upload runs a script."""
QUIET = re.compile(r".*/ping|/core-engine/tasks/[^/]+(/storage)?")
"""Paths that are no deeds: services say twice a minute that they live, and bring what they were asked for."""
ANYBODY = "anonymous"
HERE = Principal(id=LOCAL, name="this machine", role=Role.operator)
"""Who asks a server without login."""
POLICY_VIOLATION = 1008


class Refused(Exception):
    """A request that goes no further."""

    def __init__(self, problem: Problem, standing: Standing | None = None, status: int | None = None) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.standing = standing
        self.status = status


class Guard:
    """The guard of an application."""

    def __init__(self, app: ASGIApp, market: Market, settings: Protection) -> None:
        self._app = app
        self._market = market
        self._settings = settings
        self._throttle = Throttle(settings)
        self.credentials = Credentials(market, settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        state = scope.setdefault("state", {})
        state.update(principal=None, credentials=self.credentials)
        try:
            standing = await self._admit(scope)
        except Refused as refused:
            told = refused.standing.headers() if refused.standing else []
            if scope["type"] == "websocket":
                return await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            response = problems.respond([refused.problem], refused.status)
            return await response(scope, receive, self._noted(scope, _dressed(send, told)))
        if scope["type"] == "http":
            send = self._noted(scope, _dressed(send, standing.headers() if standing else []))
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> Standing | None:
        """Put who asks into the state. Raises `Refused`."""
        settings = self._settings
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            raise Refused(Problem(code="invalid-request", message="No name here has the character NUL."))
        if settings.login_required:
            return await self._ask_for_login(scope)
        if problem := self._stranger(scope) or origin.wrong_host(scope, settings.hosts) or origin.foreign(scope):
            raise Refused(problem)
        connection = HTTPConnection(scope)
        if "authorization" in connection.headers:
            scope["state"]["principal"] = await self._prove(connection)
        else:
            scope["state"]["principal"] = HERE
        return None

    async def _ask_for_login(self, scope: Scope) -> Standing | None:
        address, connection = network(scope), HTTPConnection(scope)
        standing = self._throttle.address(address)
        _within(standing)
        what = shown(connection)
        if what.session and (problem := origin.foreign(scope, self._settings.public_url, browser=True)):
            raise Refused(problem)  # Its cookie came along, but the person did not ask for it.
        if not what:
            return standing
        _within(self._throttle.barred(address))
        try:
            principal = await self._prove(connection)
        except Refused as refused:
            if problems.STATUS.get(refused.problem.code) == 401:
                self._throttle.failure(address)
            raise
        scope["state"]["principal"] = principal
        account = self._throttle.account(principal.id) if principal else None
        _within(account)
        return tightest([standing, account])

    async def _prove(self, connection: HTTPConnection) -> Principal | None:
        try:
            return await to_thread.run_sync(self.credentials.prove, shown(connection))
        except Problems as error:
            raise Refused(error.problems[0]) from error
        except CallFailed as error:
            raise Refused(error.problem, status=503) from error

    def _stranger(self, scope: Scope) -> Problem | None:
        """What is wrong with a request that did not come straight from this machine to a server without login."""
        client, headers = scope.get("client"), Headers(scope=scope)
        near = client is None or not _is_address(client[0]) or loopback(client[0])
        if near and "forwarded" not in headers and "x-forwarded-for" not in headers:
            return None
        message = say(
            "This server asks nobody to sign in, so it serves only who is on this machine, not who "
            "comes over a network or a proxy. Set HALLES_LOGIN=required, and give people keys with "
            "`halles keys create`."
        )
        return Problem(code="login-needed", message=message)

    def _noted(self, scope: Scope, send: Send) -> Send:
        """A `send` that writes a deed down before its outcome is told."""

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_deed(scope, message["status"]):
                await to_thread.run_sync(self._note, scope, message["status"])
            await send(message)

        return noting

    def _note(self, scope: Scope, status: int) -> None:
        principal: Principal | None = scope["state"]["principal"]
        self._market.audit.append(
            principal.id if principal else ANYBODY,
            f"{scope['method']} {template(scope)}",
            scope["path"],
            outcome=status,
            key=principal.key if principal else None,
            address=address(scope),
        )


def _is_deed(scope: Scope, status: int) -> bool:
    """Whether it is written down: what could change something, and each try to come in that failed."""
    if status == 429 or (scope["method"] != "DELETE" and QUIET.fullmatch(scope["path"])):
        return False
    return scope["method"] not in SAFE or (status == 401 and bool(shown(HTTPConnection(scope))))


def _within(standing: Standing | None) -> None:
    if standing and not standing.allowed:
        message = say(
            "That is too often: {amount} in {window} s are allowed. Try again in {reset} s.",
            amount=standing.amount,
            window=standing.window,
            reset=standing.reset,
        )
        raise Refused(Problem(code="too-many-requests", message=message), standing)


def _dressed(send: Send, more: list[tuple[bytes, bytes]]) -> Send:
    """A `send` that adds what every response says."""

    async def dressing(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if message["status"] == 401:
                headers.setdefault("www-authenticate", 'Bearer realm="halles"')
            message["headers"] = [*headers.raw, *more]
        await send(message)

    return dressing


def template(scope: Scope) -> str:
    """The route that a request took, with the names of its parameters; empty when it took none."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(context or scope.get("route"), "path", ""))


def address(scope: Scope) -> str:
    """Where a request came from."""
    client = scope.get("client")
    return client[0] if client else ""


def network(scope: Scope) -> str:
    """Whom an address belongs to: with IPv6 everybody has 2^64 of them."""
    where = address(scope)
    if _is_address(where) and ip_address(where).version == 6:
        return str(ip_network(f"{where}/64", strict=False))
    return where


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def require_login(market: Market, settings: Protection) -> None:
    """Raises `Problems` when the server would listen for others and nobody could sign in."""
    if not settings.login_required or settings.oidc_issuer:
        return
    if not market.keys.any_usable():
        message = say(
            "Others reach {host}, so a login is needed, and nobody has one. Make an account and a "
            "key: `halles accounts add NAME --role operator`, then `halles keys create NAME`. Or set "
            "HALLES_OIDC_ISSUER.",
            host=settings.host,
        )
        raise Problems([Problem(code="login-needed", message=message)])
