"""The voice-extraction service."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from halles.sdk import Audio, Context, Port, service
from halles_services.voice_extraction.separation import RATE, Separator, measure
from halles_services.voice_extraction.weights import MODEL, SPLEETER


class Stems(NamedTuple):
    """The two parts of a song."""

    vocals: Annotated[Audio, Port("the singing alone, stereo, 44.1 kHz")]
    accompaniment: Annotated[Audio, Port("everything but the singing, stereo, 44.1 kHz")]


@service(
    "voice-extraction",
    version="1.0.0",
    name="Voice extraction",
    licence="MIT",
    tags=["Audio Processing"],
    weights=[SPLEETER],
    timeout=1800,
)
class VoiceExtraction:
    """Separate the singing of a song from its accompaniment.

    Two U-Nets (Spleeter 2stems) say for every moment and frequency how much of the sound is sung. Both outputs
    are as long as the song and add up to it. The song may have any length, rate and number of channels; it is
    worked through piece by piece, so that memory does not grow with it.
    """

    def __init__(self, context: Context) -> None:
        self.separator = Separator(context.weights(SPLEETER) / MODEL, context.threads)

    def run(
        self,
        song: Annotated[Audio, Port("a song: any audio file")],
        *,
        codec: Annotated[Literal["flac", "opus"], Field(description="flac is exact, opus a tenth as large")] = "flac",
        context: Context,
    ) -> Stems:
        """Separate a song: once through it for its level, once for the work."""
        context.progress(0, "listening")
        level = measure(song.blocks(RATE, 2))
        done = 0
        with Audio.writer(RATE, 2, codec) as vocals, Audio.writer(RATE, 2, codec) as accompaniment:
            for sung, played in self.separator.separate(song.blocks(RATE, 2), level.rms):
                vocals.write(sung)
                accompaniment.write(played)
                done += sung.shape[1]
                context.progress(done / level.samples, "separating")
        return Stems(vocals.audio, accompaniment.audio)
