"""Measure what an analysis costs: CPU seconds to load and per song and 1,000 words, and the memory of the process.

python training/emotions/cost.py --lyrics ../shared/data/songs
"""

import argparse
import resource
import time
from pathlib import Path

from halles.sdk import run_service
from halles_services.text_analysis.service import TextAnalyser


def main() -> None:
    """Analyse every `*.lyrics.txt` of a folder once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lyrics", type=Path, default=Path("../shared/data/songs"))
    texts = [file.read_text(encoding="utf-8") for file in sorted(parser.parse_args().lyrics.glob("*.lyrics.txt"))]
    before = time.process_time()
    run_service(TextAnalyser, text="one line to load everything")
    loaded = time.process_time()
    for text in texts:
        run_service(TextAnalyser, text=text)
    spent, words = time.process_time() - loaded, sum(len(text.split()) for text in texts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{len(texts)} songs, {words} words")
    print(
        f"CPU seconds: {loaded - before:.2f} to load, "
        f"{spent / len(texts):.2f} a song, {1000 * spent / words:.2f} per 1,000 words"
    )
    print(f"peak memory of the process: {memory:.0f} MB")


if __name__ == "__main__":
    main()
