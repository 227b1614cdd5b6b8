"""Signing in with a browser, at the OpenID provider that the settings name."""

from typing import TYPE_CHECKING, Annotated, Literal, cast
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.responses import RedirectResponse

from halles.api.access import Anybody, MarketDep
from halles.api.credentials import COOKIE, SECURE_COOKIE, Credentials, shown
from halles.api.problems import refusals
from halles.api.protection import Protection
from halles.model import Principal, Problem, Problems

if TYPE_CHECKING:
    from halles.api.oidc import Provider

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
    response = RedirectResponse(provider.departure(begun, _back(request)), 303)
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
    provider = _provider(request)
    begun = market.sessions.arrive(state, request.cookies.get(UNDER_WAY, ""))
    if begun is None:
        raise _refused("this sign-in was not begun in this browser, or too long ago. Begin again at `/auth/login`")
    if error or not code:
        raise _refused(f"the provider refused ({error or 'it gave no code'})")
    claims = provider.exchange(code, begun, _back(request))
    principal = cast("Credentials", request.state.credentials).welcome(claims)
    seconds = _settings(request).session_hours * 3600
    response = RedirectResponse(quote(begun.goal, safe="/?&=%#"), 303)
    response.delete_cookie(UNDER_WAY, path="/auth")
    response.set_cookie(
        SECURE_COOKIE if _secure(request) else COOKIE, market.sessions.begin(principal.id, seconds),
        max_age=int(seconds), path="/", httponly=True, samesite="lax", secure=_secure(request),
    )  # fmt: skip
    return response


@router.post("/logout", summary="Sign out", status_code=204)
def logout(request: Request, response: Response, market: MarketDep) -> None:
    """End the session of this browser, here and in the database."""
    if session := shown(request).session:
        market.sessions.end(session)
    response.delete_cookie(COOKIE, path="/")
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True)


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
    return Problems([Problem(code="bad-credentials", message=f"You are not signed in: {why}.")])
