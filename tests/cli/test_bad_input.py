"""Bad input, where a musician meets it: each message says what was wrong, and what would be right."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from halles.cli.guard import FAILED, REFUSED
from halles.sdk import Image
from tests.cli.conftest import Halles
from tests.sdk.test_audio import silence_bomb, three_hours
from tests.sdk.test_image import huge
from tests.sounds import tone, write

NOT_AUDIO = "cannot be read as audio: it is another kind of file, damaged or cut off. Give an audio file: mp3, wav,"


def refused(halles: Halles, *arguments: str | Path, code: int = REFUSED) -> str:
    """What is said on standard error, where nothing was done."""
    result = halles(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    return result.stderr.strip()


def measured(halles: Halles, song: Path) -> dict[str, float]:
    result = halles("call", "measure", "--input", f"song=@{song}", "--json")
    assert result.exit_code == 0, result.stderr
    facts: dict[str, float] = json.loads(result.stdout)["facts"]
    return facts


# Files that are no songs.


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("words.txt", b"These are the words.\n" * 99, f"`words.txt` {NOT_AUDIO}"),
        (
            "cover.png",
            Image.from_array(np.zeros((9, 9, 3), np.uint8)).read(),
            "`cover.png` is image/png, but `song` takes audio/*. Convert it.",
        ),
        ("song.mp3", np.random.default_rng(1).bytes(50_000), f"`song.mp3` {NOT_AUDIO}"),
        ("song.mp3", b"", "`song.mp3` is an empty file. Was it saved, or downloaded, to its end?"),
    ],
    ids=["text", "picture", "random bytes", "empty"],
)
def test_what_is_not_audio_is_refused(halles: Halles, name: str, content: bytes, message: str) -> None:
    Path(name).write_bytes(content)
    assert refused(halles, "call", "measure", "--input", f"song=@{name}").startswith(f"✗ song: {message}")


def test_a_misspelt_file_is_found(halles: Halles, tmp_path: Path) -> None:
    write(tmp_path / "song.mp3")
    said = refused(halles, "call", "measure", "--input", f"song=@{tmp_path}/sogn.mp3")
    assert said == f"✗ song: There is no file `{tmp_path}/sogn.mp3`. Did you mean `{tmp_path}/song.mp3`?"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("@.", "`.` is a folder. Give one of its files."),
        ("@/dev/zero", "`/dev/zero` is a device or a pipe. Save its content to a file, and give that."),
        ("@~nobody-here/song.mp3", "There is no file `~nobody-here/song.mp3`."),
        ("@song.mp3/part", "There is no file `song.mp3/part`."),
        ("@" + "x" * 5000, "`xxx"),
        ("song.mp3", "A file is given with an `@`: `song=@song.mp3`."),
        ("la la la", "Input `song` takes a file: `song=@FILE`."),
        ("la" * 5000, "Input `song` takes a file: `song=@FILE`."),
    ],
)  # fmt: skip
def test_what_is_not_a_file_is_refused(halles: Halles, given: str, message: str) -> None:
    write(Path("song.mp3"))
    said = refused(halles, "call", "measure", "--input", f"song={given}")
    assert said.startswith(f"✗ song: {message}")
    assert len(said) < 400


def test_a_file_that_may_not_be_read_is_refused(halles: Halles) -> None:
    write(Path("song.mp3")).chmod(0)
    if os.access("song.mp3", os.R_OK):
        pytest.skip("this user may read everything")
    said = refused(halles, "call", "measure", "--input", "song=@song.mp3")
    assert said.startswith("✗ song: `song.mp3` may not be read by this user.")


def test_a_file_that_is_too_large_is_refused(halles: Halles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_MAX_INPUT_BYTES", "1000000")
    with Path("song.wav").open("wb") as file:
        file.truncate(3_000_000)
    said = refused(halles, "call", "measure", "--input", "song=@song.wav")
    assert said == "✗ song: `song.wav` has 3 MB; at most 1 MB are taken (HALLES_MAX_INPUT_BYTES)."


def test_a_limit_that_is_no_number_is_refused(halles: Halles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLES_MAX_INPUT_BYTES", "2GB")
    write(Path("song.wav"))
    said = refused(halles, "call", "measure", "--input", "song=@song.wav")
    assert said.startswith("✗ The environment variable HALLES_MAX_INPUT_BYTES is `2GB`; it must be a number above 0")


# Songs that are unusual.


@pytest.mark.parametrize(
    ("name", "samples", "options", "seconds"),
    [
        ("silence.wav", np.zeros(48000, np.float32), {}, 1.0),
        ("noise.flac", np.random.default_rng(1).uniform(-1, 1, 48000).astype(np.float32), {}, 1.0),
        ("short.wav", tone(0.2), {}, 0.2),
        ("telephone.wav", tone(1, 8000), {"rate": 8000}, 1.0),
        ("studio.flac", tone(1, 192000), {"rate": 192000, "channels": 6}, 1.0),
        ("wrong.wav", tone(1), {"kind": "mp3"}, 1.0),
    ],
)
def test_unusual_songs_are_taken(halles: Halles, name: str, samples: np.ndarray, options: dict, seconds: float) -> None:
    facts = measured(halles, write(Path(name), samples, **options))
    assert facts["seconds"] == pytest.approx(seconds, abs=0.06)


@pytest.mark.parametrize("kind", ["mp3", "wav", "ogg", "opus", "flac", "m4a", "aac", "webm"])
def test_all_common_kinds_of_files_are_taken(halles: Halles, kind: str) -> None:
    facts = measured(halles, write(Path(f"song.{kind}")))
    assert facts["seconds"] == pytest.approx(1, abs=0.06)
    assert facts["loudness"] > 0.4


@pytest.mark.parametrize("kind", ["mp3", "wav", "ogg", "flac"])
def test_of_a_truncated_song_what_is_left_is_used(halles: Halles, kind: str) -> None:
    song = write(Path(f"song.{kind}"), tone(4))
    song.write_bytes(song.read_bytes()[: song.stat().st_size // 2])
    assert 1 < measured(halles, song)["seconds"] < 3


@pytest.mark.parametrize(("kind", "left"), [("wav", 20), ("mp3", 20), ("flac", 60), ("ogg", 40), ("m4a", 2000)])
def test_a_song_of_which_nothing_is_left_is_refused(halles: Halles, kind: str, left: int) -> None:
    song = write(Path(f"song.{kind}"))
    song.write_bytes(song.read_bytes()[:left])
    assert "cut off" in refused(halles, "call", "measure", "--input", f"song=@{song}")


def test_a_song_of_three_hours_is_refused_with_the_limit(halles: Halles) -> None:
    song = three_hours(Path("long.wav"))
    said = refused(halles, "call", "measure", "--input", f"song=@{song}")
    assert said.startswith("✗ song: `long.wav` is 180 min long; at most 60 min are taken.")
    assert "HALLES_MAX_AUDIO_SECONDS" in said


def test_a_bomb_of_silence_is_refused_by_its_length_not_its_size(
    halles: Halles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLES_MAX_AUDIO_SECONDS", "60")
    said = refused(halles, "call", "measure", "--input", f"song=@{silence_bomb(Path('bomb.flac'), minutes=5)}")
    assert said.startswith("✗ song: `bomb.flac` is 5 min long; at most 60 s are taken.")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (huge(50_000, 50_000), "has more than the 64 million pixels that are taken. Make it smaller."),
        (b"la la", "is not a picture that can be read. Give a PNG, JPEG or WebP file."),
    ],
)
def test_pictures_that_are_bombs_or_none_are_refused(halles: Halles, content: bytes, message: str) -> None:
    Path("cover.png").write_bytes(content)
    assert refused(halles, "call", "look", "--input", "picture=@cover.png").endswith(message)


# Text and data.


def test_text_that_is_not_utf8_is_refused(halles: Halles) -> None:
    Path("words.txt").write_bytes("café".encode("latin-1"))
    said = refused(halles, "call", "hum", "--input", "text=@words.txt")
    assert said == "✗ text: `words.txt` is not UTF-8 text (byte 3). Save it as UTF-8."
    assert (
        refused(halles, "call", "hum", "--input", "text=\udcff")
        == "✗ text: Input `text` is not UTF-8 text (character 0)."
    )


GOOD = '{"seconds": 2, "loudness": 1}'


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('{"seconds": 2', "Input `facts` is not JSON: Expecting ',' delimiter (line 1, column 14)."),
        ('{"seconds": "two", "loudness": 1}', 'Input `facts` at `seconds`: "two" is not of type "number".'),
        ('{"seconds": 2}', 'Input `facts`: "loudness" is a required property.'),
        ('{"seconds": NaN, "loudness": 1}', "Input `facts` is not JSON: NaN is no JSON number."),
        ("[" * 100_000 + "]" * 100_000, "Input `facts` is not JSON: it is nested too deeply."),
        ("two", 'Input `facts`: "two" is not of type "object".'),
        ('"' + "x" * 9999 + '"', 'Input `facts`: "xxx'),
    ],
)
def test_data_that_does_not_fit_is_refused(halles: Halles, given: str, message: str) -> None:
    said = refused(halles, "call", "count", "--input", f"facts={given}")
    assert said.startswith(f"✗ facts: {message}")
    assert len(said) < 400


def test_a_file_that_is_no_json_is_refused(halles: Halles) -> None:
    Path("facts.json").write_text("seconds: 2")
    said = refused(halles, "call", "count", "--input", "facts=@facts.json")
    assert said == "✗ facts: `facts.json` is not JSON: Expecting value (line 1, column 1)."


# The command line.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["call", "measrue"], "There is no service `measrue`. `halles services` lists those that there are. Did you mean `measure`?"),
        (["call", "measure"], "song: Input `song` (audio/*) is missing — a song."),
        (["call", "measure", "-i", "sogn=@song.wav"], "sogn: There is no input `sogn`. There are `song`. Did you mean `song`?"),
        (["call", "measure", "-i", "song"], "`--input song` is not understood. It looks like `--input NAME=VALUE` or `--input NAME=@FILE`."),
        (["call", "measure", "-i", "song=@song.wav", "-i", "song=@song.wav"], "song: Input `song` takes one value, 2 were given."),
        (["call", "measure", "-i", "song=@song.wav", "--set", "rtae=1"], "call.rtae: `measure` has no parameter `rtae`. It has `rate`, `unit`. Did you mean `rate`?"),
        (["call", "measure", "-i", "song=@song.wav", "--set", "rate=9"], "call.rate: 9 is less than the minimum of 1000. It is: samples a second."),
        (["call", "measure", "-i", "song=@song.wav", "--set", "rate"], "`--set rate` is not understood. It looks like `--set PARAM=VALUE`."),
        (["run", "measured", "--out", "out", "-i", "song=@song.wav", "--set", "rate=9"], "`--set rate=9` is not understood. It looks like `--set STEP.PARAM=VALUE`."),
        (["run", "measured", "--out", "out", "-i", "song=@song.wav", "--set", "mesure.rate=9"], "mesure: There is no step `mesure`. Did you mean `measure`?"),
        (["run", "mesured", "--out", "out"], "There is no pipeline `mesured`. `halles pipelines` lists those that there are; a file is named with its path, such as `./mine.yaml`. Did you mean `measured`?"),
        (["run", "./mesured.yaml", "--out", "out"], "There is no pipeline file `./mesured.yaml`."),
        (["call", "broken"], "Service `broken` needs `tests.cli.absent`, which is not installed: pip install 'halles[services]'."),
        (["services", "show", "mesure"], "There is no service `mesure`. `halles services` lists those that there are. Did you mean `measure`?"),
        (["runs", "show", "abc"], "There is no run `abc`. `halles runs` lists them."),
        (["runs", "resume", "abc"], "There is no run `abc`. `halles runs` lists them."),
        (["runs", "cancel", "abc"], "There is no run `abc`. `halles runs` lists them."),
    ],
)  # fmt: skip
def test_each_mistake_on_the_command_line_is_explained(halles: Halles, arguments: list[str], message: str) -> None:
    write(Path("song.wav"))
    assert refused(halles, *arguments) == f"✗ {message}"
    assert not Path("out").exists()


def test_all_mistakes_are_said_at_once(halles: Halles) -> None:
    said = refused(halles, "call", "measure", "-i", "tune=x", "--set", "rate=fast", "--set", "unti=s")
    assert [line.split(":")[0] for line in said.splitlines()] == ["✗ call.unti", "✗ call.rate", "✗ tune", "✗ song"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["call", "measure", "--seed", "-1"], "Invalid value for '--seed': Input should be greater than or equal to 0"),
        (
            ["call", "measure", "--seed", "4294967296"],
            "Invalid value for '--seed': Input should be less than or equal to 2147483647",
        ),
        (["run", "measured"], "Missing option '--out'"),
        (["rnu", "measured"], "No such command 'rnu'"),
        (["run", "measured", "--output", "x"], "No such option"),
    ],
)
def test_what_is_no_command_line_ends_with_two(halles: Halles, arguments: list[str], message: str) -> None:
    assert message in refused(halles, *arguments, code=2)


# Pipelines.

STEP = "{id: a, service: measure, inputs: {song: inputs.song}}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: x\nid: y", "`id` is given twice"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "line 2 has an alias"),
        ("[" * 1500, "nested too deeply"),
        (f"id: x\nlayout: {{x: {'[' * 400}{']' * 400}}}", "nested too deeply"),
        ("id: x\nsteps: [{id: a, service: hum, inputs: {text: b.output}}, {id: b, service: hum, inputs: {text: a.output}}]\noutputs: {o: a.output}", "wait for one another in a circle"),
        (f"id: x\ninputs: {{song: {{media: audio/*}}}}\nsteps: [{STEP}, {{id: b, service: hum, inputs: {{text: a.facts}}}}]\noutputs: {{o: b.output}}", "b.text: `a.facts` gives application/json;kind=facts, but `text` takes text/plain. Did you mean `a.words`?"),
    ],
)  # fmt: skip
def test_a_pipeline_that_cannot_be_is_explained(halles: Halles, text: str, message: str) -> None:
    Path("mine.yaml").write_text(text)
    assert message in refused(halles, "check", "./mine.yaml")
    assert message in refused(halles, "run", "./mine.yaml", "--out", "out")


def test_of_a_thousand_problems_fifty_are_said(halles: Halles) -> None:
    Path("mine.yaml").write_text("id: x\n" + "".join(f"field{number}: 1\n" for number in range(1000)))
    said = refused(halles, "check", "mine.yaml").splitlines()
    assert (len(said), said[-1]) == (51, "✗ … and 950 more problems.")


def test_a_schema_that_is_none_is_explained(halles: Halles) -> None:
    Path("mine.yaml").write_text(
        "id: x\ninputs: {facts: {schema: {type: strange}}}\n"
        "steps: [{id: a, service: count, inputs: {facts: inputs.facts}}]\noutputs: {o: a.output}"
    )
    said = refused(halles, "run", "./mine.yaml", "--out", "out", "--input", "facts=1")
    assert "✗ facts: The schema of input `facts` is not a JSON schema" in said


@pytest.mark.parametrize("name", ["../../escape", "run", "a b"])
def test_an_output_that_cannot_be_a_file_is_refused(halles: Halles, name: str) -> None:
    Path("mine.yaml").write_text(
        f"id: x\ninputs: {{song: {{media: audio/*}}}}\nsteps: [{STEP}]\noutputs: {{'{name}': a.words}}"
    )
    write(Path("song.wav"))
    said = refused(halles, "run", "./mine.yaml", "--out", "out", "-i", "song=@song.wav")
    assert f"An output cannot be called `{name}`" in said


# The machine.


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("song.wav", "Outputs cannot be written to `song.wav`: it is a file. Give a folder that can be written."),
        ("song.wav/out", "Outputs cannot be written to `song.wav/out`: Not a directory."),
        ("/proc/out", "Outputs cannot be written to `/proc/out`: No such file or directory."),
    ],
)
def test_an_output_folder_that_cannot_be_written_is_refused_before_anything_runs(
    halles: Halles, out: str, message: str
) -> None:
    write(Path("song.wav"))
    assert refused(halles, "call", "measure", "-i", "song=@song.wav", "--out", out).startswith(f"✗ {message}")
    assert halles("runs").stdout == ""


@pytest.mark.parametrize("command", [["runs"], ["call", "hum", "-i", "text=la"], ["cache", "prune"]])
def test_a_home_that_cannot_be_made_is_explained(
    halles: Halles, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("HALLES_HOME", "/dev/null/home")
    assert "Set HALLES_HOME to a folder that can be written." in refused(halles, *command)


@pytest.mark.parametrize("command", [["runs"], ["call", "hum", "-i", "text=la"], ["cache", "prune"]])
def test_a_damaged_database_is_explained(halles: Halles, command: list[str]) -> None:
    Path("home").mkdir()
    Path("home/halles.db").write_text("Dear diary, " * 99)
    assert "is damaged, or is none. Move it away" in refused(halles, *command, code=FAILED)


def test_weights_that_are_missing_offline_are_explained(
    halles: Halles, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HALLES_OFFLINE", "1")
    said = refused(halles, "call", "model", "-i", "text=x", code=FAILED)
    assert "The model `model` is not on this machine, and could not be fetched" in said
    assert "`halles weights pull model`" in said
    assert "HALLES_OFFLINE forbids the network" in caplog.text


@pytest.fixture
def small_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, halles: Halles) -> Iterator[Path]:
    """A home on a disk of two megabytes."""
    home = tmp_path / "small"
    home.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(home)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting a small disk needs root")
    monkeypatch.setenv("HALLES_HOME", str(home))
    yield home
    subprocess.run(["umount", "--lazy", str(home)], check=True)


def test_a_full_disk_is_explained_when_inputs_are_taken_in(halles: Halles, small_home: Path) -> None:
    write(Path("song.wav"), np.random.default_rng(1).uniform(-1, 1, 3 * 2**20).astype(np.float32))
    said = refused(halles, "call", "measure", "-i", "song=@song.wav", code=FAILED)
    assert said.startswith("✗ The disk is full: 6,291,")
    assert said.endswith("Free some space, or run `halles cache prune`.")


def test_a_full_disk_is_explained_when_a_step_gives_its_outputs(halles: Halles, small_home: Path) -> None:
    filler = small_home / "filler"
    filler.write_bytes(bytes(1_900_000))
    result = halles("call", "hum", "-i", f"text={'la' * 500}")
    assert result.exit_code == FAILED
    assert "is full" in result.stderr
    filler.unlink()
    assert halles("call", "hum", "-i", "text=la").exit_code == 0, "with space it works again"


def test_a_full_output_folder_keeps_the_run(halles: Halles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from halles.runners import export

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export.shutil, "copyfile", full)
    said = refused(halles, "call", "hum", "-i", "text=la", "--out", tmp_path / "out")
    assert "No space left on device. The run" in said
    monkeypatch.undo()


def test_a_bug_is_one_line_that_asks_for_a_report(halles: Halles, monkeypatch: pytest.MonkeyPatch) -> None:
    from halles.cli import showing

    def broken(**_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(showing, "services", broken)
    said = refused(halles, "services", code=FAILED)
    assert said.startswith(
        "✗ This is a mistake in Halles, please report it: ZeroDivisionError: division by zero (test_bad"
    )
    assert said.count("\n") == 0


def test_the_explanation_of_an_error_has_no_traceback_in_a_process_of_its_own(
    start: Callable[..., "subprocess.Popen[str]"],
) -> None:
    Path("song.mp3").write_text("no song")
    process = start("call", "measure", "-i", "song=@song.mp3")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (REFUSED, "")
    assert err.startswith("✗ song: `song.mp3` cannot be read as audio") and err.count("\n") == 1
