"""Processes that are killed while a task is out: the service's, and this server's."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from halles.main import Market
from halles.model import Status
from halles.serving.server import listen
from tests.callers.conftest import end
from tests.callers.engine import open_at
from tests.callers.test_remote import shout
from tests.callers.toys import Toy
from tests.running import follow, text
from tests.serving.engine import wait

NOTICED = 30.0
"""Seconds within which a service that was killed is noticed."""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts modules as processes, and ends what is left of them."""
    started: list[subprocess.Popen[str]] = []

    def launch(module: str, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", module, *map(str, arguments)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield launch
    for process in started:
        process.kill()
        process.wait()


def free_port() -> int:
    with listen("127.0.0.1", 0) as free:
        return int(free.getsockname()[1])


def victim(start: Start, engine: str) -> subprocess.Popen[str]:
    """A service in a process of its own, that works for long and has announced itself."""
    port = free_port()
    process = start("tests.callers.toys", "loud", port, "slow:120")
    assert process.stdout and process.stdout.readline() == f"ready {port}\n"
    toy = Toy("loud")
    toy.stop()
    toy.url = f"http://127.0.0.1:{port}"
    assert toy.announce(engine).status_code == 200
    return process


def kill_when_it_works(process: subprocess.Popen[str], market: Market) -> float:
    """When the process was killed, by the clock of `time.monotonic`."""
    wait(lambda: [sent for sent in market.abroad.tasks.recent() if sent.url], "a task at the service")
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGKILL)
    return time.monotonic()


def test_a_service_killed_at_work_is_a_clear_error_in_time(market: Market, engine: str, start: Start) -> None:
    process = victim(start, engine)
    killed = _in_thread(lambda: kill_when_it_works(process, market))
    done = shout(market)
    took = time.monotonic() - killed()
    assert done.status is Status.failed
    assert done.problems[0].code == "service-unavailable" and "cannot be reached" in done.problems[0].message
    assert took < NOTICED


def test_the_task_of_a_service_killed_at_work_is_done_by_another_instance(
    market: Market, engine: str, start: Start
) -> None:
    process = victim(start, engine)
    other = Toy("loud")

    def rescue() -> float:
        killed = kill_when_it_works(process, market)
        assert other.announce(engine).status_code == 200
        return killed

    killed = _in_thread(rescue)
    done = shout(market)
    assert done.status is Status.finished and text(market, done.outputs["result"]) == "HELLO"
    assert time.monotonic() - killed() < NOTICED
    other.stop()


@pytest.mark.parametrize("back_first", [False, True], ids=["callback-waits-for-the-server", "server-is-back-first"])
def test_a_server_killed_while_a_task_is_out_takes_its_result_when_it_is_back(
    tmp_path: Path, start: Start, back_first: bool
) -> None:
    port = free_port()
    _, web = open_at(tmp_path, port)
    toy = Toy("loud", behaviour="wait")
    assert toy.announce(f"{web.url}/core-engine").status_code == 200
    end(web)

    server = start("tests.callers.engine", tmp_path, port, "run")
    wait(toy.computed.total, "the task to be out")
    server.kill()
    server.wait()
    if not back_first:
        toy.go.set()
        time.sleep(0.5)

    market, web = open_at(tmp_path, port)
    toy.go.set()
    done = follow(market.runner.resume("run"))
    assert text(market, done.outputs["result"]) == "HELLO"
    assert toy.computed.total() == 1
    toy.stop()
    end(web)


def test_the_callback_may_arrive_at_another_process_of_the_server(tmp_path: Path) -> None:
    port = free_port()
    _, web = open_at(tmp_path, port)
    toy = Toy("loud")
    toy.announce(f"{web.url}/core-engine")
    elsewhere = Market(tmp_path)
    elsewhere.address = web.url
    assert text(elsewhere, shout(elsewhere).outputs["result"]) == "HELLO"
    toy.stop()
    end(web)


def _in_thread(work: Callable[[], float]) -> Callable[[], float]:
    """Do something beside the test; gives what waits for its result."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(1).submit(work).result
