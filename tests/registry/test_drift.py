"""How far what a model sees is from what it was trained on: by how much, and how many calls it takes to tell."""

import json
import math
import random
import threading
from pathlib import Path
from typing import Any

import pytest

from halles.main import Market
from halles.model import Origin, Problems
from halles.registry.drift import DRIFTED, baseline, compare, luck, places, read_baseline, stability_index
from halles.sdk import Context
from halles.stores.database import connect
from halles.stores.observations import HOUR, KEPT_HOURS, Observations
from tests.running import pipeline as document
from tests.running import run
from tests.trained import files, toy

TOY = document([{"id": "a", "service": "toy", "inputs": {"text": "inputs.text"}}], out="a.word")
GENRES = ("blues", "jazz", "pop", "rock")


def songs(count: int, *, louder: float = 0.0, only: str = "", seed: int = 0) -> list[dict[str, str | float]]:
    chance = random.Random(seed)
    return [{"genre": only or chance.choice(GENRES), "loudness": chance.gauss(louder, 3.0)} for _ in range(count)]


TRAINED = baseline(songs(800))


def verdicts(observed: list[dict[str, str | float]]) -> dict[str, str]:
    counts: dict[str, dict[str, int]] = {}
    for each in observed:
        for trait, place in places(TRAINED, each).items():
            counts.setdefault(trait, {}).setdefault(place, 0)
            counts[trait][place] += 1
    return {each.trait: each.verdict for each in compare(TRAINED, counts)}


def test_the_index_is_what_it_says() -> None:
    same = {"a": 50, "b": 50}
    assert stability_index(same, {"a": 500, "b": 500}) == pytest.approx(0, abs=1e-4)
    p, q = (50 + 0.5) / 101, (80 + 0.5) / 101
    one = (q - p) * math.log(q / p) + (p - q) * math.log((1 - q) / (1 - p))
    assert stability_index(same, {"a": 80, "b": 20}) == pytest.approx(one)
    assert stability_index(same, {"c": 100}) > 1, "what never was in training is a surprise, but a finite one"


@pytest.mark.parametrize("count", [60, 300, 2000])
def test_music_like_that_of_the_training_has_not_drifted(count: int) -> None:
    for seed in range(1, 30):
        assert set(verdicts(songs(count, seed=seed)).values()) <= {"like", "moved"}


def test_luck_is_as_rare_as_it_says() -> None:
    limit = luck(100, 800, 10, likely=0.05)
    indices = []
    for seed in range(400):
        seen = baseline(songs(100, seed=1000 + seed))
        known = baseline(songs(800, seed=5000 + seed))
        counts: dict[str, int] = {}
        for each in songs(100, seed=1000 + seed):
            place = places(known, each)["loudness"]
            counts[place] = counts.get(place, 0) + 1
        indices.append(stability_index(known.traits["loudness"].counts, counts))
        assert sum(seen.traits["genre"].counts.values()) == 100
    share = sum(index > limit for index in indices) / len(indices)
    assert 0.01 < share < 0.10


@pytest.mark.parametrize("seed", range(3))
def test_other_music_has_drifted(seed: int) -> None:
    assert verdicts(songs(60, only="jazz", seed=seed))["genre"] == "drifted"
    louder = verdicts(songs(120, louder=6, seed=seed))
    assert (louder["loudness"], louder["genre"] != "drifted") == ("drifted", True)


def test_few_calls_say_nothing() -> None:
    assert set(verdicts(songs(29, only="jazz")).values()) == {"few"}
    assert set(verdicts([]).values()) == {"few"}


def test_what_is_no_number_or_not_known_is_at_no_place() -> None:
    assert places(TRAINED, {"loudness": math.nan, "tempo": 120.0, "genre": "blues"}) == {"genre": "blues"}
    assert places(TRAINED, {"loudness": -1e9})["loudness"] == "0"
    assert places(TRAINED, {"loudness": math.inf})["loudness"] == "9"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Invalid JSON"),
        ('{"traits": {}}', "traits"),
        ('{"traits": {"a": {"edges": [2, 1], "counts": {"0": 1}}}}', "edges rise"),
        ('{"traits": {"a": {"edges": [1], "counts": {"7": 1}}}}', "places from 0 to 1"),
        ('{"traits": {"a": {"counts": {"b": 0}}}}', "not all 0"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(Problems, match=said):
        read_baseline(text)


def test_counts_roll_and_old_ones_are_forgotten(tmp_path: Path) -> None:
    now = 1000.0 * HOUR
    counts = Observations(connect(tmp_path / "halles.db"), now=lambda: now)
    for hour, genre in enumerate(["old", "mid", "new"]):
        now = (1000 + hour) * HOUR
        for _ in range(10):
            counts.add("toy@1", "s", {"genre": genre, "loudness": "3"})
    assert counts.read("toy@1", "s").counts["genre"] == {"old": 10, "mid": 10, "new": 10}
    newest = counts.read("toy@1", "s", enough=15)
    assert (newest.calls, newest.since, newest.counts["genre"]) == (20, 1001.0 * HOUR, {"mid": 10, "new": 10})
    assert counts.read("toy@1", "other").calls == counts.read("toy@2", "s").calls == 0
    now = (1001 + KEPT_HOURS) * HOUR
    counts.add("toy@1", "s", {"genre": "today"})
    assert counts.read("toy@1", "s").counts["genre"] == {"mid": 10, "new": 10, "today": 1}
    now += 2 * HOUR
    Observations(connect(tmp_path / "halles.db"), now=lambda: now).add("toy@2", "s", {"genre": "x"})
    assert counts.read("toy@1", "s").counts == {"genre": {"today": 1}}


def test_processes_that_count_at_once_lose_nothing(tmp_path: Path) -> None:
    stores = [Observations(connect(tmp_path / "halles.db")) for _ in range(4)]

    def count(store: Observations) -> None:
        for _ in range(50):
            store.add("toy@1", "s", {"genre": "jazz", "loudness": "3"})

    threads = [threading.Thread(target=count, args=(store,)) for store in stores]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert stores[0].read("toy@1", "s").counts == {"genre": {"jazz": 200}, "loudness": {"3": 200}}


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Market:
    monkeypatch.setenv("HALLES_MODELS_SECONDS", "0.05")
    (tmp_path / "own.txt").write_text("own word")
    known = {"length": {"edges": [5, 10], "counts": {"0": 30, "1": 30, "2": 30}}}
    (tmp_path / "baseline.json").write_text(json.dumps({"traits": known}))
    return Market(tmp_path / "home", services=[_toy(tmp_path)])


def _toy(folder: Path) -> Any:
    return toy(folder / "own.txt", folder / "baseline.json")


def test_a_service_counts_its_calls_and_a_restart_forgets_nothing(hall: Market, tmp_path: Path) -> None:
    for number in range(60):
        hall.services.load("toy").run({"text": f"a long text, number {number}"}, {}, Context())
    again = Market(hall.home, services=[_toy(tmp_path)])
    report = again.drift("toy")
    assert (report.version, report.calls, report.verdict) == ("toy@built-in", 60, "drifted")
    assert report.traits[0].seen == {"2": 1.0}


def test_what_comes_from_the_cache_is_not_counted_again(hall: Market) -> None:
    run(hall, TOY, text="one")
    assert run(hall, TOY, text="one").steps["a"].cached
    run(hall, TOY, text="another")
    assert hall.drift("toy").calls == 2


def test_each_version_is_counted_by_itself_and_by_its_own_baseline(hall: Market) -> None:
    run(hall, TOY, text="one")
    version = files(hall.home / "v", 0.9)
    hall.models.push("toy", version, Origin(), who="Ada")
    hall.models.promote("toy", None, who="Ada")
    run(hall, TOY, text="two")
    assert hall.drift("toy").verdict is None, "this version says nothing of its training"
    (hall.home / "v/baseline.json").write_text('{"traits": {"length": {"edges": [4], "counts": {"0": 5, "1": 5}}}}')
    hall.models.push("toy", version | {"baseline.json": hall.home / "v/baseline.json"}, Origin(), who="Ada")
    hall.models.promote("toy", None, who="Ada", force=True, why="a test")
    run(hall, TOY, text="three")
    report = hall.drift("toy")
    assert (report.version, report.calls, report.traits[0].seen) == ("toy@2", 1, {"1": 1.0})
    assert hall.drift("toy", 0).calls == 1


def test_a_version_with_a_bad_baseline_is_not_pushed(hall: Market) -> None:
    version = files(hall.home / "v", 0.9)
    (hall.home / "v/baseline.json").write_text("{}")
    with pytest.raises(Problems, match=r"`baseline.json` is no baseline"):
        hall.models.push("toy", version | {"baseline.json": hall.home / "v/baseline.json"}, Origin(), who="Ada")
    assert hall.models.registry.versions("toy") == []


def test_a_database_that_fails_costs_no_answer(hall: Market, caplog: pytest.LogCaptureFixture) -> None:
    service = hall.services.load("toy")
    hall.observations._engine = connect(hall.home / "gone.db")
    with hall.observations._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE observations")
    assert service.run({"text": "hello"}, {}, Context())["word"] == "own word"
    assert "a call of toy@built-in was not counted" in caplog.text


def test_what_is_kept_says_nothing_of_a_call(hall: Market) -> None:
    run(hall, TOY, text="a secret")
    with hall.observations._engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT version, hour, trait, place, count FROM observations").all()
    assert [(version, trait, place, count) for version, _, trait, place, count in rows] == [
        ("toy@built-in", "length", "1", 1)
    ]
    assert rows[0][1] * HOUR % HOUR == 0, "and when, to the hour"


def test_the_index_is_among_the_metrics(hall: Market) -> None:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.registry import Collector

    from halles.telemetry import drift

    run(hall, TOY, text="hello")

    class Seen(Collector):
        def collect(self) -> Any:
            return drift.families(hall.drifts())

    stock = CollectorRegistry()
    stock.register(Seen())
    text = generate_latest(stock).decode()
    assert 'halles_model_drift_calls{model="toy",version="toy@built-in"} 1.0' in text
    assert 'halles_model_drift_limit{model="toy",trait="length",version="toy@built-in"}' in text
    assert f'limit{{model="toy",trait="length",version="toy@built-in"}} {DRIFTED}' not in text, "one call is few"
