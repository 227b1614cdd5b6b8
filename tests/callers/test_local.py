"""Calls of services that are installed here."""

import asyncio
import logging
from pathlib import Path

import pytest

from halles.callers.local import LocalCaller
from halles.model import CallFailed, Task
from halles.sdk import Context, service
from halles.stores.objects import Objects
from halles.weights import Recipe, Source, Wheel, unpack

WHEEL = Wheel("tiny-model", "1.0", "tiny_model-1.0-py3-none-any.whl", "0" * 64)
TINY = Recipe(name="tiny", files={"model.bin": "0" * 64}, sources=[Source([WHEEL], unpack({"a": "model.bin"}))])


@service("learned", version="1.0", licence="Apache-2.0", weights=[TINY])
def learned(*, context: Context) -> str:
    """Read a model that is not there."""
    return str(context.weights(TINY))


def test_a_model_that_is_not_here_is_named_and_where_it_would_lie_is_for_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HALLES_WEIGHTS", str(tmp_path / "room"))
    monkeypatch.setenv("HALLES_OFFLINE", "1")
    task = Task(
        id="a", service="learned", version="1.0", identity=learned.spec.identity, params={}, inputs={}, required=(),
        outputs=("output",), needs=(), timeout=10,
    )  # fmt: skip
    caller = LocalCaller(lambda _: learned, Objects(tmp_path / "objects"))
    with caplog.at_level(logging.WARNING), pytest.raises(CallFailed) as failed:
        asyncio.run(caller.call(task, {}, lambda *_: None))
    problem = failed.value.problem
    assert (problem.code, problem.said and problem.said.values) == ("no-weights", {"weights": "tiny"})
    assert problem.message.startswith("The model `tiny` is not on this machine")
    assert str(tmp_path) not in problem.message
    assert str(tmp_path) in caplog.text
