"""Bring a training into service: put it into the registry, let the gate decide, and see that servers follow.

Usage: python training/music_style/release.py register [--note "what is new"] | promote [--reason why] | rollout

`register` makes the training in `out/` a version and the candidate. `promote` puts it into production if the gate lets
it; if not, production stays as it is and the reasons are printed, which is no failure. `rollout` waits until the server
of HALLES_SERVER (with the key of HALLES_API_KEY) answers with what is in production. In a workflow the outcome is
written to the step's outputs and to the summary.
"""

import argparse
import json
import os
import subprocess
import time
from pathlib import Path

import httpx
import yaml
from hashes import LOCK, code_hash, data_hash, stale
from settings import PARAMS, PROJECT

from halles.cli import registry
from halles.main import Market
from halles.model import Problems
from halles.sdk.trained import BUILT_IN

NAME = "music-style"
OUT = PROJECT / "out"
REGISTERED = OUT / "registered.json"
PATIENCE = 120.0
IN_A_ROW = 5
"""Answers with the new version, one after the other: a server may be several processes."""


def register(note: str) -> None:
    """Put the training into the registry."""
    if os.environ.get("GITHUB_ACTIONS") and not os.environ.get("HALLES_MODELS"):
        raise SystemExit("The workflow has no registry: set the variable HALLES_MODELS, such as s3://models/registry.")
    stages = yaml.safe_load(LOCK.read_text(encoding="utf-8"))["stages"] if LOCK.exists() else {}
    if not stages or (changed := stale(stages)):
        why = f"Not as dvc.lock has it: {', '.join(changed)}." if stages else "There is no dvc.lock."
        raise SystemExit(f"{why} Run `make train`; what it makes can be registered.")
    push: list[str | Path] = [
        "halles", "models", "push", NAME, OUT / "model.onnx", "--evaluation", OUT / "evaluation",
        "--card", OUT / "card.md", "--params", PARAMS, "--data", data_hash(stages), "--code", code_hash(stages),
        "--note", note, "--json",
    ]  # fmt: skip
    done = subprocess.run(push, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    REGISTERED.write_bytes(done.stdout)
    tell("registered", f"This training is {NAME}@{json.loads(done.stdout)['number']} in the registry.")


def promote(reason: str) -> None:
    """Let the gate decide about what was registered."""
    if not REGISTERED.exists():
        raise SystemExit("No training was registered here. Run `make register`; it says which version it became.")
    number = json.loads(REGISTERED.read_text(encoding="utf-8"))["number"]
    try:
        registry.promote(NAME, str(number), reason, force=False, as_json=False)
    except Problems as problems:
        first, *reasons = problems.problems
        if first.code not in ("gate-refused", "already-in-production"):
            raise SystemExit(str(problems)) from problems
        outcome = "refused" if first.code == "gate-refused" else "unchanged"
        said = [first.message, *(f"- {each.message}" for each in reasons), "", "Production is as it was."]
        return tell(outcome, "\n".join(said))
    tell("promoted", f"{NAME}@{number} is in production.")


def rollout(server: str, key: str) -> None:
    """Wait until a server answers with what is in production."""
    production = f"{NAME}@{Market().models.standing(NAME).production or BUILT_IN}"
    if not server:
        return tell("announced", f"{production}: services follow within seconds. HALLES_SERVER names none to be asked.")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    until, followed, serving = time.monotonic() + PATIENCE, 0, "nothing yet"
    while followed < IN_A_ROW:
        if time.monotonic() > until:
            message = f"{server} still answers with {serving} after {PATIENCE:.0f} s, and not with {production}. "
            message += f"Its log says why; `halles models rollback {NAME}` takes the promotion back."
            raise SystemExit(message)
        try:
            answer = httpx.get(f"{server.rstrip('/')}/models/{NAME}", headers=headers, timeout=10)
            serving = answer.raise_for_status().json()["serving"]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
            serving = f"an error ({error})"
        followed = followed + 1 if serving == production else 0
        time.sleep(0.2)
    tell("followed", f"{server} answers with {production}.")


def tell(outcome: str, message: str) -> None:
    """Print what came of it, and tell the workflow, if there is one."""
    print(message, flush=True)
    for setting, line in (("GITHUB_OUTPUT", f"outcome={outcome}\n"), ("GITHUB_STEP_SUMMARY", f"{message}\n\n")):
        if file := os.environ.get(setting):
            with Path(file).open("a", encoding="utf-8") as written:
                written.write(line)


def main() -> None:
    """Do one of the three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["register", "promote", "rollout"])
    parser.add_argument("--note", default="", help="what is new in it")
    parser.add_argument("--reason", default="", help="why; it stands in the history")
    arguments = parser.parse_args()
    match arguments.what:
        case "register":
            register(arguments.note)
        case "promote":
            promote(arguments.reason)
        case _:
            rollout(os.environ.get("HALLES_SERVER", ""), os.environ.get("HALLES_API_KEY", ""))


if __name__ == "__main__":
    main()
