"""Train once with other parameters on the features that are there, and keep and track what comes of it.

Usage: python training/music_style/trial.py --train.penalty=0.3 [--train.noise_weight=0.25 …]

Nothing of the project changes: when a trial is the best, write its parameters into `params.yaml`.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import measure
import train
import yaml
from pydantic import ValidationError
from settings import PARAMS, PROJECT, Train
from tables import Lessons
from track import Run, data_of, flat, keep, track

TRAIN = "train."


def overridden(changes: dict[str, float]) -> dict[str, dict[str, Any]]:
    """The parameters with changes such as `train.penalty`. Ends the program where there is no such parameter."""
    params: dict[str, dict[str, Any]] = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    for name, value in changes.items():
        if name.removeprefix(TRAIN) not in params["train"] or not name.startswith(TRAIN):
            raise SystemExit(f"`{name}` is no parameter of the training. There are {', '.join(params['train'])}.")
        params["train"][name.removeprefix(TRAIN)] = value
    return params


def given(arguments: list[str]) -> dict[str, float]:
    """What is to be different, of `--train.penalty=0.3`. Ends the program where that is not said so."""
    changes = {}
    for argument in arguments:
        name, _, value = argument.removeprefix("--").partition("=")
        try:
            changes[name] = float(value)
        except ValueError:
            raise SystemExit(f"`{argument}` gives no number. Say it in one word: --train.penalty=0.3") from None
    return changes


def attempt(params: dict[str, dict[str, Any]], out: Path, runs: Path, group: str = "") -> tuple[Run, dict[str, float]]:
    """Train and measure with these parameters; return the run and its figures."""
    if not (out / "features" / "pictures.npz").exists():
        raise SystemExit("There are no features to learn from in out/features. `make train` makes them.")
    folder = PROJECT / "work" / "trials" / hashlib.sha256(json.dumps(params).encode()).hexdigest()[:16]
    try:
        how = Train.model_validate(params["train"])
    except ValidationError as error:
        wrong = [f"{TRAIN}{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise SystemExit("\n".join(wrong)) from error
    train.write(out / "data", Lessons.read(out / "features"), folder / "train", how, curve=False)
    figures = flat(measure.write(folder / "train", folder / "evaluation"))
    note = group and f"trial of {group}"
    run = Run(params, folder / "evaluation", None, data_of(out), note)
    keep(run, runs)
    print(f"Run {run.id}: {track(run, runs, group)}")
    return run, figures


def main() -> None:
    """Read what is to be different, and try it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    _, rest = parser.parse_known_args()
    attempt(overridden(given(rest)), PROJECT / "out", PROJECT / "runs")


if __name__ == "__main__":
    main()
