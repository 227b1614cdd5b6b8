"""Files to try services and pipelines with, which installed packages bring."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from pydantic import BaseModel

from halles.api.access import MarketDep, Viewer
from halles.api.problems import refusals
from halles.model import Problem, Problems, suggest

router = APIRouter(prefix="/examples", tags=["services"])


class ExampleList(BaseModel):
    """What there is to try things with."""

    names: list[str]


@router.get("", summary="List examples")
def examples(_: Viewer, market: MarketDep) -> ExampleList:
    """Their names."""
    return ExampleList(names=market.examples.names())


@router.get(
    "/{name}", summary="Get an example", response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
               **refusals(404)},
)  # fmt: skip
def example(name: Annotated[str, Path(max_length=200)], _: Viewer, market: MarketDep) -> FileResponse:
    """The file."""
    found = market.examples.find(name)
    if found is None:
        message = f"There is no example `{name}`."
        near = suggest(name, market.examples.names())
        raise Problems([Problem(code="not-found", message=message, suggestions=near)])
    return FileResponse(found, media_type="application/octet-stream", headers={"cache-control": "max-age=3600"})
