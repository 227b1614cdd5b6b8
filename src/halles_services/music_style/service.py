"""What the music of a song sounds like."""

from typing import Annotated, NamedTuple

import numpy as np

from halles.sdk import Audio, Context, InputRefused, Port, Trained, say, service
from halles_services.kinds import Score, Style
from halles_services.music_style.classifier import BASELINE, MODEL, PREDICTIONS, Classifier, Impression
from halles_services.music_style.rhythm import tempo
from halles_services.music_style.timbre import brightness
from halles_services.music_style.traits import of_answer, of_sound

LEAST_SECONDS = 0.5
TEMPO_SECONDS = 60
"""The middle minute tells the tempo of a song as well as the whole."""
MOST_TAGS = 8
HEARD = 0.4
"""A tag of 0.5 is heard more clearly than in nine of ten songs."""


class Outputs(NamedTuple):
    """What the service gives."""

    style: Annotated[Style, Port("genres, instruments, mood and tempo, by the sound alone")]


TRAINED = Trained(
    "music-style", MODEL, decision=lambda outputs: outputs["style"].genres[0].label, baseline=BASELINE,
    predictions=PREDICTIONS,
)  # fmt: skip


@service("music-style", version="1.0.0", licence="Apache-2.0", tags=["Audio Processing"], timeout=300, model=TRAINED)
class MusicStyle:
    """Say which style of music a song is, and how it sounds.

    Gives calibrated probabilities of eleven genres (blues, classical, country, disco, electronic, hiphop, jazz, metal,
    pop, reggae, rock), says so when none stands out, and adds instruments, voices and moods heard, tempo, energy,
    brightness and valence. Takes any audio from half a second to a whole song; under two seconds it is always unsure.
    """

    def __init__(self, context: Context) -> None:
        self.model = context.model
        self.classifier = Classifier(self.model.file)

    def warm(self) -> None:
        """Hear half a minute of noise."""
        self.classifier(np.random.default_rng(0).normal(0, 0.1, 30 * self.classifier.rate).astype(np.float32))

    def run(self, song: Annotated[Audio, Port("a song or a part of it")], *, context: Context) -> Outputs:
        """Listen to excerpts that are spread over the song."""
        rate = self.classifier.rate
        samples = song.decode(rate)
        seconds = len(samples) / rate
        if seconds < LEAST_SECONDS:
            raise InputRefused(
                say(
                    "`song` lasts {seconds:.2f} s, too short to hear a style. Give at least {least} "
                    "s; from 2 s on the answer can be sure.",
                    seconds=seconds,
                    least=LEAST_SECONDS,
                ),
                port="song",
            )
        impression = self.classifier(samples, context.progress)
        heard = middle(samples, TEMPO_SECONDS * rate)
        style = describe(impression, heard, rate, seconds)
        context.observe(**of_sound(heard, rate), **of_answer(impression.genres))
        return Outputs(style.model_copy(update={"model": self.model.name}))


def describe(impression: Impression, samples: np.ndarray, rate: int, seconds: float) -> Style:
    """Put what was heard into the words of the kind."""
    return Style(
        genres=ranked(impression.genres),
        unsure=impression.unsure,
        tags=tuple(score for score in ranked(impression.tags)[:MOST_TAGS] if score.score >= HEARD),
        tempo=tempo(samples, rate),
        energy=impression.energy,
        brightness=brightness(samples, rate),
        valence=impression.valence,
        seconds=seconds,
    )


def ranked(scores: dict[str, float]) -> tuple[Score, ...]:
    """Return labels with their scores, highest first."""
    return tuple(Score(label=label, score=scores[label]) for label in sorted(scores, key=lambda label: -scores[label]))


def middle(samples: np.ndarray, size: int) -> np.ndarray:
    """Return the `size` samples in the middle, or all when there are fewer."""
    start = max(0, (len(samples) - size) // 2)
    return samples[start : start + size]
