"""The kit is right about services that are right, and about services that are wrong in one way."""

import json
import socket
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from pydantic import BaseModel, Field

from halles.conform import samples
from halles.conform.clauses import CLAUSES
from halles.conform.exam import Patience
from halles.conform.kit import Kit
from halles.conform.report import Finding, Verdict
from halles.csia.media import TYPES
from halles.model import Problems, extension
from halles.sdk import Audio
from halles.stores import seaweed
from halles.stores.seaweed import Seaweed
from tests.conform.toy import Toy

BRISK = Patience(
    answer=1.0, heartbeat=1.5, announced=3.0, retried=3.0, task=5.0, fault=5.0, quiet=0.5, flood=12
)  # fmt: skip
UNTESTED = {"announce.steady", "announce.sleeping"}
"""They take long, or the end of a process: other tests judge them."""
GIVEN = {"text": (b"hello", ".txt"), "more": (b"{}", ".json")}
WRONG = [clause for clause in CLAUSES if clause not in UNTESTED]


class Place(BaseModel):
    """Something within."""

    names: list[str] = Field(min_length=2)
    share: float = Field(ge=0.5)


class Wish(BaseModel):
    """A value that is not simple."""

    colour: Literal["red", "blue"]
    place: Place
    word: str = Field(min_length=12)
    more: str | None
    free: bool
    left_out: int = 3


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def examine(s3: Seaweed, wrong: str = "", **how: object) -> dict[str, Finding]:
    """What the kit finds of a toy."""
    port = free_port()
    toy = Toy(f"http://127.0.0.1:{port}", wrong)
    try:
        kit = Kit(toy.url, engine_port=port, patience=BRISK, storage=s3, **how)  # type: ignore[arg-type]
        return {finding.id: finding for finding in kit.run()}
    finally:
        toy.close()


def these(found: dict[str, Finding], verdict: Verdict) -> dict[str, str]:
    return {clause: finding.evidence for clause, finding in found.items() if finding.verdict is verdict}


def test_a_service_that_keeps_the_contract_passes_every_clause(s3: Seaweed) -> None:
    found = examine(s3, slow=True)
    assert list(found) == list(CLAUSES)
    assert these(found, Verdict.failed) == {}
    assert set(these(found, Verdict.unjudged)) == {"announce.sleeping"}


@pytest.fixture(scope="module")
def examined(s3: Seaweed) -> Iterator[dict[str, Future[dict[str, Finding]]]]:
    """The findings of all toys, which are examined at the same time: they mostly wait."""
    with ThreadPoolExecutor(8) as pool:
        yield {clause: pool.submit(examine, s3, clause, given=GIVEN) for clause in WRONG}


@pytest.mark.parametrize("clause", WRONG)
def test_a_service_that_breaks_a_clause_fails_that_clause_alone(
    examined: dict[str, Future[dict[str, Finding]]], clause: str
) -> None:
    assert list(these(examined[clause].result(), Verdict.failed)) == [clause]


@pytest.mark.parametrize("wrong", ["", "announce.sleeping"])
def test_a_service_that_the_kit_starts_and_stops_says_that_it_sleeps(s3: Seaweed, wrong: str) -> None:
    port = free_port()
    command = f"{sys.executable} -m tests.conform.toy {port} {wrong}"
    kit = Kit(f"http://127.0.0.1:{port}", command=command, patience=BRISK, storage=s3, given=GIVEN)
    found = {finding.id: finding for finding in kit.run()}
    assert list(these(found, Verdict.failed)) == ([wrong] if wrong else [])
    assert found["announce.sleeping"].verdict is (Verdict.failed if wrong else Verdict.passed)


def test_pings_that_stop_are_noticed_in_time(s3: Seaweed) -> None:
    assert list(these(examine(s3, "announce.steady", slow=True), Verdict.failed)) == ["announce.steady"]


def test_of_a_service_that_announces_itself_elsewhere_the_rest_is_judged(s3: Seaweed) -> None:
    toy = Toy("http://127.0.0.1:9")
    try:
        found = {finding.id: finding for finding in Kit(toy.url, given=GIVEN, patience=BRISK, storage=s3).run()}
    finally:
        toy.close()
    assert these(found, Verdict.failed) == {}
    assert found["g1.finished"].verdict is found["queue.full"].verdict is Verdict.passed
    assert found["announce.sent"].evidence == "the service announces itself elsewhere: give --engine-port, or --command"


def test_a_sample_that_a_service_refuses_is_no_fault_of_it(s3: Seaweed) -> None:
    found = examine(s3, "g2.finished")
    assert found["g2.finished"].verdict is Verdict.unjudged
    assert "Give --input FIELD=@FILE" in found["g2.finished"].evidence


def test_without_an_s3_server_generation_1_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seaweed.shutil, "which", lambda _: None)
    monkeypatch.setattr(seaweed.sysconfig, "get_path", lambda _: "/nowhere")
    toy = Toy("http://127.0.0.1:9")
    try:
        found = {finding.id: finding for finding in Kit(toy.url, given=GIVEN, patience=BRISK).run()}
    finally:
        toy.close()
    assert "The S3 server is not installed" in found["g1.finished"].evidence
    assert found["g2.finished"].verdict is Verdict.passed


def test_nothing_is_judged_of_a_service_that_is_not_there() -> None:
    found = Kit(f"http://127.0.0.1:{free_port()}", patience=BRISK).run()
    assert [finding.id for finding in found if finding.verdict is not Verdict.unjudged] == ["route.status"]


def test_an_input_that_the_service_does_not_have_is_explained(s3: Seaweed) -> None:
    with pytest.raises(Problems, match=r"The service has no input `txt`. It has `text`, `more`. Did you mean `text`"):
        examine(s3, given={"txt": (b"", ".txt")})


def test_a_port_that_is_taken_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Problems, match="Give another --engine-host"):
        Kit("http://127.0.0.1:9", engine_port=taken.getsockname()[1]).run()


def test_a_command_that_does_not_serve_is_explained() -> None:
    kit = Kit(f"http://127.0.0.1:{free_port()}", command=f"{sys.executable} -c print('oh_no')", patience=BRISK)
    with pytest.raises(Problems, match=r"(?s)does not serve at .*oh_no"):
        kit.run()


@pytest.mark.parametrize("media_type", TYPES)
def test_there_is_a_valid_sample_of_each_type(media_type: str, tmp_path: Path) -> None:
    content = samples.content(media_type)
    file = tmp_path / f"sample{extension(media_type)}"
    file.write_bytes(content)
    match media_type.partition("/"):
        case ("image", _, kind):
            assert Image.open(file).format == {"jpeg": "JPEG", "png": "PNG"}[kind]
        case ("audio", _, _):
            assert Audio(file).probe().media_type == media_type
        case (_, _, "json"):
            assert json.loads(content)
        case (_, _, "zip"):
            assert zipfile.ZipFile(file).testzip() is None
        case (_, _, "pdf"):
            assert content.startswith(b"%PDF-") and content[int(content.split()[-2]) :].startswith(b"xref")
        case _:
            assert content.decode()


def test_a_sample_of_json_fits_the_schema_that_was_announced() -> None:
    hint = {"schema": Wish.model_json_schema()}
    assert Wish.model_validate_json(samples.sample("application/json", hint))
