"""What a measurement is, how it is printed, and the machine it was taken on."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("halles", "numpy", "onnxruntime", "ctranslate2", "faster-whisper", "ncnn", "sqlalchemy", "obstore")


@dataclass(frozen=True)
class Row:
    """One figure. With a target it holds when it is at most the target."""

    what: str
    value: float
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool | None:
        return None if self.target is None else self.value <= self.target


@dataclass
class Table:
    """Figures that belong together."""

    title: str
    rows: list[Row] = field(default_factory=list)

    def add(self, what: str, value: float, unit: str, target: float | None = None, note: str = "") -> None:
        self.rows.append(Row(what, value, unit, target, note))


def show(table: Table) -> None:
    """Print a table, the target beside the measured value."""
    from rich.console import Console
    from rich.table import Table as Sheet

    sheet = Sheet(title=table.title, title_justify="left", title_style="bold")
    sheet.add_column()
    sheet.add_column("measured", justify="right")
    sheet.add_column("target", justify="right")
    sheet.add_column()
    sheet.add_column()
    for row in table.rows:
        mark = {None: "", True: "[green]holds[/]", False: "[red]missed[/]"}[row.holds]
        target = "" if row.target is None else f"≤ {number(row.target)} {row.unit}"
        sheet.add_row(row.what, f"{number(row.value)} {row.unit}", target, mark, row.note)
    Console(width=None if os.isatty(1) else 140).print(sheet)


def number(value: float) -> str:
    """Three digits that matter; more only for large counts."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> dict[str, Any]:
    """What a figure depends on besides the code."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def write(path: Path, tables: Iterable[Table], before: dict[str, Any]) -> None:
    """Write all figures as JSON, with the machine as it was before and its load after."""
    content = {
        "machine": before,
        "load_after": machine()["load"],
        "tables": [
            {"title": table.title, "rows": [{**asdict(row), "holds": row.holds} for row in table.rows]}
            for table in tables
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
