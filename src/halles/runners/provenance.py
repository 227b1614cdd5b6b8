"""How artifacts were made: the calls of a run that lead to one."""

from halles.model import Result, Run, artifacts
from halles.stores.results import Results


def ancestry(run: Run, sha256: str, results: Results) -> list[tuple[str, Result]]:
    """The calls, with their steps, that led to an artifact, each after those whose outputs went into it."""
    calls = [(s.id, result) for s in run.steps.values() for key in s.keys if (result := results.get(key)) is not None]
    wanted, found = {sha256}, []
    for step, result in reversed(calls):  # The steps of a run are in the order of its plan, causes first.
        if any(a.sha256 in wanted for value in result.outputs.values() for a in artifacts(value)):
            found.append((step, result))
            wanted |= {a.sha256 for value in result.inputs.values() for a in artifacts(value)}
    return found[::-1]
