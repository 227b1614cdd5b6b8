"""Artifacts: taken in as streams, given out whole or in ranges, to those who have them."""

from contextlib import ExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from halles.api import download
from halles.api.access import MarketDep, Runner, Viewer
from halles.api.multipart import Part
from halles.api.problems import refusals
from halles.api.uploads import chunks, read_form
from halles.main import Market
from halles.model import Artifact, Media, Principal, Problem, Problems, Result, Role, say
from halles.runners import content, provenance
from halles.sdk import InputRefused
from halles.stores.holdings import Holding
from halles.stores.spool import Spool
from halles.stores.thumbnails import Width

router = APIRouter(tags=["artifacts"])

UNSTATED = ("", "application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded")
"""What clients say when they do not know what they send."""
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="hex SHA-256 of the content")]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "*/*": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            },
        },
    }
}
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "the content", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "a range of it", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    304: {"description": "you have it already (`If-None-Match`)"},
    **refusals(404, 410, 416),
}
SMALL: dict[int | str, dict[str, Any]] = {
    200: {"description": "WebP", "content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}},
    304: CONTENT[304],
    **refusals(404, 410),
}


class ArtifactView(BaseModel):
    """An artifact that you have. `run` is a run of yours that used or made it; null: you uploaded it."""

    sha256: str
    media_type: str
    size: int = Field(description="bytes")
    name: str = Field(description="what it was called when it was uploaded")
    created: float = Field(description="seconds since the epoch")
    run: str | None
    url: str = Field(description="where its content is")

    @classmethod
    def of(cls, held: Holding) -> "ArtifactView":
        """As the API shows it."""
        sha256 = held.artifact.sha256
        return cls(
            **held.artifact.model_dump(), name=held.name, created=held.created, run=held.run, url=f"/artifacts/{sha256}"
        )


class Uploads(BaseModel):
    """A page of uploads."""

    items: list[ArtifactView]
    next: float | None = Field(description="give this as `before` for the next page; null: this is the last one")


class Making(BaseModel):
    """One call that led to an artifact: in which run and step, and what went in."""

    run: str
    step: str
    result: Result


class Provenance(BaseModel):
    """How an artifact came about: as an upload, or by calls, the first one first."""

    artifact: Artifact
    uploaded: float | None = Field(description="when you uploaded it, in seconds since the epoch")
    made: list[Making]


MediaType = Annotated[
    str | None,
    Query(max_length=200, description="what the content is; else `Content-Type` says so, else it is recognised"),
]
Name = Annotated[str, Query(max_length=200, description="what to call it")]


@router.post(
    "/artifacts", summary="Upload", status_code=201, openapi_extra=BODY, responses=refusals(400, 408, 413, 507)
)
async def upload(
    request: Request, principal: Runner, market: MarketDep, media_type: MediaType = None, name: Name = ""
) -> ArtifactView:
    """The body is the content, or a form with one file.

    It is streamed to where artifacts are kept, and refused when it is not what it is declared to be, or is larger,
    longer or has more pixels than is taken.
    """
    length = request.headers.get("content-length", "")
    await run_in_threadpool(market.quotas.check, principal, size=int(length) if length.isdecimal() else 0)
    with ExitStack() as stack:
        part = await received(request, market, stack)
        declared = media_type or (None if (part.media_type or "") in UNSTATED else part.media_type)
        return await run_in_threadpool(_keep, market, principal, part, declared, name)


router.add_api_route(
    "/artifacts", upload, methods=["PUT"], summary="Upload, the same way", status_code=201, openapi_extra=BODY,
    responses=refusals(400, 408, 413, 507),
)  # fmt: skip


@router.get("/artifacts", summary="My uploads")
def uploads(
    principal: Viewer, market: MarketDep, *,
    before: Annotated[float | None, Query(ge=0, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Uploads:  # fmt: skip
    """The newest first."""
    page = market.holdings.list(principal.id, limit=limit, before=before)
    more = page[-1].created if len(page) == limit else None
    return Uploads(items=[ArtifactView.of(held) for held in page], next=more)


@router.get("/artifacts/{sha256}", summary="Content", response_class=Response, responses=CONTENT)
def artifact(
    request: Request, sha256: Sha256, principal: Viewer, market: MarketDep,
    filename: Annotated[str, Query(max_length=200, description="what a browser calls the file")] = "",
) -> Response:  # fmt: skip
    """With ranges, `ETag` and `If-None-Match`. Only for those who uploaded it, or whose run used or made it."""
    held = market.held(sha256, principal)
    return download.send(request, held.artifact, market.objects, filename or held.name)


router.add_api_route(
    "/artifacts/{sha256}", artifact, methods=["HEAD"], summary="Size and type", response_class=Response,
    responses={200: {"description": "the headers alone"}, 304: CONTENT[304], **refusals(404, 410, 416)},
)  # fmt: skip


@router.get(
    "/artifacts/{sha256}/thumbnail", summary="A small picture of a picture", response_class=Response,
    responses=SMALL,
)  # fmt: skip
def small(request: Request, sha256: Sha256, width: Width, principal: Viewer, market: MarketDep) -> Response:
    """As WebP, for lists: made once, never larger than the picture is. Only for those who have the artifact."""
    return download.thumbnail(request, market.held(sha256, principal).artifact, width, market.thumbnails)


@router.delete("/artifacts/{sha256}", summary="Forget an upload", status_code=204, responses=refusals(404))
def forget(sha256: Sha256, principal: Runner, market: MarketDep) -> None:
    """Runs that used it have it for as long as they are kept."""
    if not market.holdings.drop(sha256, principal.id):
        message = say("You uploaded no artifact `{sha256}`.", sha256=sha256)
        raise Problems([Problem(code="unknown-artifact", message=message)])


@router.get("/artifacts/{sha256}/provenance", summary="How it was made", responses=refusals(404))
def made(
    sha256: Sha256, principal: Viewer, market: MarketDep,
    run: Annotated[str | None, Query(max_length=64, description="in this run; else in the newest that has it")] = None,
) -> Provenance:  # fmt: skip
    """Services, versions, weights, parameters and inputs of the calls that led to it, in a run of yours."""
    held = market.held(sha256, principal)
    owner = None if principal.role is Role.operator else principal.id
    found = run or market.holdings.newest_run(sha256, owner)
    known = market.run(run, principal) if run else market.ledger.load(found) if found else None
    calls = provenance.ancestry(known, sha256, market.results) if known else []
    return Provenance(
        artifact=held.artifact,
        uploaded=held.created if held.run is None else None,
        made=[Making(run=found or "", step=step, result=result) for step, result in calls],
    )


async def received(request: Request, market: Market, stack: ExitStack) -> Part:
    """The content that a request brings, whole and on disk. Raises `Problems`."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        parts = await read_form(request, market, stack)
        if len(parts) != 1 or not isinstance(parts[0].content, Spool):
            message = "The form must have one part, the file, with a `filename`. Upload several files one by one."
            raise Problems([Problem(code="bad-form", message=message)])
        return parts[0]
    spool = stack.enter_context(Spool(market.objects.folder, content.max_bytes()))
    async for chunk in chunks(request):
        spool.write(chunk)
    spool.close()
    return Part("file", spool, media_type=kind)


def _keep(market: Market, principal: Principal, part: Part, declared: str | None, name: str) -> ArtifactView:
    spool = part.content
    assert isinstance(spool, Spool)  # noqa: S101 - `received` gives nothing else.
    label = name or part.filename or "content"
    if spool.size == 0:
        raise Problems([Problem(code="empty", message="The content is empty.")])
    try:
        media_type = content.check(spool.path, declared and str(Media.parse(content.canonical(declared))), label)
    except InputRefused as refusal:
        raise Problems([Problem(code="input-refused", message=refusal.message)]) from refusal
    except ValueError as error:
        raise Problems([Problem(code="bad-media-type", message=str(error))]) from error
    market.quotas.check(principal, size=spool.size)
    artifact = market.objects.keep(spool, media_type)
    held = market.holdings.hold(artifact, principal.id, name or part.filename or "")
    return ArtifactView.of(held)
