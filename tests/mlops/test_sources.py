"""Published data sets as sources: fetched, checked, and read as they are laid out."""

import csv
import hashlib
import shutil
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.mlops.project import Project
from tests.mlops.test_training import clips

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
