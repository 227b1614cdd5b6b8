"""Commands that show or tidy something."""

import json
import sys
import time
from datetime import datetime
from typing import Any

from halles.cli.running import overrides, types
from halles.engine import check as check_pipeline
from halles.main import Market
from halles.model import PortSpec, Problem, Problems, Status, Step
from halles.runners import export


def check(name: str, *, as_json: bool) -> None:
    """All problems of a pipeline, or that there are none."""
    market = Market()
    pipeline = market.pipeline(name)
    if problems := check_pipeline(pipeline, market.services):
        if as_json:
            _print([problem.model_dump(exclude_defaults=True) for problem in problems])
        raise Problems(problems)
    print("[]" if as_json else f"✓ {pipeline.id}: {len(pipeline.steps)} steps, no problems.")


def plan(name: str, settings: list[str], seed: int, *, as_json: bool) -> None:
    """The tasks of a run, in order."""
    market = Market()
    pipeline = market.pipeline(name)
    made = market.plan(pipeline, seed=seed, overrides=overrides(settings, types(market, pipeline)))
    if as_json:
        _print(made.model_dump(mode="json"))
        return
    for task in made.tasks:
        after = f"  after {', '.join(task.needs)}" if task.needs else ""
        print(f"{task.id:<12} {task.service}@{task.version}{after}")
        for label, value in (("when", task.when), ("map", task.map), ("params", task.params or None)):
            if value:
                print(f"{'':<12}   {label}: {json.dumps(value) if isinstance(value, dict) else value}")


def services(*, as_json: bool) -> None:
    """All services, a line each."""
    found, problems = Market().services.all()
    specs = [service.spec for service in found]
    if as_json:
        _print([spec.model_dump(mode="json") for spec in specs])
    else:
        for spec in specs:
            print(f"{spec.slug:<20} {spec.version:<8} {spec.summary}")
    for problem in problems:
        print(f"✗ {problem}", file=sys.stderr)


def service(slug: str, *, as_json: bool) -> None:
    """One service."""
    spec = Market().services.load(slug).spec
    if as_json:
        _print(spec.model_dump(mode="json"))
        return
    print(f"{spec.name} ({spec.slug} {spec.version}, {spec.licence})\n\n{spec.summary}\n")
    if spec.description:
        print(f"{spec.description}\n")
    _ports("Inputs", spec.inputs)
    _ports("Outputs", spec.outputs)
    print("Parameters")
    for name, schema in spec.params.get("properties", {}).items():
        choices = f" ({', '.join(map(str, schema['enum']))})" if "enum" in schema else ""
        default = f" = {json.dumps(schema['default'])}" if "default" in schema else ""
        print(f"  {name}{default}  {schema.get('description', '')}{choices}".rstrip())
    print("Weights")
    for used in spec.weights:
        print(f"  {used.name}  {used.licence}  {used.origin}")


def pipelines(*, as_json: bool) -> None:
    """All pipelines, a line each."""
    market = Market()
    loaded = [market.pipelines.load(name) for name in market.pipelines.ids()]
    if as_json:
        _print([pipeline.model_dump(mode="json") for pipeline in loaded])
        return
    for pipeline in loaded:
        print(f"{pipeline.id:<20} {pipeline.name}")


def pipeline(name: str, *, as_json: bool) -> None:
    """One pipeline."""
    shown = Market().pipeline(name)
    if as_json:
        _print(shown.model_dump(mode="json"))
        return
    print(f"{shown.name or shown.id}\n\n{shown.description}")
    _ports("Inputs", tuple(given.port(name) for name, given in shown.inputs.items()))
    print("Steps")
    for step in shown.steps:
        print(f"  {step.id:<12} {step.service:<20} {_wiring(step)}")
    print("Outputs")
    for output, reference in shown.outputs.items():
        print(f"  {output:<12} {reference}")


def runs(*, as_json: bool) -> None:
    """The newest runs, a line each."""
    market = Market()
    found = market.ledger.recent()
    if as_json:
        _print([run.model_dump(mode="json") for run in found])
        return
    if not found:
        print("Nothing has run yet.", file=sys.stderr)
    for run in found:
        cut_off = run.status is Status.running and not market.runner.executing(run.id)
        status = "cut off" if cut_off else run.status.value
        when = datetime.fromtimestamp(run.created).astimezone().strftime("%Y-%m-%d %H:%M")
        print(f"{run.id}  {when}  {status:<10} {run.updated - (run.begun or run.updated):6.1f} s  {run.pipeline}")


def run(name: str, *, as_json: bool) -> None:
    """One run."""
    market = Market()
    shown = market.runner.load(name)
    record = export.record(shown, market.objects, market.results)
    if as_json:
        _print(record)
        return
    print(f"Run {shown.id}: {record['pipeline']}, {record['status']}, seed {record['seed']}, {record['created']}")
    for step in record["steps"]:
        seconds = "from the cache" if step.get("cached") else f"{step['seconds'] or 0:.1f} s"
        print(f"  {step['id']:<12} {step['status']:<10} {step.get('reason') or seconds}")
    print("How it was made")
    for made in record["provenance"]:
        weights = ", ".join(f"{w['name']} {w['identity'][:12]}" for w in made["weights"]) or "no weights"
        print(f"  {made['service']}@{made['version']} ({weights}) {json.dumps(made['params'])}")
    for problem in shown.problems:
        print(f"✗ {problem}")


def prune(days: float) -> None:
    """Forget old results, but never under the feet of a run."""
    market = Market()
    if executing := [run for run in market.ledger.unfinished() if market.runner.executing(run)]:
        message = f"Run `{executing[0]}` is being executed and needs what is kept. Wait for its end, or stop it with "
        message += f"`halles runs cancel {executing[0]}`."
        raise Problems([Problem(code="run-in-progress", message=message)])
    count, freed = market.results.prune(before=time.time() - days * 86400, keep=market.keeping.shared())
    print(f"{count} results forgotten, {freed / 1e6:.1f} MB freed.")


def _ports(title: str, ports: tuple[PortSpec, ...]) -> None:
    print(title)
    for port in ports:
        optional = " (optional)" if port.optional else ""
        print(f"  {port.name:<12} {port}{optional}  {port.description}".rstrip())


def _wiring(step: Step) -> str:
    wires = ", ".join(f"{port} ← {reference}" for port, reference in step.inputs.items())
    return wires + (f"  when {step.when}" if step.when else "") + (f"  map {step.map}" if step.map else "")


def _print(content: Any) -> None:
    print(json.dumps(content, indent=2, ensure_ascii=False))
