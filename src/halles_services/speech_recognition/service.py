"""What is sung in a song, and when."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from halles.sdk import Audio, Context, InputRefused, Port, say, service
from halles_services.kinds import Lyrics
from halles_services.speech_recognition.listening import Listener
from halles_services.speech_recognition.singing import RATE, SingingDetector, Span, passages
from halles_services.speech_recognition.transcription import Transcription
from halles_services.speech_recognition.weights import SIZES, WHISPER_BASE

Size = Literal["tiny", "base", "small", "medium", "large-v2", "large-v3", "large-v3-turbo"]


class Outputs(NamedTuple):
    """What the service gives."""

    lyrics: Annotated[Lyrics, Port("the sung lines with language, times and confidences")]
    text: Annotated[str, Port("the sung lines alone; empty when nobody sings", kind="lyrics")]


@service(
    "speech-recognition",
    version="1.0.0",
    name="Speech recognition",
    licence="MIT",
    tags=["Speech Recognition", "Audio Processing"],
    weights=[WHISPER_BASE],
    timeout=3600,
)
class SpeechRecognition:
    """Write down what is sung in a song, or said, with the time of every word.

    Finds first where somebody sings, so that instrumentals give an empty text. Then Whisper hears the singing up to
    three times, in windows cut at different pauses; from the second time on it is told the lines of the rest of the
    song that it was sure of, because songs repeat their words. The hearings are put to the vote word by word.
    """

    def __init__(self, context: Context) -> None:
        self.detector = SingingDetector()
        self.listeners = {"base": Listener(context.weights(WHISPER_BASE), context.threads)}

    def run(
        self,
        song: Annotated[Audio, Port("a song, or speech")],
        vocals: Annotated[Audio | None, Port("the extracted singing of the song: tells where somebody sings")] = None,
        *,
        size: Annotated[Size, Field(description="of Whisper; all but base come from the model hub")] = "base",
        language: Annotated[
            str | None, Field(description="ISO 639-1 code of the language that is sung; found out when not given")
        ] = None,
        hearings: Annotated[
            int, Field(ge=1, le=4, description="how often Whisper listens; one takes half the time")
        ] = 3,
        beam: Annotated[int, Field(ge=1, le=10, description="texts that are followed at once in the search")] = 5,
        context: Context,
    ) -> Outputs:
        """Transcribe a song."""
        samples = song.decode(RATE)
        context.progress(0.02, "looking for singing")
        voice = self.detector(vocals.decode(RATE)[: len(samples)] if vocals else samples)
        voiced = [Span(span.start, min(span.end, len(samples) / RATE)) for span in passages(voice)]
        if not voiced:
            return Outputs(Lyrics(text="", seconds=round(len(samples) / RATE, 3)), "")
        listener = self._listener(size, context)
        if language and language not in listener.languages:
            raise InputRefused(
                say(
                    "Whisper {size} does not know the language `{language}`. It knows {languages:, }.",
                    size=size,
                    language=language,
                    languages=listener.languages,
                )
            )
        work = Transcription(samples, voice, listener, hearings=hearings, beam=beam, context=context)
        lyrics = work.write(voiced, language)
        return Outputs(lyrics, lyrics.text)

    def _listener(self, size: Size, context: Context) -> Listener:
        if size not in self.listeners:
            self.listeners[size] = Listener(context.weights(SIZES[size]), context.threads)
        return self.listeners[size]
