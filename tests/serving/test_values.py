"""What passes between the few types of the engine and those of a service."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from PIL import Image

from tests import shelf, sounds
from tests.serving import toys
from tests.serving.conftest import Serving
from tests.serving.engine import Engine, wait

Serve = Callable[..., Serving]


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return buffer.getvalue()


def entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pixel(picture: bytes) -> int:
    return int(Image.open(io.BytesIO(picture)).convert("L").getpixel((0, 0)))  # type: ignore[arg-type]


def test_a_list_goes_out_as_its_first_item_and_a_zip_of_all(engine: Engine, serve: Serve) -> None:
    first, every, note = engine.outputs(engine.run(serve(toys.paint).url, (b"hello", ".txt"), (b"", ".json")))
    assert Image.open(io.BytesIO(first)).format == "PNG"
    assert list(entries(every)) == ["pictures-1.png", "pictures-2.png"]
    assert entries(every)["pictures-1.png"] == first and note == b"hello"


def test_an_empty_list_and_an_absent_output_are_empty_files(engine: Engine, serve: Serve) -> None:
    callback = engine.run(serve(toys.paint, params={"count": 0}).url, (b"", ".txt"), (b"", ".json"))
    first, every, note = engine.outputs(callback)
    assert (first, entries(every), note) == (b"", {}, b"")
    assert [key[36:] for key in callback["data_out"]] == [".png", ".zip", ".txt"]


@pytest.mark.parametrize("nothing", [b"", b"null", b" \n", b"{}", b" null "])
def test_an_optional_input_is_absent_when_its_file_says_nothing(engine: Engine, serve: Serve, nothing: bytes) -> None:
    url = serve(toys.paint).url
    plain, wished = (
        engine.outputs(engine.run(url, (b"a", ".txt"), (wish, ".json"))) for wish in (nothing, b'{"colour": "red"}')
    )
    assert pixel(plain[0]) == 200 and pixel(wished[0]) == 10


def test_a_step_of_a_pipeline_may_leave_out_optional_inputs_at_the_end(engine: Engine, serve: Serve) -> None:
    serving = serve(toys.paint)
    task = engine.submit(serving.url, [engine.keep(b"a", ".txt")], execution="e1")
    assert engine.outcome(task)["status"] == "finished"
    assert "takes 2: text, wish" in engine.outcome(engine.submit(serving.url, [], execution="e1"))["error_message"]


def test_a_task_alone_has_a_key_a_field(engine: Engine, serve: Serve) -> None:
    callback = engine.run(serve(toys.paint).url, (b"a", ".txt"))
    assert callback["error_message"] == (
        "The task has 1 inputs; `paint` takes 2: text, wish. An empty file stands for one that is absent."
    )


def test_an_optional_input_that_says_something_wrong_is_an_error(engine: Engine, serve: Serve) -> None:
    callback = engine.run(serve(toys.paint).url, (b"a", ".txt"), (b'{"size": 3}', ".json"))
    assert "`colour`: Field required" in callback["error_message"]


def test_an_empty_text_is_a_text_where_one_is_needed(engine: Engine, serve: Serve) -> None:
    assert engine.outputs(engine.run(serve(shelf.shout).url, (b"", ".txt"))) == [b""]


def test_a_list_comes_in_as_a_zip_in_the_order_of_names(engine: Engine, serve: Serve) -> None:
    content = zipped(b_txt=b"second", a_txt=b"first")
    assert engine.outputs(engine.run(serve(shelf.join).url, (content, ".zip"), (b"", ".txt"))) == [b"first second"]


def test_a_list_comes_in_as_one_value(engine: Engine, serve: Serve) -> None:
    assert engine.outputs(engine.run(serve(shelf.join).url, (b"alone", ".txt"), (b"", ".txt"))) == [b"alone"]


def test_a_zip_of_the_wrong_things_is_refused(engine: Engine, serve: Serve) -> None:
    callback = engine.run(serve(shelf.join).url, (zipped(a_png=b"x"), ".zip"), (b"", ".txt"))
    assert "holds image/png; it may hold text/plain" in callback["error_message"]


def test_a_zip_that_is_none_is_refused(engine: Engine, serve: Serve) -> None:
    assert "cannot be read" in engine.run(serve(shelf.join).url, (b"PK no", ".zip"), (b"", ".txt"))["error_message"]


def test_a_zip_bomb_is_refused_while_it_is_unpacked(
    engine: Engine, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLES_MAX_INPUT_BYTES", "100000")
    bomb = zipped(a_txt=b"0" * 60_000, b_txt=b"0" * 60_000)
    assert "HALLES_MAX_INPUT_BYTES" in engine.run(serve(shelf.join).url, (bomb, ".zip"), (b"", ".txt"))["error_message"]


def test_sound_of_a_type_that_the_engine_does_not_know_goes_out_as_ogg(
    engine: Engine, serve: Serve, tmp_path: Path
) -> None:
    song = sounds.write(tmp_path / "song.mp3", sounds.tone(1.0)).read_bytes()
    callback = engine.run(serve(toys.voice).url, (song, ".mp3"), (b"", ".mp3"))
    (given,) = engine.outputs(callback)
    with av.open(io.BytesIO(given)) as container:
        assert container.format.name == "ogg"
        assert container.duration / 1e6 == pytest.approx(1.0, abs=0.06)
    assert callback["data_out"][0].endswith(".ogg")


def test_an_optional_sound_may_be_an_empty_file(engine: Engine, serve: Serve, tmp_path: Path) -> None:
    song = sounds.write(tmp_path / "song.ogg", sounds.tone(0.5)).read_bytes()
    assert engine.run(serve(toys.voice).url, (song, ".oga"), (b"", ".mp3"))["status"] == "finished"


def test_sound_is_converted_for_a_service_that_takes_another_type(engine: Engine, serve: Serve, tmp_path: Path) -> None:
    song = sounds.write(tmp_path / "song.ogg", sounds.tone(0.5)).read_bytes()
    (given,) = engine.outputs(engine.run(serve(toys.wave).url, (song, ".ogg")))
    assert entries(given) == {"output-1.bin": b"RIFF"}


def test_files_of_any_type_travel_in_zips(engine: Engine, serve: Serve) -> None:
    content = zipped(a_bin=b"123", b_glb=b"12345")
    assert engine.outputs(engine.run(serve(toys.weigh).url, (content, ".zip"))) == [b"3,5"]


def test_the_mark_before_a_text_is_dropped(engine: Engine, serve: Serve) -> None:
    assert engine.outputs(engine.run(serve(shelf.shout).url, (b"\xef\xbb\xbfhi", ".txt"))) == [b"HI"]


def test_no_file_is_left_when_tasks_ended(engine: Engine, serve: Serve) -> None:
    from halles.sdk import values

    before = set(values._temporary)
    serving = serve(toys.paint)
    engine.run(serving.url, (b"a", ".txt"), (b"", ".json"))
    engine.run(serving.url, (b"a", ".png"), (b"", ".json"))
    wait(lambda: values._temporary <= before, "the last file to go")
