"""A service alone takes tasks, works on them one after the other, and says how each ended."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import shelf
from tests.serving import toys
from tests.serving.conftest import Serving
from tests.serving.engine import Engine, http, wait

Serve = Callable[..., Serving]


@pytest.fixture
def held() -> Iterator[threading.Event]:
    """`hold` waits until this is set."""
    toys.gate.clear()
    yield toys.gate
    toys.gate.set()


def state(serving: Serving, task: str) -> str:
    return str(http.get(f"{serving.url}/tasks/{task}/status").json()["status"])


def busy(engine: Engine, serving: Serving, task: str | None = None) -> str:
    """A task that is being worked on now."""
    task = engine.submit(serving.url, [engine.keep(b"x", ".txt")], task=task)
    wait(lambda: state(serving, task) == "processing", "the task to be worked on")
    return task


def test_a_task_is_fetched_computed_saved_and_called_back(engine: Engine, serve: Serve) -> None:
    callback = engine.run(serve(shelf.shout).url, (b"hello", ".txt"))
    assert callback["error_message"] is None and engine.outputs(callback) == [b"HELLO"]
    assert callback["data_out"][0].endswith(".txt")


def test_parameters_are_fixed_for_the_process(engine: Engine, serve: Serve) -> None:
    callback = engine.run(serve(shelf.shout, params={"times": 3}).url, (b"ha", ".txt"))
    assert engine.outputs(callback) == [b"HAHAHA"]


def test_the_answer_is_the_one_of_the_contract(engine: Engine, serve: Serve) -> None:
    body = {"storage_url": engine.url, "callback_url": engine.url, "task": engine.task("t", [])}
    answer = http.post(f"{serve(shelf.shout).url}/compute", json=body)
    assert (answer.status_code, answer.json()) == (200, {"status": "Task added to the queue"})


def test_a_full_queue_says_so(engine: Engine, serve: Serve, held: threading.Event) -> None:
    serving = serve(toys.hold, capacity=2)
    busy(engine, serving)
    engine.submit(serving.url, [engine.keep(b"x", ".txt")])
    body = {"storage_url": engine.url, "callback_url": engine.url, "task": engine.task("third", [])}
    answer = http.post(f"{serving.url}/compute", json=body)
    assert (answer.status_code, answer.json()) == (503, {"detail": "Queue is full"})


def test_there_is_room_again_when_tasks_ended(engine: Engine, serve: Serve) -> None:
    serving = serve(shelf.shout, capacity=1)
    for text in (b"a", b"b", b"c"):
        assert engine.outputs(engine.run(serving.url, (text, ".txt"))) == [text.upper()]


def test_the_same_task_sent_twice_is_worked_on_once(engine: Engine, serve: Serve, held: threading.Event) -> None:
    serving = serve(toys.hold)
    task = busy(engine, serving)
    engine.submit(serving.url, [engine.keep(b"x", ".txt")], task=task)
    assert len(serving.stand.tasks) == 1
    held.set()
    engine.outcome(task)
    wait(lambda: len(serving.stand.tasks) == 0)
    assert len(engine.callbacks[task]) == 1


def test_a_task_that_ended_may_be_sent_again(engine: Engine, serve: Serve) -> None:
    serving = serve(shelf.shout)
    task = engine.submit(serving.url, ["gone.txt"])
    assert engine.outcome(task)["status"] == "error"
    engine.submit(serving.url, [engine.keep(b"x", ".txt")], task=task)
    wait(lambda: len(engine.callbacks[task]) == 2)
    assert engine.outcome(task)["status"] == "finished"


def test_states_of_tasks_are_told_and_outlive_them(engine: Engine, serve: Serve, held: threading.Event) -> None:
    serving = serve(toys.hold)
    first = busy(engine, serving)
    second = engine.submit(serving.url, [engine.keep(b"x", ".txt")])
    third = engine.submit(serving.url, [engine.keep(b"x", ".txt")])
    assert state(serving, third) == "pending"
    held.set()
    for task in (first, second, third):
        engine.outcome(task)
        assert state(serving, task) == "finished"


def test_the_state_of_an_unknown_task_is_404(serve: Serve) -> None:
    assert http.get(f"{serve(shelf.shout).url}/tasks/nobody/status").status_code == 404


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([(b"x", ".png")], "is image/png, but `text` takes text/plain"),
        ([(b"x", "")], "has no extension"),
        ([(b"x", ".exe")], "none of the contract"),
        ([], "has 0 inputs; `shout` takes 1: text"),
        ([(b"x", ".txt"), (b"x", ".txt")], "has 2 inputs; `shout` takes 1: text"),
        ([(b"\xff", ".txt")], "`text` is not UTF-8"),
    ],
)
def test_bad_input_is_an_error_that_says_what_would_be_right(
    engine: Engine, serve: Serve, files: list[tuple[bytes, str]], said: str
) -> None:
    callback = engine.run(serve(shelf.shout).url, *files)
    assert callback["status"] == "error" and callback["data_out"] == [] and said in callback["error_message"]


def test_a_missing_input_fails_its_task_and_the_next_one_runs(engine: Engine, serve: Serve) -> None:
    serving = serve(shelf.shout)
    missing = engine.outcome(engine.submit(serving.url, ["gone.txt"]))
    assert "nothing under the key `gone.txt`" in missing["error_message"]
    assert engine.run(serving.url, (b"x", ".txt"))["status"] == "finished"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("raise", "`trip` failed: ValueError: the figure is odd (toys.py:"),
        ("exit", "SystemExit: 3"),
        ("stop", "StopIteration"),
        ("recurse", "RecursionError"),
        ("hang", "`trip` gave no result within 0.3 s"),
        ("memory", "MemoryError"),
        ("timeout", "TimeoutError: the database did not answer"),
    ],
)
def test_whatever_a_task_does_the_next_one_runs(engine: Engine, serve: Serve, how: str, said: str) -> None:
    serving = serve(toys.trip)
    callback = engine.run(serving.url, (how.encode(), ".txt"))
    assert callback["status"] == "error" and said in callback["error_message"]
    assert engine.run(serving.url, (b"go on", ".txt"))["status"] == "finished"


def test_a_model_that_cannot_be_loaded_is_each_tasks_error(engine: Engine, serve: Serve) -> None:
    serving = serve(toys.Broken)
    assert "the file is cut off" in engine.run(serving.url, (b"x", ".txt"))["error_message"]
    assert http.get(f"{serving.url}/status").json() == {"status": "Service is available"}


def test_a_callback_is_sent_until_the_engine_accepts_it(engine: Engine, serve: Serve) -> None:
    engine.faults["callback"] = [500, 422]
    assert engine.run(serve(shelf.shout).url, (b"x", ".txt"))["status"] == "finished"
    assert engine.requests.count("callback") == 3


def test_a_callback_waits_for_an_engine_that_is_away(engine: Engine, serve: Serve) -> None:
    away, serving = Engine(), serve(shelf.shout)
    task = engine.submit(serving.url, [engine.keep(b"x", ".txt")], callback=f"{away.url}/tasks/t")
    wait(lambda: state(serving, task) == "finished" and len(serving.stand._callbacks) == 1)
    away.web.start()
    assert away.outcome("t")["status"] == "finished"
    away.web.stop()


def test_what_was_computed_waits_for_a_storage_that_is_away(
    engine: Engine, serve: Serve, held: threading.Event
) -> None:
    serving = serve(toys.hold)
    task = busy(engine, serving)
    engine.web.stop()
    held.set()
    wait(lambda: state(serving, task) == "saving")
    engine.web.start()
    assert engine.outcome(task)["status"] == "finished"


def test_a_callback_for_a_task_that_the_engine_does_not_know_ends(engine: Engine, serve: Serve) -> None:
    engine.faults["callback"] = [404]
    serving = serve(shelf.shout)
    engine.submit(serving.url, ["gone.txt"])
    wait(lambda: "callback" in engine.requests)
    wait(lambda: len(serving.stand._callbacks) == 0, "the callback to be given up")


def test_other_tasks_run_while_callbacks_wait(engine: Engine, serve: Serve) -> None:
    serving = serve(shelf.shout)
    engine.submit(serving.url, [], callback="http://127.0.0.1:9/tasks/lost")
    assert engine.run(serving.url, (b"x", ".txt"))["status"] == "finished"
    wait(lambda: len(serving.stand._callbacks) == 1)


def test_inputs_larger_than_what_is_taken_are_refused(
    engine: Engine, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLES_MAX_INPUT_BYTES", "1000")
    callback = engine.run(serve(shelf.shout).url, (b"x" * 1001, ".txt"))
    assert "larger than the 1,000 bytes" in callback["error_message"]


def test_a_body_that_is_no_message_is_refused(serve: Serve) -> None:
    answer = http.post(f"{serve(shelf.shout).url}/compute", json={"task": {}})
    assert answer.status_code == 422


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_larger_than_any_message_is_not_read(serve: Serve, chunked: bool) -> None:
    content: Any = (b"x" * 100_000 for _ in range(20)) if chunked else b"x" * 2_000_000
    answer = http.post(f"{serve(shelf.shout).url}/compute", content=content)
    assert answer.status_code in (400, 413)


def test_figures_are_there_for_prometheus(engine: Engine, serve: Serve) -> None:
    serving = serve(shelf.shout)
    engine.run(serving.url, (b"x", ".txt"))
    text = http.get(f"{serving.url}/metrics").text
    assert 'halles_service_tasks_total{status="finished"} 1.0' in text and "halles_service_capacity 50.0" in text


def test_the_front_page_leads_to_the_documentation(serve: Serve) -> None:
    url = serve(shelf.shout).url
    assert http.get(url).headers["location"] == "/docs"
    assert http.get(f"{url}/openapi.json").json()["info"]["title"] == "Shout"


def test_pages_of_other_origins_may_call(serve: Serve) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = http.options(f"{serve(shelf.shout).url}/compute", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_service_that_leaves_ends_its_work_and_gives_back_what_waits(
    engine: Engine, serve: Serve, held: threading.Event
) -> None:
    serving = serve(toys.hold)
    tasks = [busy(engine, serving), *(engine.submit(serving.url, [engine.keep(b"x", ".txt")]) for _ in range(3))]
    wait(lambda: [state(serving, task) for task in tasks].count("pending") == 2 or None)
    serving.leave()
    assert "shut down before the task's turn" in engine.outcome(tasks[-1])["error_message"]
    body = {"storage_url": engine.url, "callback_url": engine.url, "task": engine.task("late", [])}
    assert http.post(f"{serving.url}/compute", json=body).status_code == 503
    held.set()
    assert engine.outcome(tasks[0])["status"] == "finished"
    serving.stop()


def test_a_second_signal_ends_the_wait(engine: Engine, serve: Serve, held: threading.Event) -> None:
    serving = serve(toys.hold, drain=600.0)
    task = busy(engine, serving)
    serving.leave()
    serving.stop()
    assert "stopped while it worked on the task" in engine.outcome(task)["error_message"]


def test_a_service_does_not_wait_for_ever_for_its_work(engine: Engine, serve: Serve, held: threading.Event) -> None:
    serving = serve(toys.hold, drain=0.2)
    task = busy(engine, serving)
    serving.stop()
    assert "stopped while it worked on the task" in engine.outcome(task)["error_message"]
