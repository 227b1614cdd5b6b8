"""Try all parameters of `sweep.yaml` without an account; trials that were kept before are not repeated.

Usage: python training/music_style/sweep.py [--file sweep.yaml] [--most 20]

The file is one of Weights & Biases: `wandb sweep` and `wandb agent` take it too, and with them its other methods.
"""

import argparse
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from settings import PROJECT
from track import data_of
from trial import attempt, overridden

GOALS = {"maximize": 1.0, "minimize": -1.0}
HERE = ("grid", "random")


def combinations(sweep: dict[str, Any], most: int) -> list[dict[str, float]]:
    """What to try, in the order of trying."""
    if sweep["method"] not in HERE:
        raise SystemExit(f"Without an account the methods are {' and '.join(HERE)}, not `{sweep['method']}`.")
    values = {name: of["values"] if "values" in of else [of["value"]] for name, of in sweep["parameters"].items()}
    found = [dict(zip(values, each, strict=True)) for each in itertools.product(*values.values())]
    if sweep["method"] == "random":
        order = np.random.default_rng(0).permutation(len(found))
        found = [found[number] for number in order]
    return found[:most] if most else found


def main() -> None:
    """Try, and print what came of it, the best first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, default=PROJECT / "sweep.yaml")
    parser.add_argument("--most", type=int, default=0, help="try so many at most")
    arguments = parser.parse_args()
    sweep = yaml.safe_load(arguments.file.read_text(encoding="utf-8"))
    metric, goal = sweep["metric"]["name"], GOALS[sweep["metric"]["goal"]]
    results = PROJECT / "runs" / f"{arguments.file.stem}.jsonl"
    results.parent.mkdir(exist_ok=True)
    known = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    known = [each for each in known if each["data"] == data_of(PROJECT / "out")]
    for changes in combinations(sweep, arguments.most):
        params = overridden(changes)
        if any(each["params"] == params for each in known):
            continue
        run, figures = attempt(params, PROJECT / "out", PROJECT / "runs", arguments.file.stem)
        if metric not in figures:
            raise SystemExit(f"There is no figure `{metric}`. There are {', '.join(figures)}.")
        known.append({"run": run.id, "value": figures[metric], "changes": changes, "params": params, "data": run.data})
        with results.open("a") as file:
            file.write(json.dumps(known[-1]) + "\n")
    print(f"\n{metric}")
    for each in sorted(known, key=lambda each: -goal * each["value"]):
        said = ", ".join(f"{name} {value:g}" for name, value in each["changes"].items())
        print(f"{each['value']:8.4f}  {each['run']}  {said}")


if __name__ == "__main__":
    main()
