"""The cache of calls: what made what, and what may go."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from halles.main import Market
from halles.model import Artifact, Result
from halles.stores.objects import Objects
from halles.stores.results import Results

DAY = 86400.0


@pytest.fixture
def objects(market: Market) -> Objects:
    return market.objects


@pytest.fixture
def results(market: Market) -> Results:
    return market.results


def result(key: str, *outputs: Artifact, created: float = 0.0) -> Result:
    return Result(
        key=key, service="paint", version="1", identity="i", params={"count": 3}, inputs={},
        outputs={"covers": outputs}, created=created, seconds=1.0,
    )  # fmt: skip


def old(objects: Objects, content: bytes) -> Artifact:
    """An artifact that was written ten days ago."""
    artifact = objects.put(content, "text/plain")
    os.utime(objects.path(artifact), (time.time() - 10 * DAY,) * 2)
    return artifact


def test_a_result_is_found_by_its_key(results: Results, objects: Objects) -> None:
    kept = result("k", objects.put(b"a", "text/plain"))
    results.put(kept)
    assert results.get("k") == kept
    assert results.get("other") is None


def test_a_result_that_lost_an_artifact_is_not_found(results: Results, objects: Objects) -> None:
    artifact = objects.put(b"a", "text/plain")
    results.put(result("k", artifact))
    objects.delete(artifact.sha256)
    assert results.get("k") is None


def test_an_artifact_knows_all_that_made_it(results: Results, objects: Objects) -> None:
    artifact = objects.put(b"a", "text/plain")
    for key in ("one", "two"):
        results.put(result(key, artifact))
    assert sorted(made.key for made in results.makers(artifact.sha256)) == ["one", "two"]
    assert results.makers("ab" * 32) == []


def test_old_results_and_their_artifacts_go(results: Results, objects: Objects) -> None:
    artifact = old(objects, b"four")
    results.put(result("k", artifact, created=time.time() - 10 * DAY))
    assert results.prune(before=time.time() - 5 * DAY) == (1, 4)
    assert results.get("k") is None
    assert not objects.has(artifact)


def test_new_results_stay_and_keep_old_artifacts(results: Results, objects: Objects) -> None:
    artifact = old(objects, b"four")
    results.put(result("k", artifact, created=time.time()))
    results.put(result("old", artifact, created=time.time() - 10 * DAY))
    assert results.prune(before=time.time() - 5 * DAY) == (1, 0)
    assert results.get("k")


def test_old_inputs_go_and_new_ones_stay(results: Results, objects: Objects) -> None:
    gone, kept = old(objects, b"gone"), objects.put(b"kept", "text/plain")
    results.prune(before=time.time() - 5 * DAY)
    assert (objects.has(gone), objects.has(kept)) == (False, True)


def test_what_a_killed_process_left_half_written_goes(results: Results, tmp_path: Path) -> None:
    program = f"""
import os, signal, threading, time
from pathlib import Path
from halles.stores.objects import Objects
objects, content = Objects(Path({str(tmp_path / "home/objects")!r})), os.urandom(100_000_000)
threading.Thread(target=objects.put, args=(content, "audio/flac"), daemon=True).start()
while not any(objects.folder.glob("*/*")): time.sleep(0.001)
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert list((tmp_path / "home/objects").glob("*/*#*")), "the process was killed while it wrote"
    results.prune(before=time.time() + 1)
    assert not list((tmp_path / "home/objects").glob("*/*"))


def test_an_old_input_that_is_given_again_counts_as_new(results: Results, objects: Objects) -> None:
    old(objects, b"song")
    again = objects.put(b"song", "text/plain")
    results.prune(before=time.time() - 5 * DAY)
    assert objects.has(again)


def test_what_is_written_while_pruning_goes_on_stays(
    results: Results, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    artifact = old(objects, b"song")
    listed = list(objects.all())
    monkeypatch.setattr(objects, "all", lambda: [*listed, (objects.put(b"song", "text/plain").sha256, 4, 0.0)])
    results.prune(before=time.time() - 5 * DAY)
    assert objects.has(artifact)
