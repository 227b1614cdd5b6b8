"""Running from the command line: what is printed, what is written, and how it ends."""

import hashlib
import json
from pathlib import Path

import pytest

from halles.cli.guard import FAILED, REFUSED
from tests.cli.conftest import Halles
from tests.sounds import tone, write


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return write(tmp_path / "song.wav", tone(2))


def test_a_run_writes_each_output_under_its_name(halles: Halles, song: Path) -> None:
    result = halles("run", "measured", "--input", f"song=@{song}", "--out", "out")
    assert result.exit_code == 0
    assert result.stdout.split() == ["out/facts.json", "out/sound.flac"]
    assert sorted(file.name for file in Path("out").iterdir()) == ["facts.json", "run.json", "sound.flac"]
    assert json.loads(Path("out/facts.json").read_text()) == {"seconds": 2.0, "loudness": 0.5}


def test_the_record_says_what_was_done_and_how_each_output_was_made(halles: Halles, song: Path) -> None:
    halles("run", "measured", "--input", f"song=@{song}", "--out", "out", "--set", "measure.rate=16000", "--seed", "7")
    record = json.loads(Path("out/run.json").read_text())
    assert (record["pipeline"], record["status"], record["seed"]) == ("measured", "finished", 7)
    assert [(step["id"], step["status"]) for step in record["steps"]] == [("measure", "finished"), ("hum", "finished")]
    assert record["inputs"]["song"]["sha256"] == hashlib.sha256(song.read_bytes()).hexdigest()
    sound, facts = record["outputs"]["sound"], record["outputs"]["facts"]
    assert sound["sha256"] == hashlib.sha256(Path("out", sound["file"]).read_bytes()).hexdigest()
    assert facts["value"] == {"seconds": 2.0, "loudness": 0.5}
    made = {each["service"]: each for each in record["provenance"]}
    assert made["measure"]["params"] == {"rate": 16000, "unit": "s"}
    assert made["hum"]["outputs"]["output"]["sha256"] == sound["sha256"]


def test_json_is_all_that_is_printed(halles: Halles, song: Path) -> None:
    result = halles("run", "measured", "--input", f"song=@{song}", "--out", "out", "--json")
    assert json.loads(result.stdout) == json.loads(Path("out/run.json").read_text())
    assert "measure" in result.stderr, "progress goes elsewhere"


def test_a_call_prints_its_outputs_by_port(halles: Halles, song: Path) -> None:
    result = halles("call", "measure", "--input", f"song=@{song}", "--set", "unit=min", "--json")
    assert json.loads(result.stdout) == {"facts": {"seconds": 2.0, "loudness": 0.5}, "words": "2.0 min"}


def test_a_call_writes_files_named_after_its_ports(halles: Halles) -> None:
    result = halles("call", "paint", "--input", "text=x", "--out", "out", "--set", "count=3")
    assert result.stdout.split() == ["out/output-1.png", "out/output-2.png", "out/output-3.png"]
    assert Path("out/run.json").is_file()


def test_equal_outputs_are_files_of_their_own(halles: Halles) -> None:
    result = halles("call", "paint", "-i", "text=x", "-o", "out", "--set", "count=257", "--json")
    files = [each["file"] for each in json.loads(result.stdout)["output"]]
    assert files == [f"output-{number}.png" for number in range(1, 258)]
    assert Path("out/output-1.png").read_bytes() == Path("out/output-257.png").read_bytes()


def test_the_seed_decides(halles: Halles) -> None:
    for seed, out in ((1, "a"), (1, "b"), (2, "c")):
        halles("call", "paint", "-i", "text=x", "--seed", str(seed), "--out", out)
    first = Path("a/output-1.png").read_bytes()
    assert Path("b/output-1.png").read_bytes() == first != Path("c/output-1.png").read_bytes()


def test_a_list_input_is_given_item_by_item(halles: Halles) -> None:
    result = halles(
        "call", "count", "-i", 'facts={"seconds": 2, "loudness": 1}', "-i", "names=a", "-i", "names=b", "--json"
    )
    assert json.loads(result.stdout) == {"output": 4}


def test_an_input_is_a_value_or_the_content_of_a_file(halles: Halles) -> None:
    Path("words.txt").write_text("\ufeffla")
    for given in ("text=la", "text=@words.txt"):
        assert halles("call", "work", "-i", given).stdout == '{\n  "output": "la."\n}\n'


def test_a_second_run_takes_its_results_from_the_cache(halles: Halles, song: Path) -> None:
    for _ in range(2):
        result = halles("run", "measured", "--input", f"song=@{song}", "--out", "out")
    assert result.stderr.count("from the cache") == 2


def test_a_failed_step_ends_with_one_and_says_how_to_go_on(halles: Halles) -> None:
    result = halles("run", "worked", "-i", "text=la", "--set", "second.fail=true", "--out", "out")
    assert (result.exit_code, result.stdout) == (FAILED, "")
    assert "✗ second: `work` failed: RuntimeError: the strings broke (stall.py:" in result.stderr
    assert "tries again what failed" in result.stderr
    assert json.loads(Path("out/run.json").read_text())["status"] == "failed"


def test_an_input_that_a_service_refuses_ends_with_three(halles: Halles, song: Path) -> None:
    song.write_bytes(song.read_bytes()[:80])
    assert halles("call", "measure", "-i", f"song=@{song}").exit_code == REFUSED


def test_a_failed_run_is_resumed_by_its_first_letters(halles: Halles, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    settings = ("--set", f"first.marks={marks}", "--set", "second.fail=true")
    halles("run", "worked", "-i", "text=la", *settings, "--out", "out")
    run = json.loads(Path("out/run.json").read_text())["id"]
    assert halles("runs", "resume", run[:6], "--out", "again").exit_code == FAILED
    assert marks.read_text() == "la", "the finished step was not run again"


def test_a_finished_run_is_written_again_by_resuming_it(halles: Halles) -> None:
    halles("run", "worked", "-i", "text=la", "--out", "out")
    run = json.loads(Path("out/run.json").read_text())["id"]
    assert halles("runs", "resume", run, "--out", "again").exit_code == 0
    assert Path("again/done.txt").read_text() == "la.."


def test_a_run_whose_input_was_pruned_says_so(halles: Halles, song: Path) -> None:
    halles("run", "measured", "-i", f"song=@{song}", "--out", "out")
    run = json.loads(Path("out/run.json").read_text())["id"]
    halles("cache", "prune", "--all")
    result = halles("runs", "resume", run)
    assert result.exit_code == FAILED
    assert "✗ measure: A value of type audio/wav" in result.stderr and "was pruned" in result.stderr


def test_pruning_frees_space_and_a_later_run_computes_again(halles: Halles, song: Path, tmp_path: Path) -> None:
    def kept() -> int:
        return sum(file.stat().st_size for file in (tmp_path / "home/objects").rglob("*") if file.is_file())

    halles("run", "measured", "-i", f"song=@{song}", "--out", "out")
    assert kept() > song.stat().st_size
    assert halles("cache", "prune").stdout == "0 results forgotten, 0.0 MB freed.\n", "nothing is old"
    assert halles("cache", "prune", "--all").stdout.startswith("2 results forgotten, 0.2 MB freed")
    assert kept() == 0
    again = halles("run", "measured", "-i", f"song=@{song}", "--out", "again")
    assert again.exit_code == 0 and "from the cache" not in again.stderr
    assert Path("again/sound.flac").read_bytes() == Path("out/sound.flac").read_bytes()
