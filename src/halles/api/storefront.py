"""What the market shows of a service besides: its picture, how to call it from a program, what is used most."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from halles.api.access import MarketDep, Viewer
from halles.api.endpoint import describe_call
from halles.api.openapi import openapi
from halles.api.pipelines import Slug as PipelineSlug
from halles.api.problems import refusals
from halles.api.publishing import address
from halles.api.services import Slug, alone
from halles.api.snippets import Snippets, snippets
from halles.model import Model, Problem, Problems, say
from halles.model.offer import Use
from halles.stores.offers import DAYS, popular, used

router = APIRouter()


class Popular(Model):
    """How often things were used in the last days, by everybody."""

    days: int
    services: dict[str, int]
    pipelines: dict[str, int]


@router.get(
    "/services/{slug}/picture", summary="Get the picture of a service", tags=["services"], response_class=FileResponse,
    responses={200: {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}}, **refusals(404)},
)  # fmt: skip
def picture(market: MarketDep, _: Viewer, slug: Slug) -> FileResponse:
    """A small picture of what it does, which installed services may bring."""
    found = market.offers.picture(slug)
    if found is None:
        raise Problems(
            [Problem(code="not-found", message=say("There is no picture of a service `{slug}`.", slug=slug))]
        )
    return FileResponse(found, media_type="image/webp", headers={"cache-control": "private, max-age=3600"})


@router.get(
    "/services/{slug}/openapi.json", summary="Describe the endpoint of a service", tags=["services"],
    responses=refusals(404),
)  # fmt: skip
def described(request: Request, market: MarketDep, who: Viewer, slug: Slug) -> dict[str, Any]:
    """A complete OpenAPI document of a call of this service: its inputs, parameters and outputs with their types."""
    return openapi(describe_call(alone(market, slug, who)), address(request))


@router.get(
    "/services/{slug}/snippets", summary="Get code that calls a service", tags=["services"], responses=refusals(404)
)
def code(request: Request, market: MarketDep, who: Viewer, slug: Slug) -> Snippets:
    """For the shell, Python and TypeScript, with the inputs that must be given."""
    return snippets(describe_call(alone(market, slug, who)), address(request), market.examples)


@router.get(
    "/pipelines/{slug}/use", summary="See how much a pipeline is used", tags=["pipelines"], responses=refusals(404)
)
def use(market: MarketDep, who: Viewer, slug: PipelineSlug) -> Use:
    """Its runs in the last days, by everybody."""
    market.library.get(slug, who)
    market.usage.count()
    return used(market.usage, pipeline=slug)


@router.get("/popularity", summary="See what is used most", tags=["services"])
def popularity(market: MarketDep, who: Viewer) -> Popular:
    """How often services, and the pipelines that you may see, were used in the last days, by everybody."""
    market.usage.count()
    visible, counts = market.library.visible(who), popular(market.usage)
    pipelines = {slug: count for slug, count in counts["pipeline"].items() if slug in visible}
    return Popular(days=DAYS, services=counts["service"], pipelines=pipelines)
