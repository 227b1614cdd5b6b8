"""Runs that are stopped, by a key, a signal or another process, go on where they were."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from halles.cli.guard import CANCELLED, REFUSED
from tests.cli.conftest import Halles

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def working(start: Start, tmp_path: Path) -> "subprocess.Popen[str]":
    """A process whose second step works for a long time, which it does now."""
    settings = [f"first.marks={tmp_path}/first", f"second.marks={tmp_path}/second", "second.seconds=60"]
    process = start("run", "worked", "-i", "text=la", "-o", "out", *[x for each in settings for x in ("--set", each)])
    patience = time.monotonic() + 60
    while not (tmp_path / "second").exists():
        assert process.poll() is None and time.monotonic() < patience, process.communicate()[1]
        time.sleep(0.05)
    return process


def only_run(halles: Halles) -> dict[str, str]:
    (run,) = json.loads(halles("runs", "--json").stdout)
    return dict(run)


def resumed(halles: Halles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finish the only run, with a second step that takes no time now."""
    monkeypatch.setattr("tests.cli.stall.sleep", lambda _: None)
    result = halles("runs", "resume", only_run(halles)["id"], "-o", "out")
    assert result.exit_code == 0, result.stderr
    assert Path("out/done.txt").read_text() == "la.."
    assert (tmp_path / "first").read_text() == "la", "the finished step was not run again"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_and_leaves_a_run_that_goes_on(
    working: "subprocess.Popen[str]", halles: Halles, tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    working.send_signal(number)
    out, err = working.communicate(timeout=30)
    assert (working.returncode, out) == (CANCELLED, "")
    run = only_run(halles)
    assert run["status"] == "cancelled"
    assert err.splitlines()[-1] == f"Cancelled. `halles runs resume {run['id']}` goes on with it."
    assert "Traceback" not in err
    resumed(halles, tmp_path, monkeypatch)


def test_kill_cannot_be_noticed_but_the_run_goes_on(
    working: "subprocess.Popen[str]", halles: Halles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working.kill()
    working.communicate(timeout=30)
    assert "cut off" in halles("runs").stdout
    assert "is not being executed: it is cut off" in halles("runs", "cancel", only_run(halles)["id"]).stderr
    resumed(halles, tmp_path, monkeypatch)


def test_another_process_cancels_and_meanwhile_may_neither_prune_nor_resume(
    working: "subprocess.Popen[str]", halles: Halles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = only_run(halles)["id"]
    pruned = halles("cache", "prune", "--all")
    assert pruned.exit_code == REFUSED
    assert f"✗ Run `{run}` is being executed and needs what is kept. Wait for its end, or stop it" in pruned.stderr
    assert "is being executed by another process" in halles("runs", "resume", run).stderr
    cancelled = halles("runs", "cancel", run)
    assert cancelled.stdout == f"Run {run} is being cancelled. `halles runs resume {run}` goes on with it.\n"
    working.communicate(timeout=30)
    assert working.returncode == CANCELLED
    assert f"Run `{run}` is not being executed: it is cancelled." in halles("runs", "cancel", run).stderr
    resumed(halles, tmp_path, monkeypatch)
