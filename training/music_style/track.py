"""Keep what a training gave: in a folder beside the others, and with Weights & Biases when that is installed.

Usage: python training/music_style/track.py [--note "what is new"]

A run is known by the hash of its parameters, data and model: the same training is kept once. Weights & Biases works
offline, in `runs/wandb`, unless WANDB_API_KEY is set (or WANDB_MODE says otherwise); `wandb sync runs/wandb/offline-*`
sends such runs later.
"""

import argparse
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from data import CLIPS, read_table
from settings import PARAMS, PROJECT

WANDB_PROJECT = "halles-music-style"
TABLES = ("metrics.json", "predictions.csv", "confusion.csv", "reliability.csv", "learning.csv")


@dataclass(frozen=True)
class Run:
    """A training: its parameters, and the folder with what it gave (`metrics.json`, `predictions.csv` …)."""

    params: dict[str, dict[str, Any]]
    evaluation: Path
    model: Path | None
    data: str
    """Hash of the table of clips."""
    note: str = ""

    @property
    def metrics(self) -> dict[str, Any]:
        """The figures, by what was measured."""
        return dict(json.loads((self.evaluation / "metrics.json").read_text()))

    @property
    def id(self) -> str:
        """The same for the same training."""
        made = self.model.read_bytes() if self.model else b""
        known = json.dumps([self.params, self.data, self.metrics], sort_keys=True).encode()
        return hashlib.sha256(known + made).hexdigest()[:10]


def of_project(out: Path, note: str = "") -> Run:
    """The training that lies in the output folder."""
    params = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    return Run(params, out / "evaluation", out / "model.onnx", data_of(out), note)


def data_of(out: Path) -> str:
    """The hash of the table of clips, which has the hash of each."""
    return hashlib.sha256((out / "data" / CLIPS).read_bytes()).hexdigest()


def keep(run: Run, runs: Path) -> Path:
    """Copy what the comparison needs. A run that is there already keeps its time and note."""
    folder = runs / run.id
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        if (run.evaluation / name).exists():
            shutil.copyfile(run.evaluation / name, folder / name)
    about = folder / "run.json"
    before = json.loads(about.read_text()) if about.exists() else {}
    made = before.get("made") or datetime.now(UTC).isoformat(timespec="seconds")
    note = run.note or before.get("note", "")
    known = {"id": run.id, "made": made, "note": note, "params": run.params, "data": run.data}
    about.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    return folder


def track(run: Run, folder: Path, group: str = "") -> str:
    """Log a run with Weights & Biases, and say where it went: offline too, when its server does not take it."""
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # Nothing is sent to anybody unless a key is set.
    try:
        import wandb
    except ImportError:
        return "not tracked: wandb is not installed (make train installs it; nothing else needs it)"
    mode = os.environ.get("WANDB_MODE") or ("online" if os.environ.get("WANDB_API_KEY") else "offline")
    if mode == "disabled":
        return "not tracked: WANDB_MODE says so"
    try:
        return _log(run, folder, group, mode)
    except wandb.Error as error:  # The training is done, and must not fail of being tracked.
        why = str(error).partition("\n")[0]
        if mode != "online":
            return f"not tracked: {why}"
        wandb.teardown()  # Its service still holds the run.
        return f"not tracked online ({why}), but {_log(run, folder, group, 'offline')}; `wandb sync` sends it later"


def _log(run: Run, folder: Path, group: str, mode: str) -> str:
    import wandb

    folder.mkdir(parents=True, exist_ok=True)
    name = os.environ.get("WANDB_RUN_ID") or run.id  # An agent of a sweep has given it one.
    config = {**run.params, "data_sha256": run.data}
    with wandb.init(
        project=os.environ.get("WANDB_PROJECT", WANDB_PROJECT), dir=folder, id=name, name=run.id, notes=run.note,
        group=group or None, config=config, resume="allow",
        settings=wandb.Settings(mode=mode, silent=True, console="off"),
    ) as logged:  # fmt: skip
        logged.summary.update(flat(run.metrics))
        for row in rows(run.evaluation / "learning.csv"):
            logged.log({f"learning/{name}": float(value) for name, value in row.items()})
        for name in ("confusion", "reliability"):
            if table := rows(run.evaluation / f"{name}.csv"):
                logged.log({name: wandb.Table(columns=[*table[0]], data=[list(row.values()) for row in table])})
        kind = "model" if run.model else "trial"
        artifact = wandb.Artifact("music-style" if run.model else "music-style-trial", kind, metadata=run.metrics)
        for path in (run.model, *(run.evaluation / name for name in TABLES)):
            if path and path.exists():
                artifact.add_file(str(path))
        logged.log_artifact(artifact, aliases=[run.id])
        place = logged.url if mode == "online" else logged.dir.removesuffix("/files")
    return f"tracked {mode}: {place}"


def tell(run: Run) -> None:
    """Keep and track a run, and say where it is."""
    kept = keep(run, PROJECT / "runs").relative_to(PROJECT)
    print(f"Run {run.id}: kept in {kept}, {track(run, PROJECT / 'runs')}")


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table, none when it is not there."""
    return read_table(path) if path.exists() else []


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested figures by their path, without intervals."""
    found: dict[str, float] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}/")
        elif isinstance(value, int | float):
            found[f"{prefix}{name}".removesuffix("/value")] = value
    return found


def main() -> None:
    """Keep and track the training that lies in the output folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--note", default="", help="what is new in it")
    note = parser.parse_args().note
    if not (PROJECT / "out" / "model.onnx").exists():
        raise SystemExit("There is no training in out/. `make train` makes one, and tracks it.")
    tell(of_project(PROJECT / "out", note))


if __name__ == "__main__":
    main()
