"""Whisper on windows of a song: language, hypotheses, and words with times."""

import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from halles_services.speech_recognition.singing import FRAMES, RATE, Span

if TYPE_CHECKING:
    from faster_whisper.tokenizer import Tokenizer

BATCH = 8
"""Windows decoded at once: the decoder reads its weights once for all of them, which halves its time."""
STEP = 15.0
"""Whisper was trained on 30 s, filled up with silence. Windows are filled up to the next multiple of this many seconds,
so that batches form and little work goes into silence; some silence must follow, or the last words are lost."""
SILENCE = 1.0
FASTEST = 9.0
"""Tokens a second that nobody sings; ends texts that would turn in circles up to Whisper's limit."""
LANGUAGE_WINDOWS = 6
"""Windows that tell the language."""
LOOP = 2.4
"""Text that compresses better than this turns in circles (the threshold of Whisper's authors)."""
LOOP_NGRAM = 6
"""Words of which a text that turned in circles may not repeat as many, when it is written again."""
HOPELESS = -1.0
"""Mean log probability under which a text is a guess at noise (again the authors' threshold), and left out."""

UNSPACED = frozenset({"zh", "yue", "ja", "th", "lo", "my"})
"""Languages written without spaces between words."""
LATIN = frozenset(
    "af az br bs ca cs cy da de en es et eu fi fo fr gl ha haw hr ht hu id is it jw la lb ln lt lv mg mi ms mt "  # noqa: SIM905
    "nl nn no oc pl pt ro sk sl sn so sq su sv sw tk tl tr uz vi yo".split()
)
"""Languages that Whisper writes in Latin letters."""


@dataclass(frozen=True)
class Heard:
    """One word of a hypothesis, with the probability that Whisper gives it when it hears nothing but the window."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True)
class Hypothesis:
    """What Whisper writes for a window; `score` is the mean log probability of its tokens."""

    span: Span
    tokens: tuple[int, ...]
    score: float
    loops: bool


@dataclass(frozen=True)
class Window:
    """A window of the song with the encoder's view of it, shape (1, frames, features), 50 frames a second."""

    span: Span
    encoded: np.ndarray


class Listener:
    """A Whisper model with its tokenizer."""

    def __init__(self, weights: Path, threads: int) -> None:
        from faster_whisper import WhisperModel

        self.model = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=threads)

    @property
    def languages(self) -> list[str]:
        """The codes of the languages that the model knows."""
        return list(self.model.supported_languages)

    def window(self, samples: np.ndarray, span: Span) -> Window:
        """Encode a window of the song (mono, 16 kHz); one at a time, because several at once cost more each."""
        from faster_whisper.audio import pad_or_trim

        piece = samples[round(span.start * RATE) : round(span.end * RATE)]
        features = self.model.feature_extractor(piece)[..., :-1]
        seconds = min(30.0, np.ceil((span.end - span.start + SILENCE) / STEP) * STEP)
        return Window(span, np.array(self.model.encode(pad_or_trim(features, int(seconds * FRAMES)))))

    def language(self, windows: Sequence[Window]) -> tuple[str, float]:
        """Return the language that is most probable over several windows, weighted by their length."""
        seconds: dict[str, float] = {}
        for window in windows[:: -(-len(windows) // LANGUAGE_WINDOWS)]:
            (guesses,) = self.model.model.detect_language(stack([window]))
            for token, probability in guesses:
                weight = probability * (window.span.end - window.span.start)
                seconds[token[2:-2]] = seconds.get(token[2:-2], 0.0) + weight
        best = max(sorted(seconds), key=lambda code: seconds[code])
        return best, seconds[best] / sum(seconds.values())

    def speaker(self, language: str) -> "Speaker":
        """The model bound to a language."""
        from faster_whisper.tokenizer import Tokenizer

        tokenizer = Tokenizer(
            self.model.hf_tokenizer, self.model.model.is_multilingual, task="transcribe", language=language
        )
        return Speaker(self, tokenizer, language)

    @cached_property
    def foreign_tokens(self) -> frozenset[int]:
        """Tokens with letters that are not Latin; a model in doubt otherwise mixes scripts."""
        decode = self.model.hf_tokenizer.decode
        return frozenset(
            token for token in range(self.model.hf_tokenizer.token_to_id("<|endoftext|>")) if foreign(decode([token]))
        )


def foreign(text: str) -> bool:
    """Whether a text holds letters that are not Latin."""
    return any(letter.isalpha() and "LATIN" not in unicodedata.name(letter, "LATIN") for letter in text)


class Speaker:
    """Writes down what is sung in one language."""

    def __init__(self, listener: Listener, tokenizer: "Tokenizer", language: str) -> None:
        from faster_whisper.transcribe import get_suppressed_tokens

        self.listener, self.tokenizer = listener, tokenizer
        self.spaced = language not in UNSPACED
        suppressed = set(get_suppressed_tokens(tokenizer, [-1]))
        if language in LATIN:
            suppressed |= listener.foreign_tokens
        self.suppressed = sorted(suppressed)

    def write(self, windows: Sequence[Window], beam: int, told: Sequence[list[int]]) -> list[Hypothesis]:
        """Transcribe windows; `told` holds for each the tokens of other text of the song."""
        written: dict[int, Hypothesis] = {}
        for batch in batches(
            [(window.encoded.shape[1], len(tokens)) for window, tokens in zip(windows, told, strict=True)]
        ):
            found = self._decode([windows[i] for i in batch], [told[i] for i in batch], beam)
            written.update(zip(batch, found, strict=True))
        for i in [i for i, hypothesis in written.items() if hypothesis.loops]:
            (written[i],) = self._decode([windows[i]], [[]], beam, no_repeat_ngram_size=LOOP_NGRAM)
        return [written[i] for i in range(len(windows))]

    def _prompt(self, told: list[int]) -> list[int]:
        before = [self.tokenizer.sot_prev, *told] if told else []
        return [*before, *self.tokenizer.sot_sequence, self.tokenizer.no_timestamps]

    def _decode(
        self, windows: Sequence[Window], told: Sequence[list[int]], beam: int, **options: Any
    ) -> list[Hypothesis]:
        prompts = [self._prompt(tokens) for tokens in told]
        longest = max(window.span.end - window.span.start for window in windows)
        results = self.listener.model.model.generate(
            stack(windows),
            prompts,
            beam_size=beam,
            max_length=min(self.listener.model.max_length, max(map(len, prompts)) + round(longest * FASTEST)),
            suppress_tokens=self.suppressed,
            return_scores=True,
            **options,
        )
        found = []
        for window, result in zip(windows, results, strict=True):
            tokens = tuple(token for token in result.sequences_ids[0] if token < self.tokenizer.eot)
            score = result.scores[0] * len(tokens) / (len(tokens) + 1)
            kept = tokens if score > HOPELESS else ()
            found.append(Hypothesis(window.span, kept, score, loops(self.tokenizer.decode(kept))))
        return found

    def words(self, windows: Sequence[Window], hypotheses: Sequence[Hypothesis]) -> list[Heard]:
        """Align hypotheses with their windows; gives each word its time and its probability."""
        written = [pair for pair in zip(windows, hypotheses, strict=True) if pair[1].tokens]
        found: dict[int, list[Heard]] = {}
        for batch in batches([window.encoded.shape[1] for window, _ in written]):
            chosen = [written[i] for i in batch]
            aligned = self.listener.model.find_alignment(
                self.tokenizer,
                [list(hypothesis.tokens) for _, hypothesis in chosen],
                stack([window for window, _ in chosen]),
                [round((window.span.end - window.span.start) * FRAMES) for window, _ in chosen],
            )
            for i, pieces in zip(batch, aligned, strict=True):
                found[i] = self._join(written[i][0].span, pieces)
        return [word for i in range(len(written)) for word in found[i]]

    def _join(self, span: Span, pieces: Sequence[dict[str, Any]]) -> list[Heard]:
        """Whisper's tokenizer cuts words at apostrophes and punctuation; put them together again."""
        found: list[Heard] = []
        for piece in pieces:
            text, probability = piece["word"], float(piece["probability"])
            start, end = span.start + float(piece["start"]), min(span.end, span.start + float(piece["end"]))
            if found and self.spaced and not text.startswith(" "):
                last = found.pop()
                least = min(last.probability, probability) if key(text) else last.probability
                found.append(Heard(last.text + text, last.start, end if key(text) else last.end, least))
            else:
                found.append(Heard(text.strip(), start, end, probability))
        return [word for word in found if key(word.text)]


def batches(sizes: Sequence[Any]) -> Iterator[list[int]]:
    """Group the indices of equal sizes into batches: CTranslate2 takes together only what is of one length."""
    for _, group in groupby(sorted(range(len(sizes)), key=sizes.__getitem__), sizes.__getitem__):
        alike = list(group)
        yield from (alike[i : i + BATCH] for i in range(0, len(alike), BATCH))


def stack(windows: Sequence[Window]) -> Any:
    """Return encoded windows of one length as a batch."""
    import ctranslate2

    return ctranslate2.StorageView.from_array(np.concatenate([window.encoded for window in windows]))


def loops(text: str) -> bool:
    """Whether a text repeats itself more than a chorus does."""
    data = text.encode()
    return len(data) > LOOP * len(zlib.compress(data)) if data else False


def key(text: str) -> str:
    """Return what two spellings of a word have in common: letters and digits in lower case."""
    return "".join(letter for letter in text.lower() if letter.isalnum())
