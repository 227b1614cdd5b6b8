"""How long things are kept: runs, uploads, results, and artifacts that nothing refers to any more.

Nothing is lost that is shared, pinned, waits, is executed, or belongs to a run that is kept. An artifact goes in two
steps: at first it is only remembered that nothing refers to it; it is deleted when that is still so later. So whatever
was just about to refer to it, such as a run that has found it in the cache, is in time.
"""

import math
import time

from pydantic import Field

from halles.model import Model
from halles.sdk import settings
from halles.stores.history import History
from halles.stores.keeping import Keeping
from halles.stores.objects import Objects

DAY = 86400.0
GRACE = 3600.0
"""Seconds between the two steps."""
PAUSE = 1800.0
"""Seconds between two sweeps of a server."""
HISTORY_DAYS = 365.0


class Policy(Model):
    """Days for which things are kept; `inf` is for ever."""

    runs: float = Field(default=math.inf, description="after their end")
    uploads: float = Field(default=math.inf, description="after they were uploaded last")
    results: float = Field(default=90.0, description="of calls, if no run that is kept has them")
    unused: float = Field(default=7.0, description="artifacts that nothing refers to, after they were written")

    @classmethod
    def read(cls) -> "Policy":
        """From the environment. Raises `Problems` for what is no number above 0."""
        return cls(
            runs=settings.number("HALLES_KEEP_RUNS_DAYS", math.inf),
            uploads=settings.number("HALLES_KEEP_UPLOADS_DAYS", math.inf),
            results=settings.number("HALLES_KEEP_RESULTS_DAYS", 90.0),
            unused=settings.number("HALLES_KEEP_UNUSED_DAYS", 7.0),
        )


class Swept(Model):
    """What a sweep forgot. `freed` is in bytes."""

    runs: int
    uploads: int
    results: int
    artifacts: int
    freed: int


def sweep(policy: Policy, keeping: Keeping, history: History, objects: Objects, *, now: float | None = None) -> Swept:
    """Forget what is older than the policy says. Several processes may do it at the same time."""
    now = time.time() if now is None else now
    runs = keeping.forget_runs(now - policy.runs * DAY)
    uploads = keeping.forget_uploads(now - policy.uploads * DAY)
    results = keeping.forget_results(now - policy.results * DAY)
    history.prune(before=now - HISTORY_DAYS * DAY)
    before = now - policy.unused * DAY
    freed = objects.sweep(before=now - DAY)
    old = {sha256: size for sha256, size, written in objects.all() if written < before}
    unused = old.keys() - keeping.referenced()
    artifacts = 0
    for sha256 in keeping.doom(set(unused), now=now, before=now - GRACE):
        if objects.delete(sha256, before=before):
            artifacts += 1
            freed += old[sha256]
    return Swept(runs=runs, uploads=uploads, results=results, artifacts=artifacts, freed=freed)
