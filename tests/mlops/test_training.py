"""One command from music to a model, and what it does when something is wrong."""

import csv
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.mlops import songs
from tests.mlops.project import Project

pytestmark = pytest.mark.models


@pytest.fixture
def own_music(project: Project, tmp_path: Path) -> Path:
    """Songs that the test may change, with which nothing has been trained."""
    folder = songs.write(tmp_path / "own", each=5)
    project.set("data", source=str(folder))
    return folder


def stages_run(printed: str) -> list[str]:
    """On the way to the model: `baseline` stands beside it."""
    names = [line.split("'")[1] for line in printed.splitlines() if line.startswith("Running stage")]
    return [name for name in names if name != "baseline"]


def clips(project: Project, table: str = "clips.csv") -> list[dict[str, str]]:
    with (project.out / "data" / table).open(newline="") as file:
        return list(csv.DictReader(file))


class TestOneCommand:
    def test_a_model_that_the_registry_takes_is_made_of_folders_of_songs(
        self, trained: Project, tmp_path: Path
    ) -> None:
        command = ["halles", "models", "push", "music-style", "out/model.onnx", "-e", "out/evaluation"]
        command += ["--card", "out/card.md", "--params", "params.yaml", "--data", "dvc.lock"]
        home = {"HALLES_HOME": str(tmp_path), "HALLES_MODELS": str(tmp_path / "models")}
        assert "music-style@1: accuracy" in trained.run(*command, **home)

    def test_it_knows_the_genres_of_the_folders_by_name(self, trained: Project) -> None:
        printed = trained.python(
            "evaluate.py", "out/data", "--model", "out/model.onnx", "--out", str(trained.root / "evaluation")
        )
        assert '"folk"' in printed

    def test_songs_of_an_artist_stay_in_one_fold(self, trained: Project) -> None:
        folds: dict[str, set[str]] = {}
        for row in clips(trained):
            folds.setdefault(row["artist"], set()).add(row["fold"])
        assert {len(found) for found in folds.values()} == {1}

    def test_nothing_runs_when_nothing_changed(self, trained: Project) -> None:
        assert stages_run(trained.dvc("repro")) == []

    def test_a_changed_parameter_repeats_what_depends_on_it(self, project: Project) -> None:
        project.set("train", penalty=1.0)
        assert stages_run(project.dvc("repro")) == ["train", "evaluate", "export"]

    def test_the_same_data_and_parameters_give_the_same_bytes(self, project: Project) -> None:
        before = project.outputs()
        for made in ("out", "work", ".dvc/cache"):
            shutil.rmtree(project.folder / made)
        project.dvc("repro", "--force", "--no-run-cache")
        assert project.outputs() == before


class TestChangedData:
    def test_it_is_noticed(self, project: Project, own_music: Path) -> None:
        project.dvc("repro")
        songs.sounds.write(
            own_music / "folk" / "artist 0" / "0.wav", songs.drones(songs.np.random.default_rng(9)).astype("float32")
        )
        assert "modified" in project.dvc("status", "data")
        assert "1 different" in project.dvc("repro", "data")

    def test_only_new_clips_are_listened_to_again(self, project: Project, own_music: Path) -> None:
        project.dvc("repro", "features")
        before = {path.name for path in (project.folder / "work" / "features").iterdir()}
        shutil.copyfile(own_music / "folk" / "artist 0" / "0.wav", own_music / "folk" / "again.wav")
        (own_music / "folk" / "artist 0" / "0.wav").unlink()
        project.dvc("repro", "features")
        assert {path.name for path in (project.folder / "work" / "features").iterdir()} == before


class TestBadInput:
    def test_without_music_it_says_what_to_set(self, project: Project, tmp_path: Path) -> None:
        shutil.rmtree(project.out)
        project.set("data", source=str(tmp_path / "nowhere"))
        printed = project.python("repro.py", check=False)
        assert f"There is no folder {tmp_path / 'nowhere'}. Set `data.source`" in printed
        assert "dvc pull" in printed

    def test_clips_that_cannot_be_used_are_listed_and_left_out(self, project: Project, own_music: Path) -> None:
        good = own_music / "folk" / "artist 0" / "0.wav"
        (own_music / "folk" / "broken.mp3").write_bytes(b"not a song")
        whole = songs.sounds.write(
            own_music / "whole.flac", songs.drones(songs.np.random.default_rng(7)).astype("float32")
        )
        (own_music / "folk" / "cut off.flac").write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
        shutil.copyfile(good, own_music / "techno" / "twice.wav")
        printed = project.dvc("repro", "data")
        assert "left out: folk/broken.mp3" in printed
        why = {row["file"]: row["why"] for row in clips(project, "left_out.csv")}
        assert set(why) == {"folk/broken.mp3", "folk/cut off.flac", "techno/twice.wav"}
        assert "cut off" in why["folk/cut off.flac"]
        assert "same file as 0.wav, which is folk" in why["techno/twice.wav"]
        assert not set(why) & {row["file"] for row in clips(project)}

    def test_missing_clips_are_listed(self, project: Project, own_music: Path) -> None:
        listed = [path.relative_to(own_music).as_posix() for path in sorted(own_music.rglob("*.wav"))]
        lines = [f"{file},{file.split('/')[0]}" for file in [*listed, "folk/gone.wav"]]
        (own_music / "clips.csv").write_text("\n".join(["file,genre", *lines]) + "\n")
        project.set("data", layout="clips")
        assert "left out: folk/gone.wav: missing" in project.dvc("repro", "data")
        assert len(clips(project)) == len(listed)

    def test_a_class_with_too_few_clips_is_an_error_that_says_which_and_how_many(
        self, project: Project, own_music: Path
    ) -> None:
        (own_music / "drone" / "artist 1" / "1.wav").unlink()
        printed = project.dvc("repro", "data", check=False)
        assert "class `drone` has 4 usable clips; at least 5 are needed (data.least_clips)" in printed

    def test_a_class_of_one_artist_cannot_be_measured(self, project: Project, own_music: Path) -> None:
        for artist in ("artist 1", "artist 2"):
            shutil.rmtree(own_music / "drone" / artist)
        project.set("data", least_clips=2)
        assert "class `drone` has clips of one artist only" in project.dvc("repro", "data", check=False)

    def test_misspelt_parameters_are_named(self, project: Project) -> None:
        project.set("train", penlaty=1.0)
        assert "train.penlaty" in project.dvc("repro", check=False)

    @pytest.mark.parametrize(
        ("table", "said"),
        [
            (b"file,kind\na.wav,folk\n", "a table has no column 'genre'"),
            (b"file,genre\n", "has no songs where `clips`"),
            (b"file,genre\n../a.wav,folk\n", "lies outside of"),
            (b"file,genre\n/a.wav,folk\n", "/a.wav lies outside of"),
            (b"\xff\xfe\x01", "is not laid out as `clips`"),
        ],
        ids=["no genre", "no songs", "outside", "elsewhere", "binary"],
    )
    def test_a_table_of_clips_that_cannot_be_used_is_told_in_a_line(
        self, project: Project, tmp_path: Path, table: bytes, said: str
    ) -> None:
        (tmp_path / "listed").mkdir()
        (tmp_path / "listed" / "clips.csv").write_bytes(table)
        project.set("data", source=str(tmp_path / "listed"), layout="clips")
        printed = project.python("collect.py", check=False)
        assert said in printed
        assert "Traceback" not in printed

    def test_a_folder_of_another_layout_is_told_what_is_missing(self, project: Project) -> None:
        project.set("data", layout="fma")
        printed = project.dvc("repro", "data", check=False)
        assert "is not laid out as `fma`" in printed
        assert "neither fma_small nor fma_medium" in printed


def interrupted(project: Project, kept: Path, *command: str, by: signal.Signals) -> str:
    """What a command printed that got a signal, with all it started, when it had listened to some clips."""
    with subprocess.Popen(
        command, cwd=project.folder, env=project.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 300
        while (not kept.exists() or len(list(kept.glob("*.npy"))) < 4) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(process.pid, by)
        assert process.stdout is not None
        return process.stdout.read()


def test_a_killed_extraction_goes_on_where_it_was(project: Project, own_music: Path) -> None:
    kept = project.folder / "work" / "features"
    shutil.rmtree(kept)
    interrupted(project, kept, "dvc", "repro", by=signal.SIGKILL)
    before = {path: path.stat().st_mtime_ns for path in kept.glob("*.npy")}
    assert 4 <= len(before) < 15
    printed = project.dvc("repro")
    assert stages_run(printed) == ["features", "train", "evaluate", "export"], "the stage that was done is kept"
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(list(kept.glob("*.npy"))) == 15


def test_who_interrupts_a_training_is_told_that_it_goes_on(project: Project, own_music: Path) -> None:
    kept = project.folder / "work" / "features"
    shutil.rmtree(kept)
    printed = interrupted(project, kept, "python", "repro.py", by=signal.SIGINT)
    assert "Interrupted. The next `make train` goes on where this one was." in printed
    assert 4 <= len(list(kept.glob("*.npy"))) < 15
