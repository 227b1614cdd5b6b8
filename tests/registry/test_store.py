"""Versions and aliases, in a folder and in a bucket of a real S3 server: immutable, whole, and moved by one at a time."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from halles.model import Origin, Problems, Standing
from halles.registry.models import Models
from halles.registry.places import open_registry
from halles.registry.store import MODEL, Registry
from halles.stores.objects import Objects
from tests.trained import files

ROOT = Path(__file__).parents[2]
ORIGIN = Origin(data="d1", code="c1", params="p1")


def push(
    models: Models, folder: Path, accuracy: float = 0.7, model: bytes = b"a word", origin: Origin = ORIGIN, **said
):
    return models.push("toy", files(folder, accuracy, model=model, **said), origin, who="Ada", note="a try")


def afresh(tmp_path: Path) -> Models:
    """The same models, as another process on another machine sees them."""
    return Models(open_registry(tmp_path / "another cache"))


def test_a_version_is_what_was_pushed(models: Models, tmp_path: Path):
    made = push(models, tmp_path / "a")
    seen = afresh(tmp_path)
    (version,) = seen.registry.versions("toy")
    assert version == made
    assert (version.name, version.author, version.note, version.origin) == ("toy@1", "Ada", "a try", ORIGIN)
    assert version.figures.clips == 200
    assert seen.registry.file(version).read_bytes() == b"a word"
    assert seen.registry.text(version, "card.md") == "# The card of a word\n"
    assert len(seen.registry.predictions(version)) == 200
    assert seen.names() == ["toy"]


def test_the_same_push_is_the_same_version_and_another_origin_is_another_one(models: Models, tmp_path: Path):
    first = push(models, tmp_path / "a")
    assert push(afresh(tmp_path), tmp_path / "a") == first
    other = push(models, tmp_path / "a", origin=Origin(data="d2"))
    assert (other.number, other.identity == first.identity) == (2, False)


def test_the_newest_is_the_candidate(models: Models, tmp_path: Path):
    push(models, tmp_path / "a")
    push(models, tmp_path / "b", model=b"b")
    assert afresh(tmp_path).standing("toy") == Standing(production=0, candidate=2)


def test_a_version_that_half_came_is_not_there(models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise OSError("the cable was cut")

    monkeypatch.setattr(models.registry, "_write", broken)
    with pytest.raises(OSError, match="cable"):
        push(models, tmp_path / "a")
    seen = afresh(tmp_path)
    assert (seen.names(), seen.registry.versions("toy")) == ([], [])
    assert push(seen, tmp_path / "a").number == 1


def test_pushes_at_once_get_numbers_of_their_own(models: Models, tmp_path: Path):
    folders = [tmp_path / str(number) for number in range(6)]
    for number, folder in enumerate(folders):
        files(folder, model=b"model %d" % number)
    starting = Barrier(len(folders))

    def one(folder: Path) -> int:
        mine = afresh(tmp_path)
        starting.wait()
        return mine.registry.push("toy", {each.name: each for each in folder.iterdir()}, ORIGIN, author="Ada").number

    with ThreadPoolExecutor(len(folders)) as pool:
        assert sorted(pool.map(one, folders)) == [1, 2, 3, 4, 5, 6]


def test_promotion_moves_production_and_says_who_when_and_why(models: Models, tmp_path: Path):
    push(models, tmp_path / "a")
    models.promote("toy", None, who="Ada", why="the first")
    push(models, tmp_path / "b", 0.85, b"b")
    begun = time.time()
    change = models.promote("toy", None, who="Bob", why="better")
    assert (change.before, change.after) == (Standing(production=1, candidate=2), Standing(production=2))
    assert (change.who, change.why, change.forced, change.report.passed) == ("Bob", "better", False, True)
    assert begun <= change.at <= time.time()
    told = afresh(tmp_path).registry.changes("toy")
    assert [(each.action, each.version, each.after.production) for each in told] == [
        ("push", 1, 0), ("promote", 1, 1), ("push", 2, 1), ("promote", 2, 2),
    ]  # fmt: skip
    assert told[-1] == change


def test_what_the_gate_refuses_stays_out_unless_it_is_forced_with_a_reason(models: Models, tmp_path: Path):
    push(models, tmp_path / "a", 0.8)
    models.promote("toy", None, who="Ada")
    push(models, tmp_path / "b", 0.76, b"b", lost="pop", confidence=0.6)
    with pytest.raises(Problems) as refused:
        models.promote("toy", None, who="Ada")
    assert [each.code for each in refused.value.problems] == ["gate-refused", "gate-better", "gate-class"]
    with pytest.raises(Problems, match="give a reason"):
        models.promote("toy", None, who="Ada", why=" ", force=True)
    assert models.standing("toy").production == 1
    change = models.promote("toy", None, who="Ada", why="pop is not wanted", force=True)
    assert (change.forced, change.report.passed, models.standing("toy").production) == (True, False, 2)


def test_rollback_goes_back_step_by_step_to_the_services_own_model(models: Models, tmp_path: Path):
    for number, accuracy in enumerate((0.6, 0.75, 0.9)):
        push(models, tmp_path / str(number), accuracy, b"%d" % number)
        models.promote("toy", None, who="Ada")
    back = []
    for _ in range(3):
        back.append(models.rollback("toy", who="Bob", why="complaints").after.production)
    assert back == [2, 1, 0]
    with pytest.raises(Problems, match="could be taken back"):
        models.rollback("toy", who="Bob")
    assert models.promote("toy", 3, who="Bob").after.production == 3
    assert models.before("toy") == 0


def test_a_decision_on_what_stood_before_is_a_conflict(models: Models, tmp_path: Path):
    push(models, tmp_path / "a")
    models.promote("toy", None, who="Ada", seen=1)
    with pytest.raises(Problems, match="changed since you looked") as refused:
        models.rollback("toy", who="Bob", seen=1)
    assert refused.value.problems[0].code == "conflict"


RACE = """
import sys, time
from pathlib import Path
from halles.model import Problems
from halles.registry.models import Models
from halles.registry.places import open_registry

models = Models(open_registry(Path(sys.argv[1])))
seen = models.registry.last_change("toy").number
print("ready", flush=True)
sys.stdin.readline()
try:
    models.promote("toy", int(sys.argv[2]), who=f"process {sys.argv[2]}", seen=seen)
    print("won")
except Problems as problems:
    print(problems.problems[0].code, problems)
"""


def test_of_promotions_at_once_by_several_processes_one_wins(
    models: Models, tmp_path: Path, place: dict[str, str]
) -> None:
    push(models, tmp_path / "base", 0.5)
    models.promote("toy", None, who="Ada")
    for number in range(4):
        push(models, tmp_path / str(number), 0.9, b"%d" % number)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path / f"cache {number}"), str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | place, cwd=ROOT,
        )
        for number in (2, 3, 4, 5)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    assert sorted(each.partition(" ")[0] for each in said) == ["conflict", "conflict", "conflict", "won"]
    winner = 2 + said.index("won")
    assert afresh(tmp_path).standing("toy").production == winner
    assert [each.action for each in afresh(tmp_path).registry.changes("toy")].count("promote") == 2


def test_two_moves_from_the_same_standing_cannot_both_be_made(models: Models, tmp_path: Path):
    push(models, tmp_path / "a")
    other, seen = afresh(tmp_path), models.registry.last_change("toy")
    models.registry.move("toy", seen, "promote", 1, Standing(production=1), who="Ada")
    with pytest.raises(Problems, match="came first: `promote` of version 1, by Ada"):
        other.registry.move("toy", seen, "rollback", 1, Standing(), who="Bob")


SLOW_PUSH = """
import sys, time
from pathlib import Path
from halles.model import Origin
from halles.registry import store
from halles.registry.places import open_registry
from halles.stores.objects import Objects

kept = store.Registry._files.func
def slowly(self):
    objects = kept(self)
    put = objects.put
    def slow(*given):
        made = put(*given)
        print("kept", flush=True)
        time.sleep(0.15)
        return made
    objects.put = slow
    return objects
store.Registry._files.func = slowly
files = {path.name: path for path in Path(sys.argv[2]).iterdir()}
open_registry(Path(sys.argv[1])).push("toy", files, Origin(), author="Ada")
print("pushed", flush=True)
"""


@pytest.mark.parametrize("kept", [1, 2, 4])
def test_a_push_that_is_killed_leaves_no_version_and_can_be_made_again(
    models: Models, tmp_path: Path, place: dict[str, str], kept: int
) -> None:
    files(tmp_path / "a", model=b"m" * 100_000)
    command = [sys.executable, "-c", SLOW_PUSH, str(tmp_path / "cache"), str(tmp_path / "a")]
    pushing = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | place, cwd=ROOT)
    for _ in range(kept):
        assert pushing.stdout.readline() == "kept\n"
    pushing.send_signal(signal.SIGKILL)
    rest = pushing.communicate(timeout=30)[0]
    assert "pushed" not in rest
    seen = afresh(tmp_path)
    assert (seen.names(), seen.registry.versions("toy")) == ([], [])
    version = push(seen, tmp_path / "a", model=b"m" * 100_000)
    assert seen.registry.versions("toy") == [version]
    assert seen.registry.file(version).read_bytes() == b"m" * 100_000


def spoil(registry: Registry, place: dict[str, str], sha256: str) -> None:
    """Change content where it lies, without changing its size."""
    key = f"{sha256[:2]}/{sha256[2:]}"
    objects: Objects = registry._files
    if "HALLES_S3_ENDPOINT" in place:
        size = objects._bucket.head(key)["size"]
        objects._bucket.put(key, b"?" * size)
        (objects.folder / key).unlink(missing_ok=True)
    else:
        (objects.folder / key).write_bytes(b"?" * (objects.folder / key).stat().st_size)


def test_damaged_content_is_noticed_never_promoted_and_repaired_by_a_push(
    models: Models, tmp_path: Path, place: dict[str, str]
) -> None:
    made = push(models, tmp_path / "a")
    spoil(models.registry, place, made.files[MODEL].sha256)
    with pytest.raises(Problems, match=r"`model.onnx` of `toy@1` is damaged") as noticed:
        models.promote("toy", None, who="Ada")
    assert noticed.value.problems[0].code == "damaged-model"
    assert models.standing("toy").production == 0
    assert push(models, tmp_path / "a") == made
    assert models.promote("toy", None, who="Ada").after.production == 1


def test_a_version_whose_record_was_changed_is_noticed(models: Models, tmp_path: Path, place: dict[str, str]) -> None:
    push(models, tmp_path / "a")
    text = models.registry._records.read("toy/versions/000001.json").replace(b'"d1"', b'"d9"')
    if "HALLES_S3_ENDPOINT" in place:
        models.registry._records._bucket.put("toy/versions/000001.json", text)
    else:
        (Path(place["HALLES_MODELS"]) / "models/toy/versions/000001.json").write_bytes(text)
    with pytest.raises(Problems, match="was changed or damaged"):
        afresh(tmp_path).registry.versions("toy")


def test_what_is_missing_is_said(models: Models, tmp_path: Path):
    with pytest.raises(Problems, match="has no candidate"):
        models.promote("toy", None, who="Ada")
    push(models, tmp_path / "a")
    with pytest.raises(Problems, match=r"has no version 7 in the registry. It has 1\."):
        models.promote("toy", 7, who="Ada")
    with pytest.raises(Problems, match=r"There is no model `tay`.*"):
        models.known("tay")


def test_two_versions_are_compared(models: Models, tmp_path: Path):
    push(models, tmp_path / "a", 0.6)
    push(models, tmp_path / "b", 0.8, b"bb", origin=Origin(data="d1", code="c2", params="p1"))
    found = models.diff("toy", 1, 2)
    accuracy = found.figures["accuracy"]
    assert (accuracy.old, accuracy.new) == (0.6, 0.8)
    assert found.changed == ("code",)
    assert found.params == ("accuracy: 0.6\n", "accuracy: 0.8\n")
    assert (found.report.candidate, found.report.production, found.report.passed) == (2, 1, True)
    assert found.recall.keys() == {"blues", "jazz", "pop", "rock"}
