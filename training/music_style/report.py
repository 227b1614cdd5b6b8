"""Compare the trainings that were kept, and the newest with what is in production.

Usage: python training/music_style/report.py [--runs runs] [--out out] [--production predictions.csv]

Writes `report.html`, one file that needs nothing else, and `report.md`, for a pull request or the summary of a job.
What is in production is asked of the registry (HALLES_MODELS), unless its predictions are given.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

import metrics
import numpy as np
import yaml
from data import CLIPS, in_order
from page import page
from runs import FOLDS, Kept, flat, read_runs
from settings import PROJECT
from summary import summary
from track import keep, of_project

from halles.main import Market
from halles.model import GateReport
from halles.registry.evaluation import Prediction, read_predictions
from halles.registry.gate import Trial, judge
from halles.registry.places import limits
from halles.registry.store import PARAMS
from halles.sdk.trained import BUILT_IN

NAME = "music-style"


def of_predictions(name: str, predictions: list[Prediction], params: str = "", made: str = "") -> Kept:
    """What served, in the same figures as a run."""
    genres = in_order({*predictions[0].scores})
    probabilities = np.array([[each.scores[genre] for genre in genres] for each in predictions])
    truth = np.array([genres.index(each.truth) for each in predictions])
    found = metrics.report(probabilities, truth, np.array([each.clip for each in predictions]), genres)
    known = yaml.safe_load(params) if params else None
    given = known if isinstance(known, dict) and all(isinstance(of, dict) for of in known.values()) else {}
    return Kept(name, made, "in production", "", flat(given), {FOLDS: found}, {})


def current(out: Path, runs: Path) -> str:
    """The run whose output lies there, kept if it is not yet, as after `dvc repro`; the others follow it."""
    whole = all((out / name).exists() for name in ("model.onnx", "evaluation/metrics.json", f"data/{CLIPS}"))
    return keep(of_project(out), runs).name if whole else ""


def given(path: Path) -> tuple[Kept, list[Prediction]]:
    """What is in production, from the table of its predictions."""
    predictions = read_predictions(path.read_text(encoding="utf-8"))
    return of_predictions("production", predictions), predictions


def in_production(candidate: list[Prediction]) -> tuple[Kept, list[Prediction]] | None:
    """The version in production; None when that is the service's own and was measured on other music."""
    models = Market().models
    number = models.standing(NAME).production
    if not (predictions := models.to_beat(NAME, number, candidate)):
        return None
    if not number:
        return of_predictions(f"{NAME}@{BUILT_IN}", predictions), predictions
    version = models.registry.version(NAME, number)
    made = datetime.fromtimestamp(version.created, UTC).isoformat(timespec="seconds")
    return of_predictions(version.name, predictions, models.registry.text(version, PARAMS), made), predictions


def verdict(candidate: list[Prediction], predictions: list[Prediction], out: Path) -> GateReport:
    """What the gate would say, without the speed, which is measured where a version is promoted."""
    size = model.stat().st_size if (model := out / "model.onnx").exists() else 0
    return judge(Trial(0, size, candidate), Trial(0, 0, predictions), limits())


def same(one: list[Prediction], other: list[Prediction]) -> bool:
    """Whether two say the same of the same clips."""
    return {each.clip: each for each in one} == {each.clip: each for each in other}


def main() -> None:
    """Read the runs, write both reports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=PROJECT / "runs")
    parser.add_argument("--out", type=Path, default=PROJECT / "out")
    parser.add_argument("--production", type=Path, help="the predictions of what is in production")
    arguments = parser.parse_args()
    newest = current(arguments.out, arguments.runs)
    if not (runs := read_runs(arguments.runs)):
        raise SystemExit(f"There are no runs in {arguments.runs}. `make train` makes one.")
    runs.sort(key=lambda run: run.id != newest)
    candidate = read_predictions((arguments.runs / runs[0].id / "predictions.csv").read_text(encoding="utf-8"))
    production = given(arguments.production) if arguments.production else in_production(candidate)
    served, heard = production or (None, [])
    found = verdict(candidate, heard, arguments.out) if heard and not same(candidate, heard) else None
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "report.html").write_text(page(runs, served), encoding="utf-8")
    (arguments.out / "report.md").write_text(summary(runs[0], served, found), encoding="utf-8")
    count = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
    print(f"{count}: {arguments.out / 'report.html'}, {arguments.out / 'report.md'}")


if __name__ == "__main__":
    main()
