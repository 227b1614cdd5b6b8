"""The typed JSON that passes between the services of a song.

Times are seconds from the start of the song. Scores, confidences and shares lie in [0, 1] unless a field says
otherwise.
"""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from halles.sdk import Said, remembers


class Kind(BaseModel):
    """A frozen value that refuses fields it does not know, so that a misspelt edit is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Score(Kind):
    """How strongly a label holds."""

    label: str
    score: float = Field(ge=0, le=1)


class Word(Kind):
    """One sung word."""

    text: str
    start: float
    end: float
    confidence: float = Field(ge=0, le=1)


class Segment(Kind):
    """One sung line."""

    text: str
    start: float
    end: float
    confidence: float = Field(ge=0, le=1)
    words: tuple[Word, ...] = ()


class Lyrics(Kind):
    """What is sung, and when. `text` is empty when nobody sings."""

    text: str = Field(description="the lines, separated by line feeds")
    language: str | None = Field(default=None, description="ISO 639-1 code")
    language_confidence: float = Field(default=0.0, ge=0, le=1)
    segments: tuple[Segment, ...] = ()
    seconds: float = Field(ge=0, description="length of the song")
    singing: float = Field(default=0.0, ge=0, le=1, description="share of the song in which somebody sings")


class TextAnalysis(Kind):
    """What a text feels and speaks about. All lists are sorted by falling score; empty when there is no text."""

    has_text: bool
    language: str | None = None
    language_confidence: float = Field(default=0.0, ge=0, le=1)
    emotions: tuple[Score, ...] = Field(default=(), description="each label has its own probability")
    sentiment: float = Field(default=0.0, ge=-1, le=1, description="from negative (-1) to positive (1)")
    topics: tuple[Score, ...] = ()
    key_phrases: tuple[Score, ...] = ()


class Style(Kind):
    """What the music sounds like."""

    genres: tuple[Score, ...] = Field(description="probabilities that sum to 1, highest first")
    unsure: bool = Field(description="true when no genre stands out")
    tags: tuple[Score, ...] = Field(default=(), description="instruments, voices and moods heard, highest first")
    tempo: float | None = Field(default=None, description="beats a minute")
    energy: float = Field(ge=0, le=1, description="from still to violent")
    brightness: float = Field(ge=0, le=1, description="from dark to bright timbre")
    valence: float = Field(default=0.0, ge=-1, le=1, description="from gloomy (-1) to happy (1), by the sound alone")
    seconds: float = Field(ge=0, description="length of the song")
    model: str = Field(default="", description="the version of the model that says so, such as `music-style@3`")


class Evidence(Kind):
    """Why the brief says what it says."""

    decision: str = Field(description="the field of the brief, such as `palette` or `ideas[0].subject`")
    because: str = Field(description="a sentence that a musician understands")
    said: Said | None = Field(default=None, description="how it was put together, to be said in other languages")

    _remember = model_validator(mode="before")(remembers("because"))


class Idea(Kind):
    """One picture: everything that the painter must know."""

    scene: str = Field(description="kind of scene, such as `mountains` or `city`")
    subject: str = Field(description="what stands in the scene, in a few words; empty for none")
    light: str = Field(description="such as `night`, `dusk`, `dawn`, `day`, `storm`")
    palette: tuple[str, ...] = Field(
        min_length=4, max_length=6, description="#rrggbb, from darkest to lightest; the last is the light"
    )
    medium: str = Field(description="the painted style")
    prompt: str = Field(description="the same in words, for a text-to-image model")


class Brief(Kind):
    """What is asked of the art generator, and from which evidence."""

    mood: str = Field(description="the feeling to convey, in a few words")
    ideas: tuple[Idea, ...] = Field(min_length=1, description="one a cover, each a different idea")
    evidence: tuple[Evidence, ...] = ()


class Wish(Kind):
    """What a person decided of one cover. What is left out is for the art director; with all of it nothing is."""

    scene: str | None = None
    subject: str | None = Field(default=None, max_length=200)
    light: str | None = None
    palette: tuple[str, ...] | None = Field(default=None, min_length=4, max_length=6)
    medium: str | None = None
    prompt: str | None = None


class Wishes(Kind):
    """What a person decided of the covers of a song: it stays, whatever else of the song is changed."""

    mood: str = Field(default="", max_length=200, description="the feeling to convey; empty: decide from the song")
    covers: tuple[Wish, ...] = Field(default=(), max_length=8, description="by the number of the cover")
    count: int | None = Field(default=None, ge=1, le=8, description="how many covers; else as many as `count` says")
    draw: int = Field(default=0, ge=0, le=2**31 - 1, description="another number gives other ideas for the rest")
    evidence: tuple[Evidence, ...] = Field(default=(), description="reasons of before for what was kept")


class SongAnalysis(Kind):
    """All that was understood of a song: what its words feel and speak of, its style, and the brief made of them."""

    text: TextAnalysis | None = Field(default=None, description="absent when nothing is sung")
    style: Style
    brief: Brief
