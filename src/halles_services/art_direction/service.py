"""The art director: turns what was understood of a song into an art brief."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, NamedTuple

from pydantic import Field

from halles.sdk import Context, InputRefused, Port, Saying, say, service
from halles_services.art_direction.concept import conceive
from halles_services.kinds import Brief, Evidence, Lyrics, SongAnalysis, Style, TextAnalysis, Wish, Wishes
from halles_services.shared.art import LIGHTS, MEDIA, SCENES
from halles_services.shared.decided import asked_for
from halles_services.shared.embedding import Vectors, embedder
from halles_services.shared.ideas import Subject, direct
from halles_services.shared.ideas import Wishes as Asked
from halles_services.shared.things import named
from halles_services.shared.weights import E5


class Outputs(NamedTuple):
    """What the art director hands on."""

    brief: Annotated[Brief, Port("one idea a cover: scene, subject, light, colours, medium; and why")]
    analysis: Annotated[SongAnalysis, Port("all that was understood of the song, with the brief made of it")]


@service(
    "art-direction",
    version="1.0.0",
    name="Art direction",
    licence="Apache-2.0",
    tags=["Natural Language Processing", "Recommendation"],
    weights=[E5],
)
def art_direction(
    style: Annotated[Style, Port("what the music sounds like")],
    analysis: Annotated[TextAnalysis | None, Port("what the words feel and speak about")] = None,
    lyrics: Annotated[Lyrics | None, Port("the words, whose lines are quoted as evidence")] = None,
    wishes: Annotated[Wishes | None, Port("what a person decided, which stays as it is")] = None,
    *,
    count: Annotated[int, Field(ge=1, le=8, description="How many ideas, one a cover")] = 3,
    subject: Annotated[str, Field(max_length=200, description="What is to be shown; empty: decide from the song")] = "",
    mood: Annotated[str, Field(max_length=200, description="The feeling to convey; empty: decide from the song")] = "",
    medium: Annotated[str, Field(description=f"One of {', '.join(MEDIA)}; empty: decide from the song")] = "",
    scene: Annotated[str, Field(description=f"One of {', '.join(SCENES)}; empty: decide from the song")] = "",
    seed: int = 0,
    context: Context,
) -> Outputs:
    """Turn what was understood of a song into an art brief.

    Words, themes, feelings, genre and sound vote for a scene, a light and a medium; a subject is found among the
    concrete things that the words name, in English, French, German, Spanish and Italian; colours are built from the
    feelings. The ideas of one brief share a mood and differ in all else, and the brief says what decided. An
    instrumental is directed by its music alone.
    """

    def embed(texts: Sequence[str]) -> Vectors:
        """Vectors of texts; the model is loaded at the first, which an instrumental never reaches."""
        return embedder(context.weights(E5), context.threads).embed(texts)

    text = analysis if analysis and analysis.has_text else None
    wishes = wishes or Wishes()
    concept = conceive(style, text, lyrics, mood.strip() or wishes.mood.strip(), embed)
    if wishes.mood.strip() and not mood.strip():
        concept.mood_because = _known(wishes.evidence, "mood") or concept.mood_because
    concept.decided, concept.known = tuple(map(_sane, wishes.covers)), wishes.evidence
    concept.wishes = Asked(subject.strip(), _chosen(scene, SCENES, "scene"), _chosen(medium, MEDIA, "medium"))
    if concept.wishes.subject:
        wish = concept.wishes.subject
        concept.subjects = [Subject(wish, named(wish), 1.0, asked_for(wish))]
    brief = direct(concept, wishes.count or count, (seed + _FAR * wishes.draw) % 2**31)
    return Outputs(brief, SongAnalysis(text=text, style=style, brief=brief))


_FAR = 1_000_003
"""Between the seeds of two draws."""


def _known(evidence: Sequence[Evidence], decision: str) -> str:
    """Why that was decided before, as it was said; nothing when it was not."""
    found = next((each for each in evidence if each.decision == decision), None)
    if found is None:
        return ""
    return Saying(found.said) if found.said else found.because


def _sane(wish: Wish) -> Wish:
    """What was decided of a cover, if the painter knows it. Raises InputRefused."""
    for value, options, what in (
        (wish.scene, SCENES, "scene"),
        (wish.light, LIGHTS, "kind of light"),
        (wish.medium, MEDIA, "medium"),
    ):
        _chosen(value or "", options, what, port="wishes")
    return wish


def _chosen(value: str, options: dict[str, str], what: str, port: str = "") -> str:
    """A wish for one of the options; raises InputRefused for a word that is none of them."""
    wish = value.strip().casefold()
    if wish and wish not in options:
        message = say(
            "`{value}` is no {what}. Known are: {options:, }.", value=value, what=say(what), options=list(options)
        )
        if near := get_close_matches(wish, options, n=1):
            message = say(
                "`{value}` is no {what}. Did you mean `{near}`? Known are: {options:, }.",
                value=value,
                what=say(what),
                near=near[0],
                options=list(options),
            )
        raise InputRefused(message, port=port or what)
    return wish
