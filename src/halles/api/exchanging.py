"""Pipelines in the forms in which others keep them: YAML, JSON, and that of the Swiss AI Center's engine."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from halles.api import documents
from halles.api.access import Author, MarketDep, Viewer
from halles.api.documents import SentText
from halles.api.pipelines import Slug
from halles.api.problems import refusals
from halles.csia.exporting import exported
from halles.csia.importing import imported
from halles.csia.messages import Announcement
from halles.csia.pipelines import Exported, PipelineDocument, looks_like_theirs
from halles.csia.translate import slug
from halles.engine import check, plain, read, read_data
from halles.main import Market
from halles.model import Model, Pipeline, PipelineEntry, Problem, Problems, ServiceSpec, say

router = APIRouter(prefix="/pipelines", tags=["pipelines"])

Form = Literal["yaml", "json", "core-engine"]
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            documents.JSON: {"schema": {"type": "object", "description": "a pipeline of ours, or of a core engine"}},
            documents.YAML: {"schema": {"type": "string"}},
        },
    }
}


class Taken(Model):
    """A pipeline that was taken over, what could not be, and what keeps it from running here."""

    pipeline: Pipeline
    lost: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    entry: PipelineEntry | None = None


@router.post(
    "/import", summary="Import a pipeline", status_code=201, openapi_extra=BODY,
    responses={200: {"model": Taken, "description": "Read only"}, **refusals(409, 413, 415)},
)  # fmt: skip
def take(
    *, market: MarketDep, who: Author, text: SentText, response: Response,
    form: Annotated[Form | None, Query(alias="format", description="found out when it is left out")] = None,
    keep: Annotated[bool, Query(description="false: only show what would become of it")] = True,
) -> Taken:  # fmt: skip
    """Keep a pipeline as a draft of one's own, whatever a check finds: its services may come later. `lost` lists what
    could not be taken over from a core engine's pipeline."""
    taken = _taken(text, form, market)
    if not keep:
        response.status_code = 200
        return taken
    entry = market.library.create(taken.pipeline, who, message="imported", draft=True)
    response.headers["Location"] = f"/pipelines/{entry.slug}"
    return taken.model_copy(update={"entry": documents.tagged(entry, response)})


@router.get(
    "/{slug}/export", summary="Export a pipeline", response_model=Pipeline | Exported, response_model_exclude_none=True,
    responses={**refusals(404), **documents.YAML_TOO},
)  # fmt: skip
def give(
    market: MarketDep, who: Viewer, slug: Slug,
    form: Annotated[Form, Query(alias="format", description="`core-engine`: that of the Swiss AI Center")] = "yaml",
) -> Any:  # fmt: skip
    """The document alone. For a core engine it is the closest one that runs there, with what differs as `problems`."""
    pipeline = market.library.get(slug, who).version.pipeline
    if form == "core-engine":
        return exported(pipeline, *_known([step.service.partition("@")[0] for step in pipeline.steps], market))
    return documents.yaml_response(pipeline) if form == "yaml" else JSONResponse(plain(pipeline))


def _taken(text: str, form: Form | None, market: Market) -> Taken:
    content = read_data(text)
    if form == "core-engine" or (form is None and looks_like_theirs(content)):
        document = _document(content)
        slugs = [step.service_slug or "" for step in document.steps]
        found = imported(document, *_known(slugs, market))
        pipeline, lost = found.pipeline, found.problems
    else:
        pipeline, lost = read(text), ()
    return Taken(pipeline=pipeline, lost=lost, problems=tuple(check(pipeline, market.catalogue)))


def _document(content: Any) -> PipelineDocument:
    """A core engine's pipeline. Raises `Problems`."""
    try:
        return PipelineDocument.model_validate(content)
    except ValidationError as error:
        found = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_url=False)]
        problems = [
            Problem(code="invalid-field", message=say("`{where}`: {what}.", where=where, what=what))
            for where, what in found
        ]
        raise Problems(problems) from error


def _known(slugs: list[str], market: Market) -> tuple[dict[str, ServiceSpec], dict[str, Announcement]]:
    """What is known of services: their specifications, and what those from elsewhere said of themselves."""
    specs: dict[str, ServiceSpec] = {}
    announced: dict[str, Announcement] = {}
    for name in filter(None, slugs):
        entry = market.abroad.directory.entry(name)
        if entry is not None:
            specs[entry.slug], announced[entry.slug] = entry.spec, entry.announcement
        elif spec := market.catalogue.find(slug(name)):
            specs[spec.slug] = spec
    return specs, announced
