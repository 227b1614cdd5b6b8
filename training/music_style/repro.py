"""Train: run the stages whose data, code or parameters changed, then keep and track what came of it.

Usage: python training/music_style/repro.py [--note "what is new"] [options of `dvc repro`]
"""

import argparse
import os
import subprocess
import sys

from data import CLIPS
from settings import PROJECT, read_settings
from track import of_project, tell

ALONE = {"OPENBLAS_NUM_THREADS": "1"}
"""One thread adds the same numbers in the same order, and does not wait for others: the tables are small."""


def options() -> list[str]:
    """What DVC must be told. Ends the program when there is nothing to learn from."""
    source = read_settings().data.folder
    if source.is_dir():
        return []
    if not (PROJECT / "out" / "data" / CLIPS).exists():
        message = f"There is no folder {source.resolve()}. Set `data.source` in params.yaml to a folder with music, "
        raise SystemExit(f"{message}or get clips that were gathered before with `dvc pull`.")
    print(f"There is no folder {source.resolve()}: the training uses the clips that were gathered before.")
    return ["--allow-missing"]


def main() -> None:
    """Run DVC, and keep the run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--note", default="", help="what is new in this run")
    arguments, rest = parser.parse_known_args()
    command = [sys.executable, "-m", "dvc", "repro", *options(), *rest]
    try:
        code = subprocess.run(command, cwd=PROJECT, env=ALONE | os.environ, check=False).returncode
    except KeyboardInterrupt:
        raise SystemExit("Interrupted. The next `make train` goes on where this one was.") from None
    if code:
        raise SystemExit(code)
    tell(of_project(PROJECT / "out", arguments.note))


if __name__ == "__main__":
    main()
