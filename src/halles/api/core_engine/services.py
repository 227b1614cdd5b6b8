"""Services: they announce themselves, say that they live, sleep and come back; clients look for them."""

from collections.abc import Iterable
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, ValidationError

from halles.api.access import Author, MarketDep, Viewer
from halles.api.core_engine.shapes import ServiceChange, ServicesWithCount, installed, not_found, record
from halles.api.problems import refusals
from halles.csia.messages import Announcement, ServiceRecord, ServiceState
from halles.main import Market
from halles.model import Principal, Problem, Problems
from halles.stores.directory import Entry

router = APIRouter()

RESTING = (ServiceState.sleeping, ServiceState.disabled, ServiceState.unavailable)


@router.post("/services", summary="Announce a service", responses=refusals(409, 503))
def announce(announcement: Announcement, market: MarketDep, who: Author) -> ServiceRecord:
    """Register a service that can be reached at its `url`. It must answer `GET {url}/status` with 200.

    A slug that exists is a conflict: a service that comes back sends a PATCH to its id.
    """
    if find(market, announcement.slug) is not None:
        message = f"Service with slug '{announcement.slug}' already exists."
        raise Problems([Problem(code="conflict", message=message)])
    abroad = market.abroad
    return record(abroad.background.run(abroad.registrar.announce(announcement, who.id)))


class Search(BaseModel):
    """Which services are wanted, and how many of them."""

    search: str = Field(default="", max_length=200)
    tags: str = Field(default="", max_length=200, description="acronyms, with commas: all of them")
    ai: bool | None = None
    status: str = Field(default="", max_length=20)
    order_by: Literal["name", "slug", "summary", "status", "created_at", "updated_at"] = "name"
    order: Literal["asc", "desc"] = "asc"
    skip: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=100, ge=0, le=1000)
    with_count: bool = False

    def wants(self, service: ServiceRecord) -> bool:
        """Whether a service is one of them."""
        tags = {each.strip() for each in self.tags.split(",") if each.strip()}
        words = (service.name, service.slug, service.summary, service.description or "")
        return (
            (service.status == self.status.lower() if self.status else service.status is not ServiceState.sleeping)
            and (not self.ai or service.has_ai)
            and tags <= {tag.acronym for tag in service.tags}
            and any(self.search.lower() in each.lower() for each in words)
        )


@router.get("/services", summary="Find services")
def search(
    market: MarketDep, who: Viewer, wanted: Annotated[Search, Query()]
) -> ServicesWithCount | list[ServiceRecord]:
    """The services that are not asleep, unless `status` asks for those that are."""
    found = [each for each in everything(market) if wanted.wants(each)]
    found.sort(key=lambda each: str(getattr(each, wanted.order_by) or "").lower(), reverse=wanted.order == "desc")
    page = found[wanted.skip : wanted.skip + wanted.limit]
    return ServicesWithCount(count=len(found), services=page) if wanted.with_count else page


@router.get("/services/slug/{slug}", summary="Get a service by its slug", responses=refusals(404))
def get_by_slug(slug: str, market: MarketDep, who: Viewer) -> ServiceRecord:
    """A service by its slug."""
    return _found(market, slug)


@router.get("/services/{service_id}", summary="Get a service", responses=refusals(404))
def get(service_id: UUID, market: MarketDep, who: Viewer) -> ServiceRecord:
    """A service by its id."""
    return _found(market, str(service_id))


@router.patch("/services/{service_id}", summary="Bring a service up to date", responses=refusals(404, 409, 503))
def change(service_id: UUID, said: ServiceChange, market: MarketDep, who: Author) -> ServiceRecord:
    """A service comes back, moves, falls asleep or says other things of itself.

    Another `url` is another instance of the service: tasks are spread over all of them.
    """
    entry = _theirs(market, str(service_id), who)
    told = said.model_dump(exclude_unset=True)
    whole = _merged(entry, told)
    directory = market.abroad.directory
    if said.status in RESTING:
        directory.rest(entry.slug, said.status)
    elif {"url", "data_in_fields", "data_out_fields"} & told.keys():
        market.abroad.background.run(market.abroad.registrar.announce(whole, entry.owner))
    else:
        directory.revise(entry.slug, whole)
        if said.status is ServiceState.available:
            directory.wake(entry.slug)
    return _found(market, entry.id)


@router.delete("/services/{service_id}", summary="Forget a service", status_code=204, responses=refusals(404, 409))
def delete(service_id: UUID, market: MarketDep, who: Author) -> Response:
    """Forget a service; it comes back when it announces itself again."""
    market.abroad.directory.remove(_theirs(market, str(service_id), who).slug)
    return Response(status_code=204)


@router.post("/services/{name}/ping", summary="Say that a service lives", responses=refusals(404))
def ping(name: str, market: MarketDep, who: Author) -> ServiceRecord:
    """A service says every 20 s that it lives. 404 says that it should announce itself again."""
    entry = _theirs(market, name, who)
    market.abroad.directory.ping(entry.slug)
    return _found(market, entry.id)


def find(market: Market, name: str) -> ServiceRecord | None:
    """A service by its id or slug."""
    entry = market.abroad.directory.entry(name)
    if entry is not None:
        return record(entry)
    return next((each for each in _installed(market) if name in (each.id, each.slug)), None)


def everything(market: Market) -> Iterable[ServiceRecord]:
    """All services, those of this server first."""
    yield from _installed(market)
    yield from map(record, market.abroad.directory.entries())


def _installed(market: Market) -> list[ServiceRecord]:
    return [installed(service.spec, market.address) for service in market.services.all()[0]]


def _found(market: Market, name: str) -> ServiceRecord:
    found = find(market, name)
    if found is None:
        raise not_found("Service")
    return found


def _theirs(market: Market, name: str, who: Principal) -> Entry:
    """An announced service that who asks may change."""
    entry = market.abroad.directory.entry(name)
    if entry is None:
        if find(market, name) is None:
            raise not_found("Service")
        message = f"`{name}` is installed on this server. A service that announces itself cannot replace it."
        raise Problems([Problem(code="conflict", message=message)])
    if not who.may_see(entry.owner):
        message = f"`{entry.slug}` was announced by somebody else. Choose another slug."
        raise Problems([Problem(code="not-allowed", message=message)])
    return entry


def _merged(entry: Entry, told: dict[str, object]) -> Announcement:
    if told.get("slug", entry.announcement.slug) != entry.announcement.slug:
        message = f"The slug of `{entry.slug}` cannot be changed: pipelines name it. Announce another service."
        raise Problems([Problem(code="conflict", message=message)])
    try:
        return Announcement.model_validate(entry.announcement.model_dump() | told)
    except ValidationError as error:
        wrong = [
            Problem(code="bad-announcement", message=f"{'.'.join(map(str, each['loc']))}: {each['msg']}.")
            for each in error.errors()
        ]
        raise Problems(wrong) from error
