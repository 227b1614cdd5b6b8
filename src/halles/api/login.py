"""Signing in with a browser: with an API key, or at the OpenID provider that the settings name."""

from typing import TYPE_CHECKING, Annotated, Literal, cast
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.responses import RedirectResponse

from halles.api import origin
from halles.api.access import Anybody, MarketDep, Viewer
from halles.api.credentials import COOKIE, SECURE_COOKIE, Credentials, cookie, shown
from halles.api.problems import refusals
from halles.api.protection import Protection
from halles.main import Market
from halles.model import CallFailed, Principal, Problem, Problems, say

if TYPE_CHECKING:
    from halles.api.oidc import Provider
    from halles.stores.sessions import Login

router = APIRouter(prefix="/auth", tags=["identity"])

UNDER_WAY = "halles_login"
PATIENCE = 600
"""Seconds that somebody may take to sign in at the provider."""


class Ways(BaseModel):
    """How one signs in here."""

    login: Literal["none", "required"]
    provider: bool
    principal: Principal | None


@router.get("", summary="How one signs in here")
def ways(request: Request, principal: Anybody) -> Ways:
    """Whether a login is needed, whether there is a provider, and who is signed in now."""
    settings = _settings(request)
    needed = "required" if settings.login_required else "none"
    return Ways(login=needed, provider=bool(settings.oidc_issuer), principal=principal)


@router.post("/session", summary="Sign in with an API key", responses=refusals(403, 409))
def begin(request: Request, response: Response, principal: Viewer, market: MarketDep) -> Principal:
    """Begin a session in this browser with the key in the `Authorization` header, which no page elsewhere can send.

    The session can do what the key can, and ends when the key expires or is revoked.
    """
    settings = _settings(request)
    if problem := origin.foreign(request.scope, settings.public_url):
        raise Problems([problem])
    if not settings.login_required:
        message = "This server asks nobody to sign in, so there is no session to begin."
        raise Problems([Problem(code="conflict", message=message)])
    if not (shown(request).bearer and principal.key):
        raise _refused(say("a session is begun with an API key in the `Authorization` header"))
    _begin(request, response, market, principal)
    return principal


@router.get(
    "/login", summary="Sign in", status_code=303, response_class=RedirectResponse, response_model=None,
    responses={303: {"description": "To the provider"}, **refusals(404, 503)},
)  # fmt: skip
def login(
    request: Request, market: MarketDep,
    goal: Annotated[str, Query(alias="next", max_length=1000, description="path to come back to")] = "/",
) -> Response:  # fmt: skip
    """Send the browser to the provider."""
    provider = _provider(request)
    begun = market.sessions.depart(goal if _is_path(goal) else "/", PATIENCE)
    try:
        response = RedirectResponse(provider.departure(begun, _back(request)), 303)
    except CallFailed as failure:
        return _told(failure, request)
    response.set_cookie(
        UNDER_WAY, begun.browser, max_age=PATIENCE, path="/auth", httponly=True, samesite="lax", secure=_secure(request)
    )
    return response


@router.get(
    "/callback", summary="Come back from the provider", status_code=303, response_class=RedirectResponse,
    response_model=None, responses={303: {"description": "Signed in"}, **refusals(404, 503)},
)  # fmt: skip
def callback(
    request: Request, market: MarketDep,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:  # fmt: skip
    """Take the provider's word, and begin a session."""
    _provider(request)
    try:
        begun = market.sessions.arrive(state, request.cookies.get(UNDER_WAY, ""))
        if begun is None:
            raise _refused(
                say("this sign-in was not begun in this browser, or too long ago. Begin again at `/auth/login`")
            )
        principal = _welcome(request, begun, code, error)
    except (Problems, CallFailed) as refused:
        return _told(refused, request)
    response = RedirectResponse(quote(begun.goal, safe="/?&=%#"), 303)
    response.delete_cookie(UNDER_WAY, path="/auth")
    _begin(request, response, market, principal)
    return response


@router.post("/logout", summary="Sign out", status_code=204)
def logout(request: Request, response: Response, market: MarketDep) -> None:
    """End the session of this browser, here and in the database."""
    if session := cookie(request):
        market.sessions.end(session)
    response.delete_cookie(COOKIE, path="/")
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True)


def _welcome(request: Request, begun: "Login", code: str, error: str) -> Principal:
    """Who came back from the provider. Raises `Problems` and `CallFailed`."""
    if error or not code:
        raise _refused(say("the provider refused ({error})", error=error or say("it gave no code")))
    claims = _provider(request).exchange(code, begun, _back(request))
    return cast("Credentials", request.state.credentials).welcome(claims)


def _told(refused: Exception, request: Request) -> Response:
    """What went wrong on the way, on a page for who reads it, and as it is for programs."""
    if "text/html" not in request.headers.get("accept", ""):
        raise refused
    away = isinstance(refused, CallFailed)
    return RedirectResponse(f"/signin?refused={'provider-failed' if away else 'bad-credentials'}", 303)


def _begin(request: Request, response: Response, market: Market, principal: Principal) -> None:
    """Begin a session of somebody in this browser; the one that it had is over."""
    if session := cookie(request):
        market.sessions.end(session)
    seconds = _settings(request).session_hours * 3600
    response.set_cookie(
        SECURE_COOKIE if _secure(request) else COOKIE, market.sessions.begin(principal.id, seconds, principal.key),
        max_age=int(seconds), path="/", httponly=True, samesite="lax", secure=_secure(request),
    )  # fmt: skip


def _settings(request: Request) -> Protection:
    return cast("Protection", request.app.state.settings)


def _provider(request: Request) -> "Provider":
    provider = cast("Credentials", request.state.credentials).provider
    if provider is None:
        message = "There is no sign-in provider: HALLES_OIDC_ISSUER is not set. Use an API key."
        raise Problems([Problem(code="not-found", message=message)])
    return provider


def _back(request: Request) -> str:
    return f"{_settings(request).public_url or str(request.base_url).rstrip('/')}/auth/callback"


def _secure(request: Request) -> bool:
    return (_settings(request).public_url or request.url.scheme).startswith("https")


def _is_path(goal: str) -> bool:
    """Whether it stays here. Browsers read `//host` and `/\\host` as another server."""
    return goal.startswith("/") and not goal.startswith(("//", "/\\")) and goal.isprintable()


def _refused(why: str) -> Problems:
    return Problems([Problem(code="bad-credentials", message=say("You are not signed in: {why}.", why=why))])
