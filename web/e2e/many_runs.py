"""Puts many runs that have ended into a home, quickly: `many_runs.py HOME COUNT`. They are of the last thirty days."""

import sys
import time
from pathlib import Path

import sqlalchemy as sql

from halles.main import Market
from halles.model import Event, Pipeline, PipelineInput, RunFinished, RunStarted, Status, Step
from halles.stores.database import connect
from halles.stores.runs import runs

PIPELINE = Pipeline(
    id="many-runs",
    inputs={"prompt": PipelineInput(media="text/plain")},
    steps=(Step(id="make", service="art-generator", inputs={"prompt": "inputs.prompt"}),),
    outputs={"picture": "make.covers"},
)
STATES = (Status.finished, Status.finished, Status.finished, Status.failed, Status.cancelled)
SPAN = 30 * 86_400
TOGETHER = 1000


def main(home: Path, count: int) -> None:
    """Write their logs, the oldest first."""
    market = Market(home)
    plan = market.plan(PIPELINE)
    begin, gap = time.time() - SPAN, SPAN / count
    log: list[tuple[Event, None]] = []
    for number in range(count):
        run, at = f"{number:016x}", begin + number * gap
        status = STATES[number % len(STATES)]
        log.append((RunStarted(run=run, seq=1, at=at, plan=plan, inputs={}), None))
        log.append((RunFinished(run=run, seq=2, at=at + 1 + number % 90, status=status), None))
    for first in range(0, len(log), 2 * TOGETHER):
        market.ledger.append_all(log[first : first + 2 * TOGETHER])
    title = sql.literal("a boat, number ") + sql.func.substr(runs.c.id, 13)
    with connect(home / "halles.db").begin() as connection:
        connection.execute(runs.update().where(runs.c.pipeline == PIPELINE.id).values(title=title))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
