"""Fuzz the API as every role for a while, with a new seed each time: `python -m bench.fuzz [SECONDS]`, 600 at first."""

import random
import sys
import tempfile
import time
from pathlib import Path

from tests.security.fuzz import fuzz, target


def main() -> int:
    """Print what is found; the exit code says whether something was."""
    end = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 600)
    with tempfile.TemporaryDirectory() as folder, target(Path(folder) / "home") as (address, keys):
        turns = 0
        while time.monotonic() < end:
            role = list(keys)[turns % len(keys)]
            seed = random.randrange(2**31)
            if found := fuzz(address, keys[role], Path(folder), examples=20, seed=seed):
                print(f"As {role}, with seed {seed}:\n{found}")
                return 1
            turns += 1
            print(f"{turns}: nothing found as {role} with seed {seed}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
