"""Published data sets as sources: fetched, checked, and read as they are laid out."""

import csv
import hashlib
import json
import shutil
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tests.mlops.project import Project
from tests.mlops.test_training import clips

EMOTIONS = (
    "amazement", "solemnity", "tenderness", "nostalgia", "calmness", "power", "joyful_activation", "tension", "sadness",
)  # fmt: skip
FETCH = """
import sys
from pathlib import Path
from fetch import Archive, fetch
digest, folder, *places = sys.argv[1:]
print(fetch(Archive("genres.tar.gz", digest, tuple(places), "genres"), Path(folder)) or "fetched")
"""


@pytest.fixture
def hub(tmp_path: Path, music: Path) -> Iterator[tuple[str, str]]:
    """The address and hash of an archive on a server."""
    shelf = tmp_path / "hub"
    shelf.mkdir()
    with tarfile.open(shelf / "genres.tar.gz", "w:gz") as archive:
        archive.add(music, "genres")
    digest = hashlib.sha256((shelf / "genres.tar.gz").read_bytes()).hexdigest()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(shelf)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/genres.tar.gz", digest
    server.shutdown()


class TestFetching:
    def test_the_next_place_is_asked_when_one_cannot_be_reached(
        self, trained: Project, hub: tuple[str, str], tmp_path: Path
    ) -> None:
        place, digest = hub
        out = tmp_path / "out"
        out.mkdir()
        printed = trained.python("-c", FETCH, digest, str(out), "http://127.0.0.1:9/genres.tar.gz", place)
        assert printed.endswith("fetched\n")
        assert [path.name for path in out.iterdir()] == ["genres"]
        assert len(list(out.rglob("*.wav"))) == 18

    def test_a_file_with_another_hash_is_refused_and_not_kept(
        self, trained: Project, hub: tuple[str, str], tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        out.mkdir()
        printed = trained.python("-c", FETCH, "0" * 64, str(out), hub[0])
        assert "its hash is not the published one" in printed
        assert list(out.iterdir()) == []

    def test_what_cannot_be_reached_is_said_plainly(self, trained: Project, tmp_path: Path) -> None:
        unreachable = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
        printed = trained.python("fetch.py", "gtzan", str(tmp_path), check=False, **unreachable)
        assert "genres.tar.gz could not be fetched" in printed
        assert f"Put it into {tmp_path} yourself" in printed


class TestLayouts:
    def test_gtzan_is_read_by_its_fault_filtered_lists(self, project: Project, music: Path, tmp_path: Path) -> None:
        found = sorted((music / "folk").rglob("*.wav")), sorted((music / "techno").rglob("*.wav"))
        folder = tmp_path / "gtzan"
        for genre, songs in zip(("blues", "disco"), found, strict=True):
            (folder / "genres" / genre).mkdir(parents=True)
            for number, song in zip((0, 20, 40, 60, 80, 99), songs, strict=True):
                shutil.copyfile(song, folder / "genres" / genre / f"{genre}.{number:05}.wav")
        names = [f"{genre}/{genre}.{number:05}.wav" for genre in ("blues", "disco") for number in (0, 20, 40, 60, 80)]
        (folder / "train_filtered.txt").write_text("\n".join(names[:3] + names[5:8]))
        (folder / "valid_filtered.txt").write_text("\n".join(names[3:5] + names[8:]))
        project.set("data", source=str(folder), layout="gtzan")
        project.python("collect.py")
        rows = {row["track"]: row for row in clips(project)}
        assert len(rows) == 10, "what is in neither list (the test tracks) is not read"
        assert (rows["blues.00060"]["split"], rows["blues.00060"]["fold"]) == ("valid", "3")

    def test_fma_is_read_by_its_table_without_its_test_tracks(
        self, project: Project, music: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "fma"
        (folder / "fma_metadata").mkdir(parents=True)
        rows: list[list[str]] = [
            ["", "set", "artist", "track"],
            ["", "split", "name", "genre_top"],
            ["track_id"] + [""] * 3,
        ]
        for number, song in enumerate(sorted(music.rglob("*.wav")), 100):
            path = folder / "fma_small" / "000" / f"000{number}.mp3"
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(song, path)
            genre = {"folk": "Hip-Hop", "techno": "Electronic", "drone": "Experimental"}[song.parents[1].name]
            rows.append([str(number), "test" if number == 106 else "training", song.parent.name, genre])
        with (folder / "fma_metadata" / "tracks.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        project.set("data", source=str(folder), layout="fma")
        project.python("collect.py")
        found = clips(project)
        assert {row["genre"] for row in found} == {"hiphop", "electronic"}
        assert "fma.106" not in {row["track"] for row in found}


class TestSharedLayout:
    @pytest.fixture
    def shared(self, music: Path, tmp_path: Path) -> Path:
        """Pieces of GTZAN, spectrograms of other tracks of it, and songs of Emotify with what was felt: all in small."""
        folder = tmp_path / "shared"
        pieces = [["file", "track", "genre", "seconds", "split"]]
        for genre, kind in (("blues", "folk"), ("disco", "techno")):
            for number, song in zip((0, 20, 40, 60, 80), sorted((music / kind).rglob("*.wav")), strict=False):
                track = f"{genre}.{number:05}"
                copy(song, folder / "gtzan_audio" / genre / f"{track}.wav")
                pieces.append([f"{genre}/{track}.wav", track, genre, "4", "valid" if number > 50 else "train"])
        write_table(folder / "gtzan_audio" / "clips.csv", pieces)
        songs, felt = [["track", "genre", "artist"]], [["track_id", "genre", *EMOTIONS, "emotion"]]
        for number, song in enumerate(sorted((music / "drone").rglob("*.wav"))):
            copy(song, folder / "emotify" / "electronic" / f"{number}.opus")
            songs.append([str(number), "electronic", song.parent.name])
            felt.append([str(number), "electronic", *(f"{(number * k) % 7 / 7}" for k in range(9)), "tension"])
        write_table(folder / "emotify" / "metadata.csv", songs)
        write_table(folder / "emotify" / "emotions.csv", felt)
        pixels = np.random.default_rng(0).integers(0, 255, (4, 128, 387), dtype=np.uint8)
        names = [f"{genre}.{number:05}" for genre in ("blues", "disco") for number in (5, 25)]
        (folder / "gtzan_mel").mkdir()
        np.savez(
            folder / "gtzan_mel" / "gtzan_mel128_u8.npz", X=pixels, name=np.array(names), split=np.array(["train"] * 4),
            genre=np.array([name[:5] for name in names]),
        )  # fmt: skip
        return folder

    def test_spectrograms_and_feelings_are_learned_from_too(self, project: Project, shared: Path) -> None:
        project.set("data", source=str(shared), layout="shared")
        printed = project.dvc("repro")
        assert "mood and tags are those of" not in printed
        assert "official validation" in printed
        figures = json.loads((project.out / "evaluation" / "metrics.json").read_text())
        assert {"folds, GTZAN", "folds, Emotify", "mood, correlation on unseen artists"} <= set(figures)
        with np.load(project.out / "features" / "spectra.npz") as spectra:
            assert len(np.unique(spectra["track"])) == 4


def copy(song: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(song, target)


def write_table(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
