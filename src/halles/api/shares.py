"""Links by which others, without an account, see one artifact or the outputs of one run, until they expire."""

import time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, StrictBool

from halles.api import download
from halles.api.access import MarketDep, Runner, Viewer
from halles.api.artifacts import CONTENT, SMALL, Sha256
from halles.api.problems import refusals
from halles.main import Market
from halles.model import Artifact, Problem, Problems, Run, Status, Value, artifacts, say
from halles.runners import export
from halles.stores.shares import Share
from halles.stores.thumbnails import Width

router = APIRouter(tags=["sharing"])

DAY = 86400
MAX_DAYS = 365
Token = Annotated[str, Path(max_length=500)]
ShareId = Annotated[str, Path(pattern=r"^[0-9a-f]{24}$")]
RunId = Annotated[str, Path(pattern=r"^[0-9a-f]{16,64}$")]


class ShareAsked(BaseModel):
    """How long a link should work."""

    days: float = Field(default=7, gt=0, le=MAX_DAYS)


class RunShareAsked(ShareAsked):
    """How long a link to a run should work, and what its page says and shows."""

    title: str = Field(default="", max_length=200, description="what the work is called here; else the run's notes say")
    artist: str = Field(default="", max_length=200, description="by whom it is; else the run's notes say")
    inputs: StrictBool = Field(default=False, description="whether its inputs are shared, too: the song, say")


class ShareView(BaseModel):
    """A link. Whoever has the address sees what it leads to; it can be revoked. Times are seconds since the epoch."""

    id: str
    url: str = Field(description="the path to give away, after this server's address: of a run a page for people")
    data: str = Field(description="the path of the same for programs")
    title: str
    artist: str
    inputs: bool = Field(description="whether what went into the run is shared, too")
    run: str | None
    artifact: Artifact | None
    created: float
    expires: float


class Shares(BaseModel):
    """Links that work."""

    items: list[ShareView]


class SharedFile(BaseModel):
    """An output of a shared run, or an input."""

    name: str
    port: str = Field(description="the output, or the input, that it is, or is one of")
    sha256: str
    media_type: str
    size: int
    url: str


class SharedRun(BaseModel):
    """What a link to a run shows: what came out of it, and what went in if that was shared, too."""

    id: str
    pipeline: str
    status: Status
    created: float
    expires: float
    title: str
    artist: str
    files: list[SharedFile]
    inputs: list[SharedFile]


@router.post("/artifacts/{sha256}/share", summary="Share an artifact", status_code=201, responses=refusals(404))
def share_artifact(sha256: Sha256, asked: ShareAsked, principal: Runner, market: MarketDep) -> ShareView:
    """Make a link. What is shared is kept for as long as the link works."""
    held = market.held(sha256, principal)
    ends = time.time() + asked.days * DAY
    return _view(market, market.shares.make(principal.id, ends, artifact=held.artifact, name=held.name))


@router.post("/runs/{run}/share", summary="Share a run", status_code=201, responses=refusals(404))
def share_run(run: RunId, asked: RunShareAsked, principal: Runner, market: MarketDep) -> ShareView:
    """Make a link to the outputs, and to the inputs where that is asked for. What is shared is kept for as long as the
    link works."""
    found = market.run(run, principal)
    ends = time.time() + asked.days * DAY
    share = market.shares.make(
        principal.id, ends, run=found.id, name=asked.title, artist=asked.artist, inputs=asked.inputs
    )
    return _view(market, share)


@router.get("/shares", summary="My links")
def shares(principal: Viewer, market: MarketDep, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Shares:
    """Those that work, the newest first."""
    return Shares(items=[_view(market, share) for share in market.shares.list(principal.id, limit)])


@router.delete("/shares/{share}", summary="Revoke a link", status_code=204, responses=refusals(404))
def revoke(share: ShareId, principal: Runner, market: MarketDep) -> None:
    """From now on it leads nowhere."""
    found = market.shares.find(share)
    if found is None or not principal.may_see(found.owner):
        raise Problems([Problem(code="not-found", message=say("There is no link `{share}`.", share=share))])
    market.shares.revoke(share)


@router.get(
    "/shared/{token}", summary="What a link leads to", response_model=SharedRun,
    responses={**CONTENT, 200: {"description": "the outputs of the run, or the content of the artifact"}},
)  # fmt: skip
def shared(request: Request, token: Token, market: MarketDep) -> Response | SharedRun:
    """For anybody who has the link. A run is shown by its outputs, an artifact by its content."""
    share = _opened(market, token)
    if share.artifact is not None:
        return download.send(request, share.artifact, market.objects, share.name)
    run = _shared_run(market, share)
    notes = market.notebook.of(run.id)
    return SharedRun(
        id=run.id, pipeline=run.plan.pipeline.id, status=run.status, created=run.created, expires=share.expires,
        title=share.name or notes.title, artist=share.artist or notes.artist, files=_files(token, run.outputs),
        inputs=_files(token, run.inputs if share.inputs else {}),
    )  # fmt: skip


@router.get(
    "/shared/{token}/{sha256}", summary="An output that a link leads to", response_class=Response, responses=CONTENT
)
def shared_output(
    request: Request, token: Token, sha256: Sha256, market: MarketDep,
    filename: Annotated[str, Query(max_length=200, description="what a browser calls the file")] = "",
) -> Response:  # fmt: skip
    """For anybody who has the link to the run."""
    return download.send(request, _shared_artifact(market, token, sha256), market.objects, filename)


@router.get(
    "/shared/{token}/{sha256}/thumbnail", summary="A small picture that a link leads to", response_class=Response,
    responses=SMALL,
)  # fmt: skip
def shared_small(request: Request, token: Token, sha256: Sha256, width: Width, market: MarketDep) -> Response:
    """Of a picture, as WebP, for anybody who has the link to the run."""
    return download.thumbnail(request, _shared_artifact(market, token, sha256), width, market.thumbnails)


def _opened(market: Market, token: str) -> Share:
    share = market.shares.open(token)
    if share is None:
        message = "This link leads nowhere: it has expired, was revoked, or was not copied to its end."
        raise Problems([Problem(code="not-found", message=message)])
    return share


def _shared_run(market: Market, share: Share) -> Run:
    run = market.ledger.load(share.run) if share.run else None
    if run is None:
        raise Problems([Problem(code="not-found", message="This link leads to no run.")])
    return run


def _shared_artifact(market: Market, token: str, sha256: str) -> Artifact:
    share = _opened(market, token)
    run = _shared_run(market, share)
    values = [*run.outputs.values(), *(run.inputs.values() if share.inputs else ())]
    artifact = next((a for value in values for a in artifacts(value) if a.sha256 == sha256), None)
    if artifact is None:
        raise Problems(
            [Problem(code="unknown-artifact", message=say("The run has no output `{sha256}`.", sha256=sha256))]
        )
    return artifact


def _files(token: str, values: dict[str, Value]) -> list[SharedFile]:
    return [
        SharedFile(
            name=name, port=port, sha256=a.sha256, media_type=a.media_type, size=a.size,
            url=f"/shared/{token}/{a.sha256}?filename={name}",
        )
        for port, value in values.items()
        for name, a in export.named(port, value)
    ]  # fmt: skip


def _view(market: Market, share: Share) -> ShareView:
    token = market.shares.token(share)
    return ShareView(
        id=share.id, url=f"/s/{token}" if share.run else f"/shared/{token}", data=f"/shared/{token}", run=share.run,
        artifact=share.artifact, title=share.name, artist=share.artist or "", inputs=bool(share.inputs),
        created=share.created, expires=share.expires,
    )  # fmt: skip
