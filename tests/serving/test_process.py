"""The command that serves one service, as a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from halles.cli import app
from tests.serving.engine import Engine, http, wait

HALLES = str(Path(sys.executable).with_name("halles"))
AUTHOR = '''
"""A service that somebody wrote for themselves."""
import time
from halles.sdk import service

@service("greet", version="0.1", licence="MIT")
def greet(name: str, *, greeting: str = "Hello") -> str:
    """Greet somebody."""
    if name == "slow":
        time.sleep(1)
    if name == "die":
        import os
        os._exit(9)
    return f"{greeting}, {name}"
'''

Start = Callable[..., "Process"]


class Process:
    """`halles service` with the author's service; `url` is where it listens."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        command = [HALLES, "service", "mine:greet", "--port", "0", *options]
        self.process = subprocess.Popen(
            command, cwd=folder, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.url = line.split()[-1] if line else ""

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    (tmp_path / "mine.py").write_text(AUTHOR)
    started: list[Process] = []

    def begin(*options: str, **environment: str) -> Process:
        started.append(Process(tmp_path, *options, **environment))
        return started[-1]

    yield begin
    for process in started:
        process.end(signal.SIGKILL)


def test_an_authors_own_service_is_served_announced_and_put_to_sleep(engine: Engine, start: Start) -> None:
    process = start("--set", "greeting=Salut", ENGINE_URLS=f'["{engine.url}"]', ENGINE_ANNOUNCE_RETRY_DELAY="0.1")
    wait(lambda: engine.services.get("greet"))
    assert engine.services["greet"]["url"] == process.url
    assert engine.outputs(engine.run(process.url, (b"Anna", ".txt"))) == [b"Salut, Anna"]
    assert process.end() == 0
    assert engine.services["greet"]["status"] == "sleeping"


def test_the_task_at_work_is_ended_before_the_process_is(engine: Engine, start: Start) -> None:
    process = start()
    task = engine.submit(process.url, [engine.keep(b"slow", ".txt")])
    wait(lambda: http.get(f"{process.url}/tasks/{task}/status").json()["status"] == "processing")
    assert process.end() == 0
    assert engine.outputs(engine.outcome(task)) == [b"Hello, slow"]


@pytest.mark.parametrize(
    ("options", "environment", "said"),
    [
        (["--set", "greting=x"], {}, "`greting`: Extra inputs are not permitted"),
        (["--set", "greeting"], {}, "It looks like `--set PARAM=VALUE`"),
        ([], {"ENGINE_URLS": "[1]"}, 'a JSON list of addresses, such as ["http://engine:8000"]'),
        ([], {"SERVICE_URL": "here"}, "SERVICE_URL is `here`; it must be an address"),
        ([], {"LOG_LEVEL": "loud"}, "LOG_LEVEL is `LOUD`; it must be one of debug"),
        ([], {"MAX_TASKS": "none"}, "MAX_TASKS is `none`; it must be a number above 0"),
        (["--host", "256.1.1.1"], {}, "cannot listen on 256.1.1.1"),
    ],
)
def test_what_is_wrong_with_the_command_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], environment: dict[str, str], said: str
) -> None:
    (tmp_path / "mine.py").write_text(AUTHOR)
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ended = CliRunner().invoke(app, ["service", "mine:greet", "--port", "0", *options])
    assert ended.exit_code == 3 and said in ended.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [("mine:nobody", "is no service"), ("nothing:here", "cannot be imported"), ("shuot", "There is no service")],
)
def test_what_is_no_service_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    (tmp_path / "mine.py").write_text(AUTHOR)
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(app, ["service", name, "--port", "0"])
    assert ended.exit_code == 3 and said in ended.stderr


def test_what_is_not_installed_is_said() -> None:
    program = "import sys; sys.modules['uvicorn'] = None; from halles.cli import app; app()"
    command = [sys.executable, "-c", program, "service", "music-style", "--port", "0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3 and "needs `uvicorn`" in ended.stderr and "halles[server]" in ended.stderr
