"""A song heard several times, and what comes of it."""

from collections.abc import Sequence

import numpy as np

from halles.sdk import Context, say
from halles_services.kinds import Lyrics
from halles_services.speech_recognition.lines import lines
from halles_services.speech_recognition.listening import Heard, Hypothesis, Listener, Speaker, Window
from halles_services.speech_recognition.singing import RATE, Span, cuts, share, windows
from halles_services.speech_recognition.voting import Chosen, vote

LONGEST = 28.5
"""Seconds of a window; Whisper hears 30."""
CHAPTER = 24
"""Windows (about ten minutes) that are in memory at once."""
CONTEXT = 100
"""Tokens of the song's other lines that a window is told."""
TRUSTED = -0.5
"""Mean log probability from which on a text is told to other windows."""


class Transcription:
    """The work on one song."""

    def __init__(
        self,
        samples: np.ndarray,
        voice: np.ndarray,
        listener: Listener,
        *,
        hearings: int,
        beam: int,
        context: Context,
    ) -> None:
        self.samples, self.voice, self.listener = samples, voice, listener
        self.hearings, self.beam, self.context = hearings, beam, context

    def write(self, voiced: Sequence[Span], language: str | None) -> Lyrics:
        """Transcribe the passages in which somebody sings."""
        covering = windows(voiced, self.voice, LONGEST)
        words: list[Chosen] = []
        sure, speaker = 1.0, None
        for i in range(0, len(covering), CHAPTER):
            chapter = covering[i : i + CHAPTER]
            first = [self.listener.window(self.samples, span) for span in chapter]
            if speaker is None:
                if language is None:
                    language, sure = self.listener.language(first)
                speaker = self.listener.speaker(language)
            share_done = (i / len(covering), min(1.0, (i + CHAPTER) / len(covering)))
            words += self._chapter(speaker, first, within(voiced, chapter), share_done)
        written = any(letter.isalpha() for word in words for letter in word.text)
        segments = lines(words, speaker.spaced) if speaker and written else ()  # Figures alone are guesses at noise.
        return Lyrics(
            text="\n".join(segment.text for segment in segments),
            language=language if segments else None,
            language_confidence=round(sure, 3) if segments else 0.0,
            segments=segments,
            seconds=round(len(self.samples) / RATE, 3),
            singing=round(share(self.voice), 3) if segments else 0.0,
        )

    def _chapter(
        self, speaker: Speaker, first: list[Window], voiced: Sequence[Span], done: tuple[float, float]
    ) -> list[Chosen]:
        """Hear a part of the song several times and vote; every hearing knows what the one before has written."""
        heard: list[list[Heard]] = []
        written: list[Hypothesis] = []
        second: list[Window] = []
        for turn in range(self.hearings):
            self.context.progress(
                done[0] + (done[1] - done[0]) * turn / self.hearings, say("listening, time {turn}", turn=turn + 1)
            )
            if turn == 1:
                avoid = cuts([window.span for window in first])
                spans = windows(voiced, self.voice, LONGEST, avoid)
                known = {window.span: window for window in first}
                second = [known.get(span) or self.listener.window(self.samples, span) for span in spans]
            now = second if turn % 2 else first
            written = speaker.write(now, self.beam, [tell(written, window.span) for window in now])
            heard.append(speaker.words(now, written))
        return vote(heard[::-1])


def tell(written: Sequence[Hypothesis], window: Span) -> list[int]:
    """Return the end of what the song's other windows say, as far as it is trusted, the surest first chosen."""
    others = [h for h in written if h.score > TRUSTED and not h.loops and h.span.overlap(window) < 1]
    chosen: list[Hypothesis] = []
    for hypothesis in sorted(others, key=lambda h: -h.score):
        if sum(len(h.tokens) for h in chosen) < CONTEXT:
            chosen.append(hypothesis)
    chosen.sort(key=lambda h: h.span)
    return [token for h in chosen for token in h.tokens][-CONTEXT:]


def within(voiced: Sequence[Span], chapter: Sequence[Span]) -> list[Span]:
    """Return the passages as far as they lie in a chapter."""
    low, high = chapter[0].start, chapter[-1].end
    clipped = [Span(max(low, span.start), min(high, span.end)) for span in voiced]
    return [span for span in clipped if span.end > span.start]
