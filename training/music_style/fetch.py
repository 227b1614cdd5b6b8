"""Fetch a published data set, as a source for the training.

Usage: python training/music_style/fetch.py gtzan|fma-small|fma-medium FOLDER

Every file is checked against its published hash; what is there already is not fetched again, and a download that
broke off goes on. Then set `data.source` to the folder and `data.layout` to `gtzan` or `fma` in params.yaml. Both sets
are for research: GTZAN's recordings belong to their labels, FMA's tracks have a Creative Commons licence each.
"""

import argparse
import hashlib
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

LISTS = (
    "https://raw.githubusercontent.com/jordipons/sklearn-audio-transfer-learning"
    "/066fc6a292bd5f8f4b494d6a17271276ea1e173b/data/index/GTZAN"
)
FMA = "https://os.unil.cloud.switch.ch/fma"
AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Archive:
    """A file to fetch, from the first place that has it, and what it unpacks to (nothing: it is kept as it is)."""

    name: str
    digest: str
    """Of the kind that its makers published: sha1 or sha256, by its length."""
    places: tuple[str, ...]
    unpacked: str = ""


GTZAN = (
    Archive(
        "genres.tar.gz",
        "24347e0223d2ba798e0a558c4c172d9d4a19c00bb7963fe055d183dadb4ef2c6",
        (
            "https://huggingface.co/datasets/marsyas/gtzan/resolve/main/data/genres.tar.gz",
            "http://opihi.cs.uvic.ca/sound/genres.tar.gz",
        ),
        "genres",
    ),
    Archive(
        "train_filtered.txt",
        "9c072084333ddd41b5726137a19fb468738b03734b765711b15250ce19d67c78",
        (f"{LISTS}/train_filtered.txt",),
    ),
    Archive(
        "valid_filtered.txt",
        "c0293b0440c5f932107c5919efcf6409d274f82cb550f3e913a38750096f72aa",
        (f"{LISTS}/valid_filtered.txt",),
    ),
)
METADATA = Archive(
    "fma_metadata.zip", "f0df49ffe5f2a6008d7dc83c6915b31835dfe733", (f"{FMA}/fma_metadata.zip",), "fma_metadata"
)
SETS = {
    "gtzan": GTZAN,
    "fma-small": (
        METADATA,
        Archive("fma_small.zip", "ade154f733639d52e35e32f5593efe5be76c6d70", (f"{FMA}/fma_small.zip",), "fma_small"),
    ),
    "fma-medium": (
        METADATA,
        Archive("fma_medium.zip", "c67b69ea232021025fca9231fc1c7c1a063ab50b", (f"{FMA}/fma_medium.zip",), "fma_medium"),
    ),
}


def fetch(archive: Archive, folder: Path) -> str:
    """Put a file into the folder, checked and unpacked; return what is wrong, or nothing."""
    file = folder / archive.name
    if archive.unpacked and (folder / archive.unpacked).is_dir():
        return ""
    problems = []
    for place in ("", *archive.places):
        if place:
            try:
                download(place, file)
            except (httpx.HTTPError, OSError) as error:
                problems.append(f"{place}: {error or type(error).__name__}")
                continue
        if good(file, archive):
            break
        if file.exists():
            problems.append(f"{place or file}: its hash is not the published one, {archive.digest}")
            file.unlink()
    else:
        return "\n".join(problems)
    if archive.unpacked:
        print(f"unpacking {archive.name}")
        unpack(file, folder, archive.unpacked)
    return ""


def download(place: str, file: Path) -> None:
    """Fetch a file, from where an earlier attempt ended. Raises httpx.HTTPError or OSError."""
    part = file.with_name(f"{file.name}.part")
    have = part.stat().st_size if part.exists() else 0
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    headers = {"range": f"bytes={have}-"} if have else {}
    with (
        httpx.stream("GET", place, headers=headers, follow_redirects=True, timeout=60) as answer,
        Progress(*columns, console=Console(stderr=True)) as progress,
    ):
        answer.raise_for_status()
        have = have if answer.status_code == httpx.codes.PARTIAL_CONTENT else 0
        length = int(answer.headers.get("content-length", 0))
        row = progress.add_task(file.name, total=have + length or None, completed=have)
        with part.open("ab" if have else "wb") as out:
            for block in answer.iter_bytes(AT_ONCE):
                out.write(block)
                progress.advance(row, len(block))
    part.replace(file)


def good(file: Path, archive: Archive) -> bool:
    """Whether the file is there and is what was published."""
    if not file.exists():
        return False
    with file.open("rb") as content:
        kind = "sha1" if len(archive.digest) == 40 else "sha256"
        return hashlib.file_digest(content, kind).hexdigest() == archive.digest


def unpack(file: Path, folder: Path, name: str) -> None:
    """Unpack beside the archive, whole or not at all, and delete the archive."""
    part = folder / f"{name}.part"
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as content:
            content.extractall(part)  # noqa: S202 - Its hash is known.
    else:
        with tarfile.open(file) as content:
            content.extractall(part, filter="data")
    (part / name).replace(folder / name)
    part.rmdir()
    file.unlink()


def main() -> None:
    """Fetch, and say what could not be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    missing = [(archive, wrong) for archive in SETS[arguments.set] if (wrong := fetch(archive, arguments.folder))]
    for archive, wrong in missing:
        print(
            f"{archive.name} could not be fetched:\n{wrong}\nPut it into {arguments.folder} yourself and start again."
        )
    if missing:
        raise SystemExit(1)
    print(f"Set data.source to {arguments.folder.resolve()} and data.layout to {arguments.set.partition('-')[0]}.")


if __name__ == "__main__":
    main()
