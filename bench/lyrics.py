"""How well lyrics are recognised, song by song, beside plain Whisper of the same size.

    python -m bench.lyrics [--songs ../shared/data/songs] [--seed 0] [--json FILE] [--texts FOLDER]

Plain Whisper is faster-whisper with the same weights as it comes: int8, beam 5, no voice detection, on the whole mix.
A word error rate is substitutions, deletions and insertions over the words of the true lyrics. Both texts are brought
to one form first: lower case, no accents, no punctuation, English contractions written out. CPU seconds are those of
all threads, decoding the file and finding the singing included. Instrumentals must give no text at all.
"""

import argparse
import json
import re
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from halles.sdk import Audio, Context, run_service
from halles.weights import Recipe, Source, Wheel, ensure
from halles_services.speech_recognition.service import SpeechRecognition
from halles_services.speech_recognition.weights import WHISPER_BASE

SONGS = Path(__file__).parents[1].parent / "shared" / "data" / "songs"
RATE = 16_000
LESS_ERRORS, NEVER_WORSE, MORE_CPU = 0.85, 0.02, 1.5

_WHEEL = "immich_memories_music-0.1.0-py3-none-any.whl"
_SHA256 = "1b702f617250ed8ffe3dc2bba4d2105f842b6d5da08e8ff9a10110f54b7bd06a"
INSTRUMENTALS = Recipe(
    name="instrumental-tracks",
    licence="MIT",
    origin="https://pypi.org/project/immich-memories-music/",
    files={_WHEEL: _SHA256},
    sources=[Source([Wheel("immich-memories-music", "0.1.0", _WHEEL, _SHA256)])],
)

CONTRACTIONS = {
    r"\bmr\b": "mister",
    r"\bok\b": "okay",
    r"\b(?:'?cause|'?cuz|coz)\b": "because",
    r"\bgonna\b": "going to",
    r"\bwanna\b": "want to",
    r"\bgotta\b": "got to",
    r"\bwon't\b": "will not",
    r"\bcan't\b": "can not",
    r"n't\b": " not",
    r"'m\b": " am",
    r"'re\b": " are",
    r"'ve\b": " have",
    r"'ll\b": " will",
    r"in'(?=\s|$)": "ing",
}


def normal(text: str, language: str) -> str:
    """The words of a text in a form in which equal words are equal."""
    text = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    if language == "en":
        for pattern, words in CONTRACTIONS.items():
            text = re.sub(pattern, words, text)
    return " ".join(re.sub(r"[^\w\s]", " " if language != "en" else "", text.replace("-", " ")).split())


def errors(truth: str, text: str, language: str) -> tuple[int, int]:
    """Wrong words, and words of the truth."""
    import jiwer

    counts = jiwer.process_words(normal(truth, language), normal(text, language))
    return (
        counts.substitutions + counts.deletions + counts.insertions,
        counts.hits + counts.substitutions + counts.deletions,
    )


def timed(work: Callable[[], str]) -> tuple[str, float]:
    """What it gives, and the CPU seconds of all threads."""
    before = time.process_time()
    return work(), time.process_time() - before


def plain(context: Context, seed: int) -> Callable[[Path], str]:
    """faster-whisper as it comes."""
    import ctranslate2
    from faster_whisper import WhisperModel

    model = WhisperModel(
        str(context.weights(WHISPER_BASE)), device="cpu", compute_type="int8", cpu_threads=context.threads
    )

    def transcribe(song: Path) -> str:
        ctranslate2.set_random_seed(seed)  # When it is unsure it samples.
        segments, _ = model.transcribe(str(song), beam_size=5)
        return "\n".join(segment.text.strip() for segment in segments)

    return transcribe


def songs(folder: Path) -> Iterator[tuple[Path, str, str]]:
    """Each song with its lyrics and the language of its file name (`name.fr.mp3`), English when it has none."""
    for lyrics in sorted(folder.glob("*.lyrics.txt")):
        name = lyrics.name.removesuffix(".lyrics.txt")
        song = next(path for path in folder.glob(f"{name}.*") if path.suffix in {".mp3", ".opus", ".wav", ".flac"})
        suffix = name.rpartition(".")[2]
        yield song, lyrics.read_text(encoding="utf-8"), suffix if len(suffix) == 2 else "en"


def compare(folder: Path, context: Context, seed: int, texts: Path | None) -> list[dict[str, Any]]:
    """Word errors and CPU seconds of both on every song."""
    transcribe = plain(context, seed)
    SpeechRecognition.setup(context)
    rows = []
    for song, truth, language in songs(folder):
        before, before_cpu = timed(lambda song=song: transcribe(song))  # type: ignore[misc]
        ours, cpu = timed(lambda song=song: run_service(SpeechRecognition, context=context, song=Audio(song)).text)  # type: ignore[misc]
        wrong, words = errors(truth, ours, language)
        rows.append(
            {
                "song": song.stem,
                "words": words,
                "plain_errors": errors(truth, before, language)[0],
                "errors": wrong,
                "plain_cpu": before_cpu,
                "cpu": cpu,
                "seconds": Audio(song).probe().seconds,
            }
        )
        print(line(rows[-1]), flush=True)
        if texts:
            texts.mkdir(parents=True, exist_ok=True)
            for kind, text in (("plain", before), ("service", ours)):
                (texts / f"{song.stem}.{kind}.txt").write_text(text + "\n")
    return rows


def line(row: dict[str, Any]) -> str:
    """A song as a line of the table."""
    return (
        f"| {row['song'][:40]:40} | {row['words']:5} | {row['plain_errors'] / row['words']:5.3f} "
        f"| {row['errors'] / row['words']:7.3f} | {row['plain_cpu']:9.1f} | {row['cpu']:7.1f} |"
    )


def synthetic() -> Iterator[tuple[str, Audio]]:
    """Sounds in which nobody sings."""
    rng = np.random.default_rng(0)
    time_axis = np.arange(20 * RATE) / RATE
    spectrum = np.fft.rfft(rng.normal(size=20 * RATE)) / np.sqrt(np.arange(10 * RATE + 1) + 1)
    pink = np.fft.irfft(spectrum)
    sounds = {
        "silence": np.zeros(20 * RATE),
        "white noise": rng.normal(0, 0.1, 20 * RATE),
        "pink noise": 0.3 * pink / np.abs(pink).max(),
        "sine of 440 Hz": 0.3 * np.sin(2 * np.pi * 440 * time_axis),
        "0.2 s of noise": rng.normal(0, 0.1, RATE // 5),
    }
    for name, samples in sounds.items():
        yield name, Audio.encode(samples.astype(np.float32), RATE)


def tracks(folder: Path | None) -> Iterator[tuple[str, Audio]]:
    """Instrumental music: of a folder, or of a package of 28 free tracks."""
    if folder:
        yield from ((path.name, Audio(path)) for path in sorted(folder.rglob("*")) if path.suffix in {".opus", ".mp3"})
        return
    with zipfile.ZipFile(ensure(INSTRUMENTALS) / _WHEEL) as wheel:
        for member in sorted(name for name in wheel.namelist() if name.endswith(".opus")):
            yield Path(member).stem, Audio(wheel.read(member), "audio/ogg")


def invented(context: Context, folder: Path | None) -> dict[str, str]:
    """What is written down of instrumentals, all of it invented; empty texts included."""
    sounds = [*synthetic(), *tracks(folder)]
    return {name: run_service(SpeechRecognition, context=context, song=audio).text for name, audio in sounds}


def verdict(rows: list[dict[str, Any]], texts: dict[str, str]) -> dict[str, Any]:
    """The figures that count, with their limits."""
    total = {
        name: sum(row[name] for row in rows)
        for name in ("words", "plain_errors", "errors", "plain_cpu", "cpu", "seconds")
    }
    return {
        "plain_wer": total["plain_errors"] / total["words"],
        "wer": total["errors"] / total["words"],
        "errors_ratio": total["errors"] / total["plain_errors"],
        "worst_change": max((row["errors"] - row["plain_errors"]) / row["words"] for row in rows),
        "cpu_ratio": total["cpu"] / total["plain_cpu"],
        "cpu_per_second": total["cpu"] / total["seconds"],
        "instrumentals": len(texts),
        "invented_texts": sum(bool(text) for text in texts.values()),
    }


def show(figures: dict[str, Any]) -> None:
    """Print the verdict."""
    print(f"\nin all {figures['plain_wer']:.3f} → {figures['wer']:.3f}")
    for name, limit in (
        ("errors_ratio", LESS_ERRORS),
        ("worst_change", NEVER_WORSE),
        ("cpu_ratio", MORE_CPU),
        ("invented_texts", 0),
    ):
        print(f"{name:15} {figures[name]:7.3f}  at most {limit:5}  {'holds' if figures[name] <= limit else 'missed'}")
    print(f"{figures['cpu_per_second']:.3f} CPU seconds a second of audio; {figures['instrumentals']} instrumentals")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lyrics", description="Measure speech recognition on songs.")
    parser.add_argument("--songs", type=Path, default=SONGS, help="folder of songs, each with a .lyrics.txt")
    parser.add_argument("--instrumentals", type=Path, help="folder of music in which nobody sings")
    parser.add_argument("--seed", type=int, default=0, help="of plain Whisper, which samples when it is unsure")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--texts", type=Path, help="write the recognised texts to this folder")
    options = parser.parse_args()
    if not options.songs.is_dir():
        parser.error(f"{options.songs} is not there; give a folder with songs and their .lyrics.txt as --songs")
    context = Context(threads=2)
    print(f"| {'song':40} | words | plain | service | plain CPU | CPU (s) |\n|---|---:|---:|---:|---:|---:|")
    rows = compare(options.songs, context, options.seed, options.texts)
    texts = invented(context, options.instrumentals)
    figures = verdict(rows, texts)
    show(figures)
    for name, text in texts.items():
        if text:
            print(f"invented for {name}: {text!r}")
    if options.json:
        options.json.write_text(json.dumps({**figures, "songs": rows, "invented": texts}, indent=2) + "\n")


if __name__ == "__main__":
    main()
