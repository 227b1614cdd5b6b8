"""The catalogue: which services there are, what each is, and a call of one alone."""

import hashlib
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field, field_validator
from starlette.concurrency import run_in_threadpool

from halles.api import calling, publishing
from halles.api.access import MarketDep, Runner, Viewer
from halles.api.calling import Called
from halles.api.problems import refusals
from halles.api.publishing import LATER
from halles.csia.tags import ACRONYMS
from halles.engine import CALL, single
from halles.main import Market
from halles.model import Media, Model, PipelineVersion, Principal, accepts
from halles.model.offer import Described, Health, Kind, Offer
from halles.model.words import matches

router = APIRouter(tags=["services"])

Slug = Annotated[str, Path(max_length=200)]
PATTERN = r"^[\w.+-]+/(\*|[\w.+-]+)( *; *kind=[a-z0-9-]+)?$"
"""What a media type looks like."""
MEDIA: dict[str, Any] = {"items": {"type": "string", "pattern": PATTERN}}
ANYTHING: dict[str, Any] = {"type": "object", "description": "inputs and parameters by name"}
BODY: dict[str, Any] = {
    "requestBody": {"content": {"multipart/form-data": {"schema": ANYTHING}, "application/json": {"schema": ANYTHING}}}
}
KEPT = 256
"""Answers that are kept, as they go out."""


WORDS = (
    "words that all occur in name, summary, tags, licence or types of what it takes and gives, or else in what is said "
    "of it at length or in other languages, or look like those"
)


class Search(Model):
    """Which services are wanted. What is not given matches all."""

    q: str = Field(default="", max_length=200, description=WORDS)
    tag: str | None = Field(default=None, description="a tag, or its acronym")
    takes: list[str] = Field(
        default=[], json_schema_extra=MEDIA, description="media types that an output can have: an input takes them all"
    )
    gives: list[str] = Field(
        default=[], json_schema_extra=MEDIA, description="media types that an input accepts: an output gives no others"
    )
    kind: Kind | None = None
    health: Health | None = None
    limit: int = Field(default=100, ge=1, le=500)
    offset: int = Field(default=0, ge=0)

    @field_validator("takes", "gives")
    @classmethod
    def _are_media(cls, texts: list[str]) -> list[str]:
        return [str(Media.parse(text)) for text in texts]

    def matches(self, offer: Offer) -> bool:
        """Whether a service is wanted, whatever its words."""
        tags = {tag.casefold() for name in offer.tags for tag in (name, ACRONYMS.get(name, name))}
        return (
            (self.tag is None or self.tag.casefold() in tags)
            and (not self.takes or any(accepts(port.media, tuple(self.takes)) for port in offer.inputs))
            and (not self.gives or any(accepts(tuple(self.gives), port.media) for port in offer.outputs))
            and self.kind in (None, offer.kind)
            and self.health in (None, offer.health)
        )

    def among(self, offers: Iterable[Offer], told: Callable[[], dict[str, str]]) -> list[Offer]:
        """The wanted ones: those whose name was asked for first, then by slug. What is told of them at length counts
        when nothing has all words that are asked for, and then words that only look like those."""
        fitting = [(offer, self._words(offer)) for offer in offers if self.matches(offer)]
        asked = self.q.casefold().split()
        found = [offer for offer, words in fitting if all(word in words for word in asked)]
        if not found and fitting:
            more = told()
            fitting = [(offer, f"{words} {more.get(offer.slug, '')}".casefold()) for offer, words in fitting]
            found = [offer for offer, words in fitting if all(word in words for word in asked)]
        found = found or [offer for offer, words in fitting if matches(self.q, words)]
        return sorted(found, key=lambda offer: (not matches(self.q, f"{offer.slug} {offer.name}"), offer.slug))

    @staticmethod
    def _words(offer: Offer) -> str:
        ports = [each for port in (*offer.inputs, *offer.outputs) for each in (port.name, *port.media)]
        return " ".join([offer.slug, offer.name, offer.summary, offer.licence, *offer.tags, *ports]).casefold()


class Listing(Model):
    """A page of services: by slug, of a search those first that match best."""

    items: list[Offer]
    total: int = Field(description="services that match, on all pages")


class TagCount(Model):
    """A tag, and how many services have it."""

    name: str
    acronym: str | None = Field(description="as the Swiss AI Center's engine knows it")
    count: int


class Answers:
    """Answers as they go out, for as long as the services do not change. Several threads may ask at once."""

    def __init__(self) -> None:
        self._known: tuple[str, dict[str, tuple[bytes, str]]] = ("", {})

    def get(self, stamp: Callable[[], str], question: str, make: Callable[[], Model]) -> tuple[bytes, str]:
        """The answer to a question, and its entity tag; made when it is not known."""
        now, (kept_at, kept) = stamp(), self._known
        if now != kept_at or len(kept) >= KEPT:
            kept = {}
            self._known = now, kept
        if question in kept:
            return kept[question]
        body = make().model_dump_json().encode()
        answer = body, f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        if stamp() == now:  # Else it may tell of what came meanwhile.
            kept[question] = answer
        return answer


@router.get(
    "/services", summary="Search the services", response_model=Listing,
    responses={304: {"description": "As `If-None-Match` says"}},
)  # fmt: skip
def services(request: Request, market: MarketDep, _: Viewer, search: Annotated[Search, Query()]) -> Response:
    """All services, those installed here and those that announced themselves, or those that match."""
    answers: Answers = request.app.state.answers
    make = partial(_search, market, search)
    body, tag = answers.get(market.offers.stamp, search.model_dump_json(), make)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    asked = request.headers.get("if-none-match", "")
    if tag in asked or asked.strip() == "*":
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _search(market: Market, search: Search) -> Listing:
    found = search.among(market.offers.all(), market.offers.told)
    return Listing(items=found[search.offset : search.offset + search.limit], total=len(found))


@router.get("/tags", summary="List the tags")
def tags(market: MarketDep, _: Viewer) -> list[TagCount]:
    """The tags of all services, by name."""
    names = [tag for offer in market.offers.all() for tag in offer.tags]
    return [TagCount(name=name, acronym=ACRONYMS.get(name), count=names.count(name)) for name in sorted(set(names))]


@router.get("/services/{slug}", summary="Show a service", responses=refusals(404))
def service(market: MarketDep, _: Viewer, slug: Slug) -> Described:
    """Its ports, parameters, licences, weights, card, measured quality, versions and use."""
    return market.offers.find(slug)


@router.post(
    "/services/{slug}/call", summary="Call a service", response_model=Called, openapi_extra=BODY,
    responses={**LATER, **refusals(400, 404, 408, 413, 415, 424)},
)  # fmt: skip
async def call(
    *,
    request: Request,
    market: MarketDep,
    who: Runner,
    slug: Slug,
    wait: Annotated[float, Query(ge=0, le=600, description="seconds to wait for the outputs")] = 0,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1, description="the same seed gives the same result")] = 0,
) -> Response:
    """A run of this service alone. The body is a form or a JSON object with a field an input and a parameter."""
    version = await run_in_threadpool(alone, market, slug, who)
    params = version.services[slug].params.get("properties", {})
    async with publishing.pairs_of(request, market) as pairs:
        given = [(f"{CALL}.{name}" if name in params else name, value) for name, value in pairs]
        order = await calling.begin(market, who, version, given, seed=seed)
    return await publishing.answer(request, market, order, wait)


def alone(market: Market, slug: str, who: Principal) -> PipelineVersion:
    """The pipeline of one service. Raises `Problems` when there is none of that name."""
    spec = market.catalogue.find(slug)
    if spec is None:
        market.offers.find(slug)  # Says what is wrong.
        raise AssertionError("a service on offer is in the catalogue")
    made = time.time()
    return PipelineVersion(
        number=1, pipeline=single(spec), services={slug: spec}, meaning=spec.identity, author=who.id, created=made
    )
