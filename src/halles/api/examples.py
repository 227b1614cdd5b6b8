"""Files to try services and pipelines with, which installed packages bring."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse
from pydantic import AfterValidator, BaseModel, Field

from halles.api.access import MarketDep, Viewer
from halles.api.problems import refusals
from halles.api.services import PATTERN
from halles.model import Media, Problem, Problems, say, suggest
from halles.stores.shelf import Examples

router = APIRouter(prefix="/examples", tags=["services"])


MediaType = Annotated[
    str, Field(json_schema_extra={"pattern": PATTERN}), AfterValidator(lambda text: str(Media.parse(text)))
]


class Example(BaseModel):
    """A file to try things with."""

    name: str
    media_type: str
    size: int = Field(description="bytes")
    url: str


class ExampleList(BaseModel):
    """What there is to try things with."""

    names: list[str]
    items: list[Example]


@router.get("", summary="List examples")
def examples(
    _: Viewer,
    market: MarketDep,
    media: Annotated[tuple[MediaType, ...], Query(description="media types that a port takes: only what fits it")] = (),
    port: Annotated[str, Query(max_length=200, description="name of the port: what is called so comes first")] = "",
) -> ExampleList:
    """All, or those that fit a port."""
    names = market.examples.fitting(media, port) if media else market.examples.names()
    return ExampleList(names=names, items=[_example(market.examples, name) for name in names])


def _example(kept: Examples, name: str) -> Example:
    file = kept.find(name)
    size = file.stat().st_size if file else 0
    return Example(name=name, media_type=kept.media(name), size=size, url=f"/examples/{quote(name)}")


@router.get(
    "/{name}", summary="Get an example", response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
               **refusals(404)},
)  # fmt: skip
def example(name: Annotated[str, Path(max_length=200)], _: Viewer, market: MarketDep) -> FileResponse:
    """The file."""
    found = market.examples.find(name)
    if found is None:
        message = say("There is no example `{name}`.", name=name)
        near = suggest(name, market.examples.names())
        raise Problems([Problem(code="not-found", message=message, suggestions=near)])
    return FileResponse(found, media_type="application/octet-stream", headers={"cache-control": "max-age=3600"})
