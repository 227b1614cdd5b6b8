"""A service alone follows the version in production too, and tells its engines, which keep results until then."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from halles.main import Market
from halles.model import Origin
from halles_services.music_style.classifier import MODEL
from tests.serving.engine import Engine, wait
from tests.trained import files

HALLES = str(Path(sys.executable).with_name("halles"))
SONG = Path(__file__).parents[2] / "src/halles_services/demo/song.opus"


@pytest.mark.models
def test_the_real_service_answers_with_what_was_promoted_and_announces_itself_anew(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLES_HOME", str(tmp_path / "home"))
    settings = {
        "ENGINE_URLS": f'["{engine.url}"]',
        "ENGINE_ANNOUNCE_RETRY_DELAY": "0.1",
        "HALLES_MODELS_SECONDS": "0.2",
    }
    command = [HALLES, "service", "music-style", "--port", "0"]
    serving = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True)
    try:
        url = serving.stdout.readline().split()[-1]
        wait(lambda: engine.services.get("music-style"))

        def answered() -> str:
            (style,) = engine.outputs(engine.run(url, (SONG.read_bytes(), ".ogg")))
            return json.loads(style)["model"]

        assert answered() == "music-style@built-in"
        models = Market().models
        models.push("music-style", files(tmp_path / "v", model=MODEL.read_bytes()), Origin(), who="Ada")
        told = engine.requests.count("announce")
        models.promote("music-style", None, who="Ada")
        wait(lambda: engine.requests.count("announce") > told, "the service to announce itself anew")
        assert answered() == "music-style@1"
    finally:
        serving.send_signal(signal.SIGKILL)
        serving.communicate()
