"""What services and pipelines say, in other languages than English."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from halles.api.access import MarketDep, Viewer
from halles.model import Model

router = APIRouter()

Language = Annotated[str, Path(pattern="^[a-z]{2,3}$", description="ISO 639 code, such as `fr`")]


class Sentences(Model):
    """Translations, by the English sentence with its holes."""

    language: str
    sentences: dict[str, str]


@router.get("/sentences/{language}", summary="Get what services say in a language", tags=["services"])
def sentences(market: MarketDep, _: Viewer, language: Language, response: Response) -> Sentences:
    """Names, descriptions, refusals and reasons of the installed services and pipelines, as far as their authors
    translated them: `said.form` of a sentence finds it, and a sentence without one is found by itself."""
    response.headers["Cache-Control"] = "private, max-age=60"
    return Sentences(language=language, sentences=market.sentences(language))
