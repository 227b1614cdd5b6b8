"""What is seen of a run while it goes."""

import re
import sys

import pytest

from halles.cli.display import display
from halles.engine import plan
from halles.main import Market
from halles.model import Progress, Run, RunStarted, Status, StepChanged, StepState
from tests.running import pipeline

STRANGE = "in [/brackets] and [dim"


def show(market: Market) -> None:
    """A step that runs, is at the half, and is skipped for a reason with brackets in it."""
    what = pipeline([{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}], out="a.output")
    started = RunStarted(run="r1", seq=1, at=0.0, plan=plan(what, market.services), inputs={})
    run = Run(started)
    half = StepState(id="a", status=Status.running, attempt=2, progress=Progress(fraction=0.5, message=STRANGE))
    with display() as shown:
        shown(run, started)
        for step in (half, StepState(id="a", status=Status.skipped, reason=STRANGE)):
            shown(run, StepChanged(run="r1", seq=2, at=0.0, step=step))


def test_elsewhere_than_on_a_terminal_a_change_is_a_line(market: Market, capsys: pytest.CaptureFixture[str]) -> None:
    show(market)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["Run r1: test, 1 steps", f"– a            {STRANGE}"]


def test_on_a_terminal_a_step_is_a_bar(
    market: Market, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    show(market)
    out, err = capsys.readouterr()
    assert out == ""
    plain = re.sub(r"\x1b\[[\d;?]*\w", "", err)
    assert "– a ━━━━" in plain and STRANGE in plain
