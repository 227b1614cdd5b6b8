"""The web application: files that were built before, and a page for every path that is one of its own."""

import mimetypes
import re
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

router = APIRouter(include_in_schema=False)

BUILT = Path(__file__).parent / "static"
"""What `make web` builds; a package built for distribution contains it."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' blob:; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Nothing comes from elsewhere. Inline styles are those of moving things, such as nodes on a canvas."""
HEADERS = {
    "content-security-policy": POLICY,
    "permissions-policy": "camera=(), geolocation=(), microphone=(self), payment=()",
    "cache-control": "no-cache",
}
METHODS = ["GET", "HEAD"]
PACKED = {"br": ".br", "gzip": ".gz"}
"""What the build wrote beside a file, by content coding, the smallest first."""
mimetypes.add_type("font/woff2", ".woff2")


@router.api_route("/", methods=METHODS)
@router.api_route("/cover/{run}", methods=METHODS)
@router.api_route("/s/{token}", methods=METHODS)
@router.api_route("/market", methods=METHODS)
@router.api_route("/market/{kind}/{slug}", methods=METHODS)
@router.api_route("/builder", methods=METHODS)
@router.api_route("/builder/{slug}", methods=METHODS)
@router.api_route("/history", methods=METHODS)
@router.api_route("/history/{run}", methods=METHODS)
@router.api_route("/operate", methods=METHODS)
@router.api_route("/signin", methods=METHODS)
@router.api_route("/docs", methods=METHODS)
def page(request: Request) -> Response:
    """The application, which looks at the path itself. Without a build of it, the description of the API."""
    index = BUILT / "index.html"
    if not index.is_file():
        return RedirectResponse("/openapi.json", 307) if request.url.path in ("/", "/docs") else _nothing()
    return FileResponse(index, headers=HEADERS)


def lost(request: Request) -> Response | None:
    """The page that says there is nothing here, for whoever follows a link in a browser; programs get a problem."""
    index = BUILT / "index.html"
    if "text/html" not in request.headers.get("accept", "") or not index.is_file():
        return None
    return FileResponse(index, 404, headers=HEADERS)


@router.api_route("/assets/{name}", methods=METHODS)
def asset(name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """A file of the application, packed where it was and the browser takes that. Its name has the hash of its content,
    so a browser keeps it."""
    file = BUILT / "assets" / name
    if len(name) > 200 or Path(name).name != name or not file.is_file():
        return _nothing()
    headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "Accept-Encoding"}
    for coding, ending in PACKED.items():
        packed = file.with_name(name + ending)
        if re.search(rf"\b{coding}\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", accept_encoding) and packed.is_file():
            kind = mimetypes.guess_type(name)[0]
            return FileResponse(packed, headers={**headers, "content-encoding": coding}, media_type=kind)
    return FileResponse(file, headers=headers)


@router.api_route("/icon.svg", methods=METHODS)
def icon() -> Response:
    """The sign on the tab."""
    file = BUILT / "icon.svg"
    return FileResponse(file, headers={"cache-control": "max-age=86400"}) if file.is_file() else _nothing()


def _nothing() -> Response:
    raise HTTPException(404)
