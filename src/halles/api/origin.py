"""Whether a request comes from where it should, so that a page elsewhere cannot drive this server.

A server on loopback trusts whoever reaches it, but a browser on the same machine reaches it for every page that it
shows. Two things tell them apart: the name that the browser asked for (`Host`), which is the page's own when its name
was bound to 127.0.0.1 anew, and what the browser says of the page (`Sec-Fetch-Site`, `Origin`), which no page can set.
The same check keeps a page elsewhere from using the cookie of somebody who signed in.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from halles.api.protection import loopback
from halles.model import Problem, say

PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def split(host: str, scheme: str) -> tuple[str, int] | None:
    """Name and port of a `Host` header, or None when it is none."""
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.path or parts.query or parts.fragment or parts.username is not None:
        return None
    return name, port or PORTS[scheme]


def wrong_host(scope: Scope, allowed: Sequence[str]) -> Problem | None:
    """A server on loopback is asked for by a name of loopback and the port that it listens on, or an allowed name."""
    host = Headers(scope=scope).get("host", "")
    asked = split(host, scope["scheme"])
    server = scope.get("server")
    right_port = asked and (not server or server[1] is None or asked[1] == int(server[1]))
    if asked and (asked[0] in allowed or (loopback(asked[0]) and right_port)):
        return None
    message = say(
        "This server is for this machine only, and is not called `{host}`. Ask for it as "
        "127.0.0.1 or localhost with its port; HALLES_ALLOWED_HOSTS allows further names.",
        host=host[:200],
    )
    return Problem(code="wrong-host", message=message)


def foreign(scope: Scope, public_url: str = "", *, browser: bool = False) -> Problem | None:
    """What is wrong with a request that a browser makes for a page of elsewhere; None for all others.

    To follow a link to here is allowed: the page that it was on cannot see what comes. Where it can only be a
    `browser`, as with a cookie, a write that does not say where it comes from is refused: all browsers say it.
    """
    headers = Headers(scope=scope)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        own = site in ("same-origin", "none") or _follows_link(scope, headers)
    else:
        unsaid = origin is None and not (browser and scope.get("method") not in ("GET", "HEAD"))
        own = unsaid or origin == public_url or _same(origin, headers.get("host", ""), scope["scheme"])
    if own:
        return None
    message = say(
        "A page of another origin (`{origin}`) may not use this server. Programs send no `Origin` "
        "header, and use an API key where a login is needed.",
        origin=(origin or site or "")[:200],
    )
    return Problem(code="cross-origin", message=message)


def _follows_link(scope: Scope, headers: Headers) -> bool:
    navigates = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return navigates and scope.get("method") in ("GET", "HEAD")


def _same(origin: str | None, host: str, scheme: str) -> bool:
    kind, _, rest = (origin or "").partition("://")
    if kind not in ("http", "https"):
        return False
    return split(rest, kind) == split(host, scheme) and (kind == "https") == (scheme in ("https", "wss"))
