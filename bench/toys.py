"""Services for measurements that leave traces of what was really executed, on the shelf of real commands."""

import os
import time
from pathlib import Path

from halles.model import Retry
from halles.sdk import service

ROOT = Path(__file__).parents[1]


@service("bench-mark", version="1", licence="Apache-2.0", retry=Retry(attempts=1), cacheable=False)
def mark(text: str, *, step: str, file: str, seconds: float = 0.0) -> str:
    """Work for a while, then write down which step of which run was executed, and when that began."""
    begun = time.time()
    time.sleep(seconds)
    with open(file, "a", encoding="utf-8") as marks:  # noqa: PTH123 - one append, whole or not at all.
        marks.write(f"{text.partition('+')[0]} {step} {begun!r}\n")
    return f"{text}+{step}"


@service("bench-echo", version="1", licence="Apache-2.0")
def echo(text: str, *, number: int = 0) -> str:
    """Do next to nothing."""
    return f"{text}{number}"


@service("bench-upper", version="1", licence="Apache-2.0")
def upper(text: str) -> str:
    """Do next to nothing, elsewhere."""
    return text.upper()


@service("bench-lower", version="1", licence="Apache-2.0")
def lower(text: str) -> str:
    """The same, the other way round."""
    return text.lower()


SERVICES = [mark, echo]
"""What is installed; the others announce themselves."""


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Variables with which a command of Halles finds these services, and has its home in a folder."""
    info = folder / "site" / "toys-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toys\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[halles.services]\n" + "".join(f"{each.slug} = bench.toys:{each.target.__name__}\n" for each in SERVICES)
    )
    path = os.pathsep.join([str(folder / "site"), str(ROOT)])
    home = {"HALLES_HOME": str(folder / "home"), "HALLES_LOG_LEVEL": "error", "PYTHONPATH": path}
    return {**os.environ, **home, **settings}
