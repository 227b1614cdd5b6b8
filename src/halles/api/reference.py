"""The reference of the API as a page, `/docs`.

It shows `/openapi.json` with Swagger UI, which a browser fetches from a public mirror of npm. The page may do what its
reader may, so exactly the known files are run: their hashes are in the page, and nothing else is allowed by its policy.
"""

import secrets

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

MIRROR = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5.35.0"
SCRIPT = "sha384-gjRm0bEPMeTmMh5jT2cHccIwCUZSTd8YC+j0d0sXw0MdGEfScduGpSyF3ZSSLkX9"
STYLE = "sha384-WlYgdmXYOOBWL5apwjDEZwN+U3HmXSSu5R6V5aGxEcf7z+KuRNwBhoxKVN1i3D5I"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Halles: API</title>
<link rel="stylesheet" href="{mirror}/swagger-ui.css" integrity="{style}" crossorigin="anonymous">
</head>
<body>
<main id="reference">This page needs scripts, and the internet for them.
Without, the API is described in <a href="openapi.json">openapi.json</a>.</main>
<script nonce="{nonce}" src="{mirror}/swagger-ui-bundle.js" integrity="{script}" crossorigin="anonymous"></script>
<script nonce="{nonce}">SwaggerUIBundle({{url: "openapi.json", dom_id: "#reference", deepLinking: true}})</script>
</body>
</html>
"""
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline' {mirror}/swagger-ui.css; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("/docs")
def docs() -> HTMLResponse:
    """The page."""
    nonce = secrets.token_urlsafe(16)
    page = PAGE.format(mirror=MIRROR, style=STYLE, script=SCRIPT, nonce=nonce)
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY.format(nonce=nonce, mirror=MIRROR)})
