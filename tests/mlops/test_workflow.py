"""The workflow, run as on GitHub: a changed parameter becomes the version that a running server answers with."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from halles.sdk import Audio
from halles.stores.s3 import Bucket
from halles.stores.seaweed import Seaweed
from tests.api.serving import ROOT, serving
from tests.mlops import songs
from tests.mlops.checkout import Checkout

pytestmark = pytest.mark.models

NOTHING_LEARNED, LEARNED = 1e14, 0.03
"""Penalties: one under which all songs are as likely of each kind, to six digits, and one under which they differ."""


class Callers:
    """Programs that go on calling a service, with another song each time."""

    def __init__(self, url: str) -> None:
        self.answered: list[str] = []
        self.failed: list[str] = []
        self._url = url
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(number,)) for number in range(2)]

    def __enter__(self) -> "Callers":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()

    def wait_for(self, version: str, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while self.answered[-1:] != [version]:
            assert time.monotonic() < until, f"{self.answered[-3:]}, and not {version}; {self.failed[-3:]}"
            time.sleep(0.05)

    def _call(self, number: int) -> None:
        chance = np.random.default_rng(number)
        while not self._stop.wait(0.5):
            song = Audio.encode(chance.normal(0, 0.1, 16000).astype(np.float32), 16000).read()
            try:
                form = {"song": ("song.flac", song, "audio/flac")}
                called = httpx.post(f"{self._url}/services/music-style/call?wait=60", files=form, timeout=90)
                style = called.raise_for_status().json()["outputs"]["style"]
                if "model" not in style:
                    style = httpx.get(self._url + style["url"], timeout=30).raise_for_status().json()
                self.answered.append(style["model"])
            except Exception as error:
                self.failed.append(repr(error))


@pytest.fixture
def settings(s3: Seaweed, bucket: Bucket) -> dict[str, str]:
    """Where the registry, the data and the models are: on a real S3 server."""
    place = f"s3://{bucket.name}/{bucket.prefix}"
    storage = {name: value for name, value in s3.environment().items() if name.startswith("HALLES_S3_")}
    return storage | {"HALLES_MODELS": f"{place}/registry", "TRAINING_STORAGE": f"{place}/training"}


@pytest.fixture
def server(tmp_path: Path, settings: dict[str, str]) -> Iterator[str]:
    with serving(tmp_path / "server", **settings, HALLES_MODELS_SECONDS="0.5") as (url, _):
        yield url


@pytest.fixture
def checkout(tmp_path: Path, server: str, settings: dict[str, str]) -> Checkout:
    music = songs.write(tmp_path / "music", each=18)
    return Checkout.make(tmp_path / "checkout", music, settings | {"HALLES_SERVER": server})


def test_a_better_training_serves_without_a_restart_and_a_worse_one_is_refused(checkout: Checkout, server: str) -> None:
    with Callers(server) as callers:
        callers.wait_for("music-style@built-in")
        printed = checkout.push("Learn nothing", penalty=NOTHING_LEARNED)
        assert "Nothing of the registry is in production to compare it with" in printed
        assert "music-style@1 is in production" in printed
        callers.wait_for("music-style@1")

        printed = checkout.push("Learn", penalty=LEARNED)
        assert "music-style@2 is in production" in printed
        assert f"{server} answers with music-style@2" in printed
        assert "`train.penalty`" in printed
        callers.wait_for("music-style@2")

        printed = checkout.push("Learn nothing again", penalty=NOTHING_LEARNED / 10)
        assert "is not promoted" in printed
        assert "It is not better" in printed
        assert "Production is as it was." in printed
        assert "answers with music-style" not in printed.split("Production is as it was.")[1]
        assert httpx.get(f"{server}/models/music-style").json()["standing"] == {"production": 2, "candidate": 3}

        back = httpx.post(f"{server}/models/music-style/rollback", json={"reason": "a test"})
        assert back.status_code == 200, back.text
        callers.wait_for("music-style@1")
    assert callers.failed == []
    seen = list(dict.fromkeys(callers.answered))
    assert seen == ["music-style@built-in", "music-style@1", "music-style@2"]


def test_the_workflow_has_no_known_weakness() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    subprocess.run([zizmor, "--offline", ".github/workflows"], cwd=ROOT, check=True)
