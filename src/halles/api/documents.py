"""Pipelines in request and response bodies: JSON or YAML, and the revisions that edits name."""

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from halles.api import uploads
from halles.engine import as_yaml, read
from halles.model import Pipeline, PipelineEntry, Problem, Problems, say

JSON = "application/json"
YAML = "application/yaml"
ALSO_YAML = frozenset({YAML, "text/yaml", "application/x-yaml", "text/x-yaml"})
ALSO_JSON = frozenset({JSON, "", "application/*", "*/*"})

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"$ref": "#/components/schemas/Pipeline"}},
            YAML: {"schema": {"$ref": "#/components/schemas/Pipeline"}},
        },
    }
}
"""What the OpenAPI of a route says that takes a pipeline."""
YAML_TOO: dict[int | str, dict[str, Any]] = {
    200: {"content": {YAML: {"schema": {"$ref": "#/components/schemas/Pipeline"}}}}
}


async def sent(request: Request) -> Pipeline:
    """The pipeline in a body. Raises `Problems`."""
    return read(await sent_text(request))


async def sent_text(request: Request) -> str:
    """A body that is JSON or YAML, as text. Raises `Problems`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ALSO_YAML | ALSO_JSON | {"text/plain"}:
        message = say("The body is `{kind}`. Send a pipeline as `{json}` or `{yaml}`.", kind=kind, json=JSON, yaml=YAML)
        raise Problems([Problem(code="unsupported-media-type", message=message)])
    body = await uploads.read_body(request)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = say("The body is not UTF-8 text (byte {start}).", start=error.start)
        raise Problems([Problem(code="unreadable", message=message)]) from error


def wants_yaml(accept: Annotated[str, Header()] = "*/*") -> bool:
    """Whether a client would rather have YAML than JSON."""
    found = [_preference(part) for part in accept.split(",")]
    yaml = max((weight for kind, weight in found if kind in ALSO_YAML), default=0.0)
    json = max((weight for kind, weight in found if kind in ALSO_JSON), default=0.0)
    return yaml > 0 and yaml >= json


def _preference(part: str) -> tuple[str, float]:
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    return kind, float(weight) if re.fullmatch(r"[01](\.\d{0,3})?", weight) else 0.0


def edited(if_match: Annotated[str | None, Header()] = None) -> int | None:
    """The revision that an edit is of, or None for whatever is there. A tag that is not ours is of no revision."""
    if if_match is None or if_match.strip() == "*":
        return None
    ours = re.fullmatch(r'"(\d{1,9})(-yaml)?"', if_match.strip())
    return int(ours[1]) if ours else -1


Sent = Annotated[Pipeline, Depends(sent)]
SentText = Annotated[str, Depends(sent_text)]
WantsYaml = Annotated[bool, Depends(wants_yaml)]
Edited = Annotated[int | None, Depends(edited)]


def tag(entry: PipelineEntry, *, yaml: bool = False) -> dict[str, str]:
    """The headers that name the revision."""
    return {"ETag": f'"{entry.revision}{"-yaml" if yaml else ""}"', "Vary": "Accept"}


def tagged(entry: PipelineEntry, response: Response) -> PipelineEntry:
    """The entry, in a response that names its revision."""
    response.headers.update(tag(entry))
    return entry


def yaml_response(pipeline: Pipeline, headers: dict[str, str] | None = None) -> Response:
    """A pipeline as YAML."""
    return Response(as_yaml(pipeline), media_type=YAML, headers=headers)
