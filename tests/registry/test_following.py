"""A service follows the version in production: without a restart, without losing a call, and saying which it used."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from halles.main import Market
from halles.model import LOCAL, Origin, Principal, Problems, Role
from halles.registry.following import Following
from halles.sdk import Context, Service
from halles.telemetry import metrics
from tests.running import pipeline as document
from tests.running import run
from tests.trained import files, toy

ROOT = Path(__file__).parents[2]
OWN = "own word"
TOY = document([{"id": "a", "service": "toy", "inputs": {"text": "inputs.text"}}], out="a.word")


@pytest.fixture
def service(tmp_path: Path) -> Service:
    (tmp_path / "own.txt").write_text(OWN)
    return toy(tmp_path / "own.txt")


@pytest.fixture
def open_market(tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Market]:
    def opened(**settings: str) -> Market:
        for name, value in ({"HALLES_MODELS_SECONDS": "0.05"} | settings).items():
            monkeypatch.setenv(name, value)
        return Market(tmp_path / "home", services=[toy(tmp_path / "own.txt")], workers=4)

    return opened


@pytest.fixture
def hall(open_market: Callable[..., Market]) -> Market:
    return open_market()


def push(market: Market, word: str, accuracy: float, **said) -> int:
    folder = market.home.parent / f"v {word}"
    return market.models.push("toy", files(folder, accuracy, model=word.encode(), **said), Origin(), who="Ada").number


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.01)


def says(market: Market, text: str = "hello") -> tuple[str, str, bool]:
    """What a run says, which version the provenance names, and whether it came from the cache."""
    done = run(market, TOY, text=text)
    name = market.results.get(done.steps["a"].keys[0]).weights[-1].name
    return market.objects.read(done.outputs["out"]).decode(), name, done.steps["a"].cached


def test_without_a_registry_it_uses_the_model_that_it_comes_with(hall: Market):
    assert says(hall) == (OWN, "toy@built-in", False)
    assert not (hall.home / "models").exists()


def test_a_promotion_is_followed_and_results_of_before_are_not_taken_for_it(hall: Market):
    assert says(hall)[:2] == (OWN, "toy@built-in")
    assert says(hall)[2] is True
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    until(lambda: hall.services.load("toy").release_name == "toy@1")
    assert says(hall) == ("one", "toy@1", False)
    push(hall, "two", 0.8)
    hall.models.promote("toy", None, who="Ada")
    until(lambda: hall.services.load("toy").release_name == "toy@2")
    assert says(hall) == ("two", "toy@2", False)
    hall.models.rollback("toy", who="Ada")
    until(lambda: hall.services.load("toy").release_name == "toy@1")
    assert says(hall)[0] == "one"
    assert says(hall)[2] is True, "what the first version said is known from before"


def test_the_answer_says_which_version_it_is_of(hall: Market):
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    service = hall.services.load("toy")
    assert service.run({"text": "hello"}, {}, Context()) == {"word": "one", "model": "toy@1"}


def test_a_process_that_starts_uses_what_is_in_production_at_once(hall: Market, open_market: Callable[..., Market]):
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    assert says(open_market())[:2] == ("one", "toy@1")


@pytest.fixture
def measured(hall: Market, tmp_path: Path) -> Market:
    """A hall whose service brought what its own model, right on seven of ten clips, said of them."""
    own = files(tmp_path / "own", 0.7)
    return Market(tmp_path / "measured", services=[toy(tmp_path / "own.txt", predictions=own["predictions.csv"])])


def test_the_first_version_is_to_beat_the_model_that_the_service_comes_with(measured: Market):
    push(measured, "as good", 0.7)
    with pytest.raises(Problems, match="It is not better"):
        measured.models.promote("toy", None, who="Ada")
    assert measured.models.standing("toy").production == 0
    push(measured, "better", 0.85)
    assert measured.models.promote("toy", None, who="Ada").after.production == 2


def test_a_version_for_other_music_is_not_compared_with_the_model_that_the_service_comes_with(measured: Market):
    push(measured, "other", 0.6, first=1000)
    assert measured.models.promote("toy", None, who="Ada").after.production == 1


def test_part_of_the_clips_is_not_enough_to_beat_the_model_that_the_service_comes_with(measured: Market):
    push(measured, "some", 0.9, first=100)
    with pytest.raises(Problems, match="cannot be compared"):
        measured.models.promote("toy", None, who="Ada")


def test_a_run_that_was_planned_before_ends_on_the_version_of_its_plan(
    hall: Market, open_market: Callable[..., Market]
):
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    plan = hall.plan(TOY)
    push(hall, "two", 0.8)
    hall.models.promote("toy", None, who="Ada")
    until(lambda: hall.services.load("toy").release_name == "toy@2")
    for market in (hall, open_market()):
        text = market.objects.put(b"hello", "text/plain")
        task = plan.tasks[0]
        outputs = asyncio.run(market.caller.call(task, {"text": text}, lambda *_: None))
        assert market.objects.read(outputs["word"]) == b"one"


def test_no_call_is_lost_while_versions_change_under_load(hall: Market):
    push(hall, "v1", 0.5)
    hall.models.promote("toy", None, who="Ada")
    stop, failures, answers = threading.Event(), [], []

    async def load(number: int) -> None:
        count = 0
        while not stop.is_set():
            count += 1
            text = hall.objects.put(f"{number} {count}".encode(), "text/plain")
            task = hall.plan(TOY).tasks[0]
            try:
                outputs = await hall.caller.call(task, {"text": text}, lambda *_: None)
            except Exception as error:
                failures.append(error)
                continue
            word, name = (hall.objects.read(outputs[port]).decode() for port in ("word", "model"))
            answers.append((word, name, task.weights[-1].name))

    def client(number: int) -> None:
        asyncio.run(load(number))

    clients = [threading.Thread(target=client, args=(number,)) for number in range(4)]
    for each in clients:
        each.start()
    for version, accuracy in ((2, 0.6), (3, 0.7), (4, 0.8), (5, 0.9)):
        push(hall, f"v{version}", accuracy)
        hall.models.promote("toy", None, who="Ada")
        until(lambda name=f"toy@{version}": any(answer[1] == name for answer in answers))
    stop.set()
    for each in clients:
        each.join()
    assert failures == []
    assert {name for _, name, _ in answers} == {f"toy@{number}" for number in range(1, 6)}
    assert all(name == planned and word == name.replace("toy@", "v") for word, name, planned in answers)


def test_a_version_that_cannot_be_loaded_is_not_followed_and_the_old_one_goes_on(
    hall: Market, caplog: pytest.LogCaptureFixture
) -> None:
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    assert says(hall)[0] == "one"
    made = hall.models.registry.push("toy", files(hall.home / "broken", 0.9, model=b""), Origin(data="d"), author="Ada")
    seen = hall.models.registry.last_change("toy")
    hall.models.registry.move("toy", seen, "promote", 2, seen.after.model_copy(update={"production": 2}), who="Ada")
    until(lambda: f"{made.name} cannot be used, toy@1 goes on" in caplog.text)
    assert says(hall, "other")[:2] == ("one", "toy@1")
    hall.models.rollback("toy", who="Ada")
    assert says(hall, "another")[0] == "one"


def test_a_model_that_the_service_cannot_use_is_not_even_pushed(hall: Market):
    with pytest.raises(Problems, match=r"`toy` cannot use `model.onnx`: ValueError: the model is empty"):
        push(hall, "", 0.9)
    assert hall.models.registry.versions("toy") == []


def test_damage_in_the_registry_does_not_stop_the_service(hall: Market, caplog: pytest.LogCaptureFixture):
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    (hall.home / "models/models/toy/changes/000002.json").write_text("{")
    fresh = Market(hall.home, services=[hall.services.load("toy")])
    assert fresh.services.load("toy").release_name
    assert "cannot be looked at" in caplog.text


def test_a_candidate_gets_its_share_of_the_runs(open_market: Callable[..., Market]):
    hall = open_market(HALLES_CANDIDATE_SHARE="0.3")
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    push(hall, "two", 0.8)
    hall.services.load("toy")
    until(lambda: any(hall.plan(TOY).tasks[0].weights[-1].name == "toy@2" for _ in range(20)))
    drawn = [hall.plan(TOY).tasks[0].weights[-1].name for _ in range(400)]
    assert set(drawn) == {"toy@1", "toy@2"}
    assert 0.18 < drawn.count("toy@2") / 400 < 0.42
    assert hall.services.load("toy").release_name == "toy@1"
    words = {says(hall, f"text {number}")[:2] for number in range(25)}
    assert words == {("one", "toy@1"), ("two", "toy@2")}


def test_a_run_with_the_candidate_can_go_on_from_a_step(open_market: Callable[..., Market]):
    hall = open_market(HALLES_CANDIDATE_SHARE="1")
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    push(hall, "two", 0.8)
    hall.services.load("toy")
    until(lambda: hall.plan(TOY).tasks[0].weights[-1].name == "toy@2")
    done = run(hall, TOY, text="hello")
    again = hall.again(done, Principal(id=LOCAL, role=Role.operator), step="a")
    assert again.plan.tasks[0].weights[-1].name == "toy@2"


def shadows(outcome: str, model: str = "toy@2") -> float:
    return metrics.shadows.labels("toy", model, outcome)._value.get()


def test_a_candidate_in_the_shadow_answers_beside_and_is_compared(open_market: Callable[..., Market]):
    hall = open_market(HALLES_CANDIDATE_SHADOW="1")
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    push(hall, "two", 0.8)
    assert says(hall, "first")[0] == "one"
    before = shadows("different")
    until(lambda: hall.services.load("toy").watcher is not None)
    assert says(hall, "second")[:2] == ("one", "toy@1")
    until(lambda: shadows("different") == before + 1)
    assert says(hall, "second")[2] is True, "what the shadow says is kept nowhere"


def test_a_service_that_nobody_uses_any_more_is_not_followed(hall: Market):
    following = Following(hall.services.load("toy"), hall.models.registry, lambda: hall.observations, every=0.02)
    following.now()
    watching = [each for each in threading.enumerate() if "_watch" in each.name]
    del following
    until(lambda: not any(each.is_alive() for each in watching[-1:]))


ENDS = """
import sys, time
from pathlib import Path
from halles.registry.following import Following
from halles.registry.places import open_registry
from tests.trained import toy

class Slow(Following):
    looks = 0

    def look(self, *, warm=True):
        self.looks += 1
        print("begun", flush=True)
        time.sleep(0.2)
        print("done", flush=True)

following = Slow(toy(Path(sys.argv[1])), open_registry(Path(sys.argv[2])), lambda: None, every=0.01)
following.now()
while following.looks < 2:
    time.sleep(0.001)
"""


def test_a_process_that_ends_lets_a_look_come_to_its_end(service: Service, tmp_path: Path):
    command = [sys.executable, "-c", ENDS, str(tmp_path / "own.txt"), str(tmp_path / "registry")]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True).stdout.split()
    assert said == ["begun", "done"] * 2


@pytest.mark.parametrize("text", ["2", "-0.1", "much", "nan"])
def test_a_share_that_is_none_is_refused(open_market: Callable[..., Market], text: str):
    with pytest.raises(Problems, match="HALLES_CANDIDATE_SHARE is"):
        open_market(HALLES_CANDIDATE_SHARE=text).services.load("toy")


def test_the_catalogue_says_which_version_serves(hall: Market):
    push(hall, "one", 0.6)
    hall.models.promote("toy", None, who="Ada")
    (weights,) = hall.offers.find("toy").weights
    assert (weights.name, weights.here, weights.bytes) == ("toy@1", True, 3)
    assert json.loads(hall.services.load("toy").spec.model_dump_json())["weights"][0]["name"] == "toy@1"
