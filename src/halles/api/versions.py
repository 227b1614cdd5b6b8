"""The history of a pipeline, and its way to other versions of its services."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from halles.api import documents
from halles.api.access import Author, MarketDep, Viewer
from halles.api.documents import Edited, WantsYaml
from halles.api.pipelines import Draft, Slug
from halles.api.problems import refusals
from halles.engine import Change, Upgrade, check, diff, pin, upgrade
from halles.model import Model, PipelineEntry, PipelineVersion, Problem, Problems, Said, say

router = APIRouter(prefix="/pipelines/{slug}", tags=["pipelines"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="number of the version")]
Between = Query(ge=1, le=2**31 - 1)
Replace = Annotated[tuple[str, ...], Query(description="`step=service`: another service in the place of a step's")]


class VersionLine(Model):
    """A version as the history shows it."""

    number: int
    author: str
    message: str
    said: Said | None = None
    origin: str
    created: float
    meaning: str
    published: bool
    problems: int = Field(
        description="what a check of today finds; a draft has some, and neither runs nor is published"
    )


class History(Model):
    """All versions of a pipeline, the newest first."""

    items: tuple[VersionLine, ...]


class Comparison(Model):
    """What changed between two versions."""

    old: int
    new: int
    changes: tuple[Change, ...]


class Rollback(Model):
    """Which version to go back to."""

    version: int = Field(ge=1)


class Replacement(Model):
    """Which services take the place of others when a pipeline is upgraded."""

    replace: dict[str, str] = Field(default={}, description="step → slug of another service")


THE_SAME = Replacement()


@router.get("/versions", summary="List the versions of a pipeline", responses=refusals(404))
def history(market: MarketDep, who: Viewer, slug: Slug) -> History:
    """All of one's own pipeline, the published one of others'."""
    published = market.library.get(slug, who).published
    shown = set(VersionLine.model_fields)
    lines = (
        VersionLine(
            published=each.number == published,
            problems=len(check(each.pipeline, market.catalogue)),
            **each.model_dump(include=shown),
        )
        for each in market.library.history(slug, who)
    )
    return History(items=tuple(lines))


@router.get(
    "/versions/{number}", summary="Get a version of a pipeline", response_model=PipelineVersion,
    responses={**refusals(404), **documents.YAML_TOO},
)  # fmt: skip
def version(market: MarketDep, who: Viewer, slug: Slug, number: Number, yaml: WantsYaml) -> Any:
    """A version, with the services as they were when it was made."""
    found = market.library.version(slug, number, who)
    return documents.yaml_response(found.pipeline, {"Vary": "Accept"}) if yaml else found


@router.get("/diff", summary="Compare two versions", responses=refusals(404))
def compare(
    *,
    market: MarketDep,
    who: Viewer,
    slug: Slug,
    old: Annotated[int | None, Between] = None,
    new: Annotated[int | None, Between] = None,
) -> Comparison:
    """What changed from the old version (the one before) to the new one (the current one)."""
    to = new or market.library.get(slug, who).version.number
    since = old or max(to - 1, 1)
    before, after = market.library.version(slug, since, who), market.library.version(slug, to, who)
    return Comparison(old=since, new=to, changes=tuple(diff(before.pipeline, after.pipeline)))


@router.post("/rollback", summary="Go back to a version", responses=refusals(404, 412))
def rollback(
    *, market: MarketDep, who: Author, slug: Slug, body: Rollback, expected: Edited, response: Response
) -> PipelineEntry:
    """Make a new version that equals an old one. History is never rewritten."""
    return documents.tagged(market.library.rollback(slug, body.version, who, expected=expected), response)


@router.post("/pin", summary="Pin a pipeline to the versions of its services", responses=refusals(404, 412))
def pin_services(market: MarketDep, who: Author, slug: Slug, expected: Edited, response: Response) -> PipelineEntry:
    """Make a version in which each step names the version of its service that is here now."""
    entry = market.library.editable(slug, who)
    pinned = pin(entry.version.pipeline, market.catalogue)
    saved = market.library.save(
        slug, pinned, who, message="pinned to the present versions", expected=expected or entry.revision
    )
    return documents.tagged(saved, response)


@router.get("/upgrade", summary="Preview an upgrade", responses=refusals(404))
def preview(market: MarketDep, who: Viewer, slug: Slug, replace: Replace = ()) -> Upgrade:
    """What becomes of each step with the services that are here now: edges that stay and those that break, parameters
    that are kept, dropped or left to new defaults. Nothing is changed."""
    version = market.library.get(slug, who).version
    return upgrade(version.pipeline, version.services, market.catalogue, _pairs(replace))


@router.post("/upgrade", summary="Upgrade a pipeline", responses=refusals(404, 412))
def apply(
    *,
    market: MarketDep,
    who: Author,
    slug: Slug,
    body: Replacement = THE_SAME,
    expected: Edited,
    response: Response,
    draft: Draft = False,
) -> PipelineEntry:
    """Make a version as the preview shows it. What is broken must be mended by an edit, or kept as a draft."""
    entry = market.library.editable(slug, who)
    done = upgrade(entry.version.pipeline, entry.version.services, market.catalogue, body.replace)
    saved = market.library.save(
        slug, done.pipeline, who, message="upgraded", expected=expected or entry.revision, draft=draft, renew=True
    )
    return documents.tagged(saved, response)


def _pairs(replace: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in replace]
    if bad := [step for step, equals, slug in pairs if not equals]:
        message = say("`{step}` says not by what. Write `replace=step=service`.", step=bad[0])
        raise Problems([Problem(code="invalid-request", port="replace", message=message)])
    return {step: slug for step, _, slug in pairs}
