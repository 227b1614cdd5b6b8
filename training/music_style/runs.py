"""The trainings that were kept, for their comparison."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import in_order, read_table

HEADLINE = {"accuracy": "Accuracy", "macro_f1": "Macro-F1", "ece": "ECE"}
FOLDS = "folds"


@dataclass(frozen=True)
class Kept:
    """A training as `track.py` kept it; what is in production looks the same."""

    id: str
    made: str
    note: str
    data: str
    params: dict[str, Any]
    metrics: dict[str, Any]
    tables: dict[str, list[dict[str, str]]]

    @property
    def figures(self) -> dict[str, Any]:
        """The figures over all folds."""
        return dict(self.metrics[FOLDS])

    @property
    def genres(self) -> tuple[str, ...]:
        """The classes that were measured."""
        return in_order(set(self.figures["recall"]))


def read_runs(folder: Path) -> list[Kept]:
    """All trainings of a folder, the newest first."""
    found = [read_run(path.parent) for path in folder.glob("*/run.json")]
    return sorted(found, key=lambda run: (run.made, run.id), reverse=True)


def read_run(folder: Path) -> Kept:
    """One of them."""
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    tables = {path.stem: read_table(path) for path in folder.glob("*.csv")}
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return Kept(about["id"], about["made"], about["note"], about["data"], flat(about["params"]), metrics, tables)


def flat(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters by their full name, such as `train.penalty`."""
    return {f"{section}.{name}": value for section, of in params.items() for name, value in of.items()}


def different(runs: Sequence[Kept]) -> list[str]:
    """The parameters that are not the same in all runs."""
    names = sorted({name for run in runs for name in run.params})
    return [name for name in names if len({json.dumps(run.params.get(name)) for run in runs}) > 1]


def value_of(figures: dict[str, Any], name: str) -> float:
    """A headline figure."""
    return float(figures[name]["value"])


def interval_of(figures: dict[str, Any], name: str) -> tuple[float, float]:
    """Its 95 % interval."""
    low, high = figures[name]["interval_95"]
    return float(low), float(high)
