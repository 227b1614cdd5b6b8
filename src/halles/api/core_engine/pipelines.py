"""Pipelines as the engine's clients write and read them. They are the same as those of this server's own routes."""

from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from halles.api.access import Author, MarketDep, Viewer
from halles.api.core_engine import views
from halles.api.core_engine.shapes import PipelineRecord, StepRecord, not_found
from halles.api.core_engine.views import identified, pipeline_record
from halles.api.problems import refusals
from halles.csia import translate
from halles.csia.importing import imported
from halles.csia.messages import DataField, Tag
from halles.csia.pipelines import PipelineDocument, StepDocument
from halles.engine import check
from halles.main import Market
from halles.model import Pipeline, Principal, Problem, Problems

router = APIRouter()


class Search(BaseModel):
    """Which pipelines are wanted, and how many of them."""

    search: str = Field(default="", max_length=200)
    tags: str = Field(default="", max_length=200, description="acronyms, with commas: all of them")
    status: str = Field(default="", max_length=20, description="all pipelines are available")
    order_by: Literal["name", "slug", "summary", "created_at", "updated_at"] = "name"
    order: Literal["asc", "desc"] = "asc"
    skip: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=100, ge=0, le=1000)
    with_count: bool = False


class PipelinesWithCount(BaseModel):
    """A page of pipelines, and how many there are."""

    count: int
    pipelines: list[PipelineRecord]


class PipelineChange(BaseModel):
    """The body of `PATCH /pipelines/{id}`: what is said is changed."""

    name: str | None = None
    summary: str | None = None
    description: str | None = None
    data_in_fields: list[DataField] | None = None
    data_out_fields: list[DataField] | None = None
    tags: list[Tag] | None = None
    steps: list[StepDocument] | None = None


class Valid(BaseModel):
    """That a pipeline is one."""

    valid: bool = True


@router.get("/pipelines", summary="Find pipelines")
def search(
    market: MarketDep, who: Viewer, wanted: Annotated[Search, Query()]
) -> PipelinesWithCount | list[PipelineRecord]:
    """Those that who asks may see."""
    acronyms = {each.strip() for each in wanted.tags.split(",") if each.strip()}
    found = [
        each
        for each in (pipeline_record(market, pipeline) for pipeline in _all(market, who, wanted.search))
        if acronyms <= {tag.acronym for tag in each.tags} and wanted.status.lower() in ("", each.status)
    ]
    found.sort(key=lambda each: str(getattr(each, wanted.order_by) or "").lower(), reverse=wanted.order == "desc")
    page = found[wanted.skip : wanted.skip + wanted.limit]
    return PipelinesWithCount(count=len(found), pipelines=page) if wanted.with_count else page


@router.get("/pipelines/slug/{slug}", summary="Get a pipeline by its slug", responses=refusals(404))
def get_by_slug(slug: str, market: MarketDep, who: Viewer) -> PipelineRecord:
    """A pipeline by its slug."""
    try:
        return pipeline_record(market, market.library.get(slug, who).version.pipeline)
    except Problems as error:
        raise not_found("Pipeline") from error


@router.get("/pipelines/{pipeline_id}", summary="Get a pipeline", responses=refusals(404))
def get(pipeline_id: UUID, market: MarketDep, who: Viewer) -> PipelineRecord:
    """A pipeline by its id."""
    return pipeline_record(market, _found(market, pipeline_id, who))


@router.post("/pipelines", summary="Create a pipeline", responses=refusals(400, 404, 409))
def create(document: PipelineDocument, market: MarketDep, who: Author) -> PipelineRecord:
    """Keep a pipeline, private. What is wrong with it is told at once."""
    pipeline = _taken_over(market, document)
    if any(each.id == pipeline.id for each in _all(market, who)):
        message = f"Pipeline with slug '{document.slug}' already exists."
        raise Problems([Problem(code="conflict", message=message)])
    return pipeline_record(market, market.library.create(pipeline, who, origin="core-engine").version.pipeline)


@router.patch("/pipelines/{pipeline_id}", summary="Change a pipeline", responses=refusals(400, 404))
def change(pipeline_id: UUID, said: PipelineChange, market: MarketDep, who: Author) -> PipelineRecord:
    """Make a new version of a pipeline. The ones before stay on record."""
    known = pipeline_record(market, _found(market, pipeline_id, who))
    document = PipelineDocument.model_validate(known.model_dump() | said.model_dump(exclude_unset=True))
    saved = market.library.save(known.slug, _taken_over(market, document), who, origin="core-engine")
    return pipeline_record(market, saved.version.pipeline)


@router.delete("/pipelines/{pipeline_id}", summary="Delete a pipeline", status_code=204, responses=refusals(404, 409))
def delete(pipeline_id: UUID, market: MarketDep, who: Author) -> Response:
    """Take a pipeline away; its executions stay."""
    market.library.delete(_found(market, pipeline_id, who).id, who)
    return Response(status_code=204)


@router.post("/pipeline/check", summary="Check a pipeline", responses=refusals(400, 404))
def check_pipeline(document: PipelineDocument, market: MarketDep, who: Viewer) -> Valid:
    """Whether a pipeline could be created."""
    _taken_over(market, document)
    return Valid()


@router.get("/pipeline-steps", summary="List steps")
def steps(
    market: MarketDep, who: Viewer, skip: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=0)] = 100
) -> list[StepRecord]:
    """The steps of all pipelines that who asks may see."""
    return list(_steps(market, who))[skip : skip + limit]


@router.get("/pipeline-steps/{step_id}", summary="Get a step", responses=refusals(404))
def step(step_id: UUID, market: MarketDep, who: Viewer) -> StepRecord:
    """A step by its id."""
    found = next((each for each in _steps(market, who) if each.id == str(step_id)), None)
    if found is None:
        raise not_found("Pipeline Step")
    return found


def _all(market: Market, who: Principal, text: str = "") -> Iterator[Pipeline]:
    after = ""
    while page := market.library.search(who, text=text, after=after):
        for each in page:
            yield market.library.get(each.slug, who).version.pipeline
        after = page[-1].slug


def _found(market: Market, pipeline_id: UUID, who: Principal) -> Pipeline:
    after = ""
    while page := market.library.search(who, after=after):
        for each in page:
            if identified("pipeline", each.slug) == str(pipeline_id):
                return market.library.get(each.slug, who).version.pipeline
        after = page[-1].slug
    raise not_found("Pipeline")


def _steps(market: Market, who: Principal) -> Iterator[StepRecord]:
    for pipeline in _all(market, who):
        yield from pipeline_record(market, pipeline).steps


def _taken_over(market: Market, document: PipelineDocument) -> Pipeline:
    """The pipeline as ours. Raises `Problems` with the engine's status codes, all at once."""
    slugs = {translate.slug(step.service_slug) for step in document.steps if step.service_slug}
    found = imported(document, *views.services_of(market, slugs))
    problems = [*found.problems, *check(found.pipeline, market.catalogue)]
    if problems:
        code = "not-found" if any(each.code == "unknown-service" for each in problems) else "inconsistent-pipeline"
        raise Problems([Problem(code=code, message=str(problems[0])), *problems[1:]])
    return found.pipeline
