"""What a run gave is written into a folder, and nowhere else."""

import json
from pathlib import Path

import pytest

from halles.main import Market
from halles.model import Problems
from halles.runners import export
from tests.running import pipeline, run

SPLIT = {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}}


def write(market: Market, folder: Path, **outputs: str) -> dict:
    finished = run(market, pipeline([SPLIT], **outputs), text="so happy so")
    return export.write(finished, folder, market.objects, market.results)


def test_a_value_is_a_file_and_a_list_is_numbered_files(market: Market, tmp_path: Path) -> None:
    write(market, tmp_path / "deep/out", words="s.words", mood="s.mood")
    written = {file.name: file.read_text() for file in (tmp_path / "deep/out").iterdir() if file.name != "run.json"}
    assert written == {
        "words-1.txt": "so", "words-2.txt": "happy", "words-3.txt": "so", "mood.json": '{"happy":true,"words":3}',
    }  # fmt: skip


def test_the_record_is_what_is_written(market: Market, tmp_path: Path) -> None:
    record = write(market, tmp_path, words="s.words", mood="s.mood")
    assert json.loads((tmp_path / "run.json").read_text()) == record
    assert [each["value"] for each in record["outputs"]["words"]] == ["so", "happy", "so"]
    assert [each["file"] for each in record["outputs"]["words"]] == ["words-1.txt", "words-2.txt", "words-3.txt"]
    assert record["outputs"]["mood"]["value"] == {"happy": True, "words": 3}


@pytest.mark.parametrize("name", ["../escape", "/etc/escape", "run", ""])
def test_outputs_stay_in_the_folder_and_leave_the_record_alone(market: Market, tmp_path: Path, name: str) -> None:
    with pytest.raises(Problems, match="An output cannot be called"):
        write(market, tmp_path / "out", **{name: "s.mood"})
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_keeps_what_is_in_it(market: Market, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    write(market, tmp_path, mood="s.mood")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_explained(market: Market, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problems, match=r"Outputs cannot be written to `.*file`: it is a file. Give a folder"):
        write(market, tmp_path / "file", mood="s.mood")
