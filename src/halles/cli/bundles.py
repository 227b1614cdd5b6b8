"""Commands about bundles: runs with all that made them, in one file."""

import json
import sys
from pathlib import Path

from halles.cli import running
from halles.cli.guard import FAILED
from halles.main import Market
from halles.model import Problem, Problems
from halles.runners import bundle, replay, zipped
from halles.runners.verify import verify as verified


def export(name: str, file: Path) -> None:
    """Write the bundle of a run."""
    market = Market()
    run = market.runner.load(name)
    log, notes = market.ledger.events(run.id), market.notebook.of(run.id)
    files = bundle.entries(run, log, market.objects, market.results, market.signing_key, notes=notes)
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("wb") as out:
            for chunk in zipped.stream(files):
                out.write(chunk)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        message = f"`{file}` cannot be written: {error.strerror or error}."
        raise Problems([Problem(code="not-written", message=message)]) from error
    print(file)


def verify(file: Path, *, as_json: bool) -> None:
    """Say whether a bundle is right, or all that is wrong with it."""
    verdict = verified(_there(file))
    if as_json:
        print(verdict.model_dump_json(indent=2))
    if not verdict.ok:
        raise Problems(verdict.problems)
    if as_json:
        return
    signer = f"signed by {verdict.signer}" if verdict.signer else "not signed"
    print(f"✓ Run {verdict.run}: {verdict.pipeline}, {verdict.status}, {verdict.calls} calls on record, {signer}.")
    for what, names in (("without a record", verdict.unrecorded), ("not kept", verdict.missing)):
        if names:
            print(f"  {what}: {', '.join(names)}")


def repeat(file: Path, *, as_json: bool) -> None:
    """Run a bundle again and say what differs."""
    market = Market()
    known, plan, given = replay.prepare(_there(file), market.catalogue, market.objects)
    again = running.watch(lambda cancelled: market.runner.start(plan, known.inputs, given=given, cancelled=cancelled))
    comparison = replay.compare(known, again)
    if as_json:
        print(json.dumps({"run": again.id, **comparison.model_dump()}, indent=2))
    elif comparison.same:
        print(f"✓ Run {again.id} gave the same in all {comparison.compared} steps.")
    for each in () if as_json else comparison.differences:
        print(f"✗ {'.'.join(filter(None, (each.step, each.port)))} was {each.was}, is {each.now}", file=sys.stderr)
    if not comparison.same:
        running.leave(FAILED)


def _there(file: Path) -> Path:
    if not file.is_file():
        raise Problems([Problem(code="no-such-file", message=f"There is no file `{file}`.")])
    return file
