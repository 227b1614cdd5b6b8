"""The pipelines that people keep: found, made, checked, changed, shared."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import Field

from halles.api import documents
from halles.api.access import Author, MarketDep, Viewer
from halles.api.documents import Edited, Sent, WantsYaml
from halles.api.problems import refusals
from halles.engine import Wire, check, wires
from halles.model import Model, PipelineEntry, PipelineSummary, Problem
from halles.model.service import SLUG

router = APIRouter(prefix="/pipelines", tags=["pipelines"])

Slug = Annotated[str, Path(pattern=SLUG, max_length=200, description="id of the pipeline")]
Message = Annotated[str, Query(max_length=500, description="why, in a line, for the history")]
Draft = Annotated[bool, Query(description="keep it even if a check finds problems; it cannot be published or run so")]


WORDS = "words that all occur in id, name, description, tags, services or what it takes; typing errors are forgiven"


class PipelinePage(Model):
    """A page of pipelines."""

    items: tuple[PipelineSummary, ...]
    next: str | None = Field(default=None, description="`cursor` of the next page, when there is one")


class Verdict(Model):
    """What a check found."""

    ok: bool
    problems: tuple[Problem, ...]


class Wires(Model):
    """Connections that could be made."""

    items: tuple[Wire, ...]


class Fork(Model):
    """What a copy of one's own is called."""

    id: str = Field(pattern=SLUG, max_length=200)
    version: int | None = Field(default=None, ge=1, description="the current one when it is left out")


class Publication(Model):
    """Which version is published."""

    version: int | None = Field(default=None, ge=1, description="the current one when it is left out")


CURRENT = Publication()


@router.get("", summary="Find pipelines")
def search(
    *,
    market: MarketDep,
    who: Viewer,
    q: Annotated[str, Query(max_length=200, description=WORDS)] = "",
    tag: Annotated[tuple[str, ...], Query(description="all of these tags")] = (),
    owner: Annotated[str | None, Query(max_length=200)] = None,
    published: Annotated[bool | None, Query(description="only those that are, or only those that are not")] = None,
    cursor: Annotated[str, Query(max_length=200, description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> PipelinePage:
    """Your own pipelines and those that are published, by id."""
    found = market.library.search(
        who, text=q, tags=tag, owner=owner, published=published, after=cursor, limit=limit + 1
    )
    return PipelinePage(items=tuple(found[:limit]), next=found[limit - 1].slug if len(found) > limit else None)


@router.post(
    "", summary="Create a pipeline", status_code=201, responses=refusals(409, 413, 415), openapi_extra=documents.BODY
)
def create(
    *, market: MarketDep, who: Author, pipeline: Sent, response: Response, message: Message = "", draft: Draft = False
) -> PipelineEntry:
    """Keep a pipeline. It is private until it is published."""
    return _created(market.library.create(pipeline, who, message=message, draft=draft), response)


@router.post(
    "/yaml", summary="Write a pipeline as YAML", response_class=Response, openapi_extra=documents.BODY,
    responses={**documents.YAML_TOO, **refusals(413, 415)},
)  # fmt: skip
def write_document(who: Viewer, pipeline: Sent) -> Response:
    """The document as people read it, whether it was sent as JSON or YAML. Nothing is kept."""
    return documents.yaml_response(pipeline)


@router.post("/check", summary="Check a pipeline", responses=refusals(413, 415), openapi_extra=documents.BODY)
def check_document(market: MarketDep, who: Viewer, pipeline: Sent) -> Verdict:
    """All problems of a pipeline at once, each at its step and port. Nothing is kept."""
    problems = check(pipeline, market.catalogue)
    return Verdict(ok=not problems, problems=tuple(problems))


@router.post("/wires", summary="Find what fits", responses=refusals(413, 415), openapi_extra=documents.BODY)
def wires_of(
    *,
    market: MarketDep,
    who: Viewer,
    pipeline: Sent,
    source: Annotated[str | None, Query(max_length=400, description="from here: `step.port` or `inputs.name`")] = None,
    step: Annotated[str | None, Query(max_length=200, description="to this step")] = None,
    port: Annotated[str | None, Query(max_length=200, description="to inputs of this name")] = None,
) -> Wires:
    """The connections that could be made in a pipeline, each with what speaks against it. Nothing is kept."""
    return Wires(items=tuple(wires(pipeline, market.catalogue, source=source, step=step, port=port)))


@router.get(
    "/{slug}", summary="Get a pipeline", response_model=PipelineEntry,
    responses={**refusals(404), **documents.YAML_TOO, 304: {"description": "Not modified"}},
)  # fmt: skip
def get(
    *,
    market: MarketDep,
    who: Viewer,
    slug: Slug,
    yaml: WantsYaml,
    response: Response,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Any:
    """The current version of one's own pipeline, the published one of others'. With `Accept: application/yaml` it is
    the document alone."""
    entry = market.library.get(slug, who)
    headers = documents.tag(entry, yaml=yaml)
    if if_none_match is not None and headers["ETag"] in if_none_match.split(", "):
        return Response(status_code=304, headers=headers)
    if yaml:
        return documents.yaml_response(entry.version.pipeline, headers)
    response.headers.update(headers)
    return entry


@router.put("/{slug}", summary="Edit a pipeline", responses=refusals(404, 412, 413, 415), openapi_extra=documents.BODY)
def edit(
    *,
    market: MarketDep,
    who: Author,
    slug: Slug,
    pipeline: Sent,
    expected: Edited,
    response: Response,
    message: Message = "",
    draft: Draft = False,
) -> PipelineEntry:
    """Make a new version. With `If-Match` it is refused when somebody else changed the pipeline meanwhile; without,
    nothing is lost either: the other version stays in the history. A change of the layout alone makes no version."""
    entry = market.library.save(slug, pipeline, who, message=message, expected=expected, draft=draft)
    return documents.tagged(entry, response)


@router.delete("/{slug}", summary="Delete a pipeline", status_code=204, responses=refusals(404, 409, 412))
def delete(market: MarketDep, who: Author, slug: Slug, expected: Edited) -> None:
    """Take away a pipeline that is not published. Runs of it stay, with all that they need."""
    market.library.delete(slug, who, expected=expected)


@router.post("/{slug}/fork", summary="Fork a pipeline", status_code=201, responses=refusals(404, 409))
def fork(market: MarketDep, who: Author, slug: Slug, body: Fork, response: Response) -> PipelineEntry:
    """A pipeline of one's own that begins as a version of another one."""
    return _created(market.library.fork(slug, body.id, who, number=body.version), response)


@router.post("/{slug}/publish", summary="Publish a pipeline", responses=refusals(404, 412))
def publish(
    *,
    market: MarketDep,
    who: Author,
    slug: Slug,
    body: Publication = CURRENT,
    expected: Edited,
    response: Response,
) -> PipelineEntry:
    """Let everybody see and run a version. It stays the one that runs until another one is published."""
    return documents.tagged(market.library.publish(slug, who, number=body.version, expected=expected), response)


@router.post("/{slug}/unpublish", summary="Unpublish a pipeline", responses=refusals(404, 412))
def unpublish(market: MarketDep, who: Author, slug: Slug, expected: Edited, response: Response) -> PipelineEntry:
    """Keep a pipeline to oneself again. Runs that were begun go on."""
    return documents.tagged(market.library.unpublish(slug, who, expected=expected), response)


def _created(entry: PipelineEntry, response: Response) -> PipelineEntry:
    response.headers["Location"] = f"/pipelines/{entry.slug}"
    return documents.tagged(entry, response)
