"""What calls took in the past: the ground of estimates."""

import os
import resource
import statistics
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sql

from halles.model import Artifact, CallFailed, Result, Value, artifacts
from halles.sdk import Audio, InputRefused
from halles.stores.database import tables, upsert
from halles.stores.objects import Objects

CONSIDERED = 60
"""The newest calls of a service that count."""
ENOUGH = 5
"""Calls from which a relation between size and time is told."""

history = sql.Table(
    "history",
    tables,
    sql.Column("key", sql.String(64), primary_key=True),
    sql.Column("service", sql.String(200), nullable=False),
    sql.Column("version", sql.String(64), nullable=False),
    sql.Column("created", sql.Float, nullable=False),
    sql.Column("seconds", sql.Float, nullable=False),
    sql.Column("input_bytes", sql.BigInteger, nullable=False),
    sql.Column("input_seconds", sql.Float, comment="of sound, none where there is none"),
    sql.Column("memory", sql.BigInteger, comment="bytes that the process had at the end of the call, if it was ours"),
    sql.Index("history_of_service", "service", "version", "created"),
    sql.Index("history_by_age", "created"),
)


class Size(NamedTuple):
    """How much goes into a call: bytes, and seconds of sound where there is some."""

    bytes: int
    seconds: float | None


class Call(NamedTuple):
    """A call that was made."""

    seconds: float
    size: Size
    memory: int | None


class Range(NamedTuple):
    """Seconds: nine of ten calls take more than `low`, half `expected`, one of ten more than `high`."""

    low: float
    expected: float
    high: float


class History:
    """The calls that were really made, each once; what came from the cache took nothing."""

    def __init__(self, engine: sql.Engine, objects: Objects) -> None:
        self._engine = engine
        self._objects = objects
        self._memory: dict[str, int] = {}
        self.length = lru_cache(maxsize=4096)(self._length)

    def observe(self, identity: str) -> None:
        """A call of a service has just ended in this process: see how much memory it has now."""
        self._memory[identity] = resident()

    def write(self, connection: sql.Connection, result: Result) -> None:
        """Write a call down, in the transaction that keeps its result."""
        size = self.size(result.inputs)
        row = {
            "key": result.key, "service": result.service, "version": result.version, "created": result.created,
            "seconds": result.seconds, "input_bytes": size.bytes, "input_seconds": size.seconds,
            "memory": self._memory.get(result.identity),
        }  # fmt: skip
        upsert(connection, history, row)

    def calls(self, service: str, version: str) -> list[Call]:
        """The newest calls of a service in a version."""
        query = sql.select(history).where(history.c.service == service, history.c.version == version)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(history.c.created.desc()).limit(CONSIDERED)).mappings().all()
        return [Call(row["seconds"], Size(row["input_bytes"], row["input_seconds"]), row["memory"]) for row in rows]

    def prune(self, *, before: float) -> int:
        """Forget the calls made before a time (seconds since the epoch). Gives how many."""
        with self._engine.begin() as connection:
            return connection.execute(history.delete().where(history.c.created < before)).rowcount

    def size(self, inputs: dict[str, Value]) -> Size:
        """How much goes in."""
        every = [artifact for value in inputs.values() for artifact in artifacts(value)]
        lengths = [length for artifact in every if (length := self.length(artifact)) is not None]
        return Size(sum(artifact.size for artifact in every), sum(lengths) if lengths else None)

    def _length(self, artifact: Artifact) -> float | None:
        """Seconds of sound, as its header says."""
        if not artifact.media_type.startswith("audio/"):
            return None
        try:
            return Audio(self._objects.path(artifact)).probe().seconds
        except (InputRefused, CallFailed, OSError):
            return None


def predict(calls: Sequence[Call], size: Size | None) -> Range | None:
    """How long the next call will take; None when there is nothing to go by.

    From the median of the slopes between all pairs of calls (Theil 1950, Sen 1968), which outliers do not move, where
    the size is known and enough calls differ in it; else from the times alone.
    """
    if not calls:
        return None
    times = [call.seconds for call in calls]
    sound = size is not None and size.seconds is not None and all(call.size.seconds is not None for call in calls)
    measures = [float((call.size.seconds if sound else call.size.bytes) or 0) for call in calls]
    if size is None or len(calls) < ENOUGH or max(measures) < 1.2 * min(measures):
        return Range(*_quantiles(times))
    pairs = [(i, j) for i in range(len(calls)) for j in range(i) if measures[i] != measures[j]]
    slope = max(0.0, statistics.median((times[i] - times[j]) / (measures[i] - measures[j]) for i, j in pairs))
    start = max(0.0, statistics.median(t - slope * m for t, m in zip(times, measures, strict=True)))
    fitted = [max(start + slope * measure, 1e-6) for measure in measures]
    low, expected, high = _quantiles([t / fit for t, fit in zip(times, fitted, strict=True)])
    here = max(start + slope * float((size.seconds if sound else size.bytes) or 0), 1e-6)
    return Range(low * here, expected * here, high * here)


def _quantiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return values[0], values[0], values[0]
    tenths = statistics.quantiles(values, n=10, method="inclusive")
    return tenths[0], statistics.median(values), tenths[-1]


def resident() -> int:
    """Bytes of memory that this process has now; where the system does not say, the most that it ever had."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
