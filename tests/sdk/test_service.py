"""A service of a few lines says all that others need to know of it."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import pytest
from pydantic import BaseModel, Field

from halles.model import PortSpec
from halles.sdk import Audio, Context, File, Image, InputRefused, Port, Service, run_service, service
from halles.weights import Recipe


class SongFacts(BaseModel):
    seconds: float
    loud: bool


class Outputs(NamedTuple):
    facts: Annotated[SongFacts, Port("what is known of it")]
    covers: Annotated[list[Image], Port("pictures")]


@service("describe", version="1.2", licence="MIT", tags=["Audio Processing"])
def describe(
    song: Annotated[Audio, Port("a song")],
    words: Annotated[str | None, Port("the words", kind="lyrics")] = None,
    hints: list[str] | None = None,
    *,
    style: Literal["photo", "ink"] = "ink",
    count: Annotated[int, Field(ge=1, le=9, description="how many")] = 1,
    seed: int = 0,
    context: Context,
) -> Outputs:
    """Say what a song is like.

    In *detail*.
    """
    context.progress(0.5, "listening")
    samples = song.decode(8000)
    facts = SongFacts(seconds=len(samples) / 8000, loud=bool(np.abs(samples).max() > 0.4))
    return Outputs(facts, [Image.from_array(np.full((2, 2, 3), seed + n, np.uint8)) for n in range(count)])


def port(of: Service, name: str) -> PortSpec:
    found = of.spec.input(name) or of.spec.output(name)
    assert found
    return found


def sound() -> Audio:
    return Audio.encode(np.full(4000, 0.5, np.float32), 8000)


def made(**annotations: Any) -> Service:
    """A service whose run function has these types, the output's as `out`."""

    def function(value):
        return value

    function.__annotations__ = {"return" if name == "out" else name: kind for name, kind in annotations.items()}
    return service("made", version="1", licence="MIT")(function)


def test_positional_parameters_are_inputs_and_fields_of_a_named_tuple_are_outputs() -> None:
    assert [p.name for p in describe.spec.inputs] == ["song", "words", "hints"]
    assert [p.name for p in describe.spec.outputs] == ["facts", "covers"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("song", "audio/*"),
        ("words", "text/plain;kind=lyrics"),
        ("hints", "list of text/plain"),
        ("facts", "application/json;kind=song-facts"),
        ("covers", "list of image/png"),
    ],
)
def test_a_python_type_gives_a_media_type(name: str, shown: str) -> None:
    assert str(port(describe, name)) == shown


def test_a_port_that_may_be_none_is_optional() -> None:
    assert [port(describe, name).optional for name in ("song", "words", "hints")] == [False, True, True]


def test_a_port_with_a_default_is_optional_and_keeps_its_default() -> None:
    @service("greet", version="1", licence="MIT")
    def greet(name: str = "you") -> str:
        return f"Hello {name}"

    assert port(greet, "name").optional
    assert run_service(greet) == "Hello you"


def test_a_model_gives_its_json_schema() -> None:
    assert port(describe, "facts").json_schema == SongFacts.model_json_schema()
    assert port(describe, "song").json_schema is None


def test_keyword_only_parameters_become_a_form() -> None:
    assert describe.spec.params["properties"] == {
        "style": {"default": "ink", "enum": ["photo", "ink"], "title": "Style", "type": "string"},
        "count": {"default": 1, "description": "how many", "maximum": 9, "minimum": 1, "title": "Count", "type": "integer"},
        "seed": {"default": 0, "title": "Seed", "type": "integer"},
    }  # fmt: skip


def test_the_docstring_gives_summary_and_description() -> None:
    assert (describe.spec.summary, describe.spec.description) == ("Say what a song is like.", "In *detail*.")


def test_it_runs_without_an_engine() -> None:
    facts, covers = run_service(describe, song=sound(), count=2, seed=7)
    assert facts == SongFacts(seconds=0.5, loud=True)
    assert [int(cover.array()[0, 0, 0]) for cover in covers] == [7, 8]


def test_it_still_is_a_function() -> None:
    assert describe(sound(), context=Context()).facts.loud


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"conut": 3}, "`conut`: Extra inputs are not permitted"),
        ({"count": 10}, "`count`: Input should be less than or equal to 9"),
        ({"style": "oil"}, "`style`: Input should be 'photo' or 'ink'"),
    ],
)
def test_a_wrong_parameter_is_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(InputRefused, match="Parameters of `describe`") as refusal:
        describe.run({"song": sound()}, params, Context())
    assert message in refusal.value.message


def test_what_a_service_does_not_know_is_a_type_error_that_lists_what_it_takes() -> None:
    with pytest.raises(TypeError, match=r"`describe` has no sogn. It takes count, hints, seed, song, style, words"):
        run_service(describe, sogn=sound())


def test_a_missing_input_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="`describe` needs song"):
        run_service(describe, count=2)


def nothing_said(text) -> str:
    return text


def nothing_returned(text: str):
    return text


def any_number(*texts: str) -> str:
    return texts[0]


def two_at_once(text: str) -> tuple[str, str]:
    return text, text


def an_array(samples: np.ndarray) -> str:
    return str(samples)


def a_capital(Song: str) -> str:
    return Song


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (nothing_said, "Parameter `text` of nothing_said has no type"),
        (nothing_returned, "nothing_returned has no return type"),
        (any_number, "`*texts` of any_number has no fixed ports"),
        (two_at_once, "two_at_once returns a plain tuple; return a NamedTuple"),
        (an_array, "`samples` is of <class 'numpy.ndarray'>, of which no port can be made. Ports are Audio"),
        (a_capital, "`Song` cannot be the name of a port: use a-z"),
    ],
)
def test_a_signature_that_says_too_little_is_a_type_error_that_helps(function: Any, message: str) -> None:
    with pytest.raises(TypeError) as error:
        _ = service("bad", version="1", licence="MIT")(function).spec
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("kind", "value", "content"),
    [
        (str, "é", "é".encode()),
        (bytes, b"\x00", b"\x00"),
        (float, 0.5, b"0.5"),
        (dict[str, int], {"a": 1}, b'{"a":1}'),
        (SongFacts, SongFacts(seconds=1, loud=False), b'{"seconds":1.0,"loud":false}'),
    ],
)
def test_values_become_bytes_and_come_back(kind: Any, value: Any, content: bytes) -> None:
    same = made(value=kind, out=kind)
    (file,) = same.call({"value": [File(content)]}, {}, Context())["output"]
    assert file.read() == content
    assert same.signature.inputs["value"].decode([file]) == value


def test_a_number_that_json_does_not_know_is_a_failure() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        made(value=float, out=float).signature.outputs["output"].encode(float("nan"))


def test_an_output_that_is_none_is_left_out() -> None:
    assert made(value=str | None, out=str | None).call({}, {}, Context()) == {}


def test_an_output_that_is_promised_must_be_given() -> None:
    with pytest.raises(TypeError, match="`made` gave nothing on output, which its signature promises"):
        made(value=str | None, out=str).call({}, {}, Context())


def test_audio_that_a_service_made_is_there_until_it_is_stored() -> None:
    @service("hum", version="1", licence="MIT")
    def hum() -> Audio:
        return sound()

    (file,) = hum.call({}, {}, Context())["output"]
    assert file.path.stat().st_size > 0


@pytest.mark.parametrize(
    ("kind", "content", "message"),
    [
        (str, b"caf\xe9", "`value` is not UTF-8 text (byte 3). Save it as UTF-8."),
        (
            SongFacts,
            b'{"seconds": "long"}',
            "`value` is not what is taken here: `seconds`: Input should be a valid number",
        ),
        (SongFacts, b"[" * 100_000, "`value` is not what is taken here: Invalid JSON: recursion limit exceeded"),
        (list[list[int]], b'["a"]', "`value` is not what is taken here"),
    ],
)
def test_content_of_another_kind_is_refused(kind: Any, content: bytes, message: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        made(value=kind, out=str).call({"value": [File(content)]}, {}, Context())
    assert refusal.value.message.startswith(message)
    assert refusal.value.port == "value"


def test_a_thousand_mistakes_are_five_and_a_number() -> None:
    with pytest.raises(InputRefused) as refusal:
        made(value=dict[str, int], out=str).call(
            {"value": [File(str({f"k{n}": "x" for n in range(1000)}).replace("'", '"').encode())]}, {}, Context()
        )
    assert refusal.value.message.endswith("and 995 more.")


setups: Counter[str] = Counter()


@service("model", version="1", licence="MIT")
class Model:
    """Load once, run often."""

    def __init__(self, context: Context) -> None:
        setups["made"] += 1
        self.threads = context.threads

    def run(self, text: str) -> str:
        return f"{text} {self.threads}"


def test_a_class_is_set_up_once_a_process_however_many_threads_call_it() -> None:
    at_once = threading.Barrier(4)

    def call(number: int) -> str:
        at_once.wait(5)
        return str(Model.run({"text": str(number)}, {}, Context(threads=2))["output"])

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(call, range(4))) == ["0 2", "1 2", "2 2", "3 2"]
    assert setups["made"] == 1


def test_weights_are_part_of_the_identity(tmp_path: Path) -> None:
    def identity(sha256: str) -> str:
        recipe = Recipe(
            name="w", licence="MIT", origin="https://example.org", files={"model.bin": sha256 * 64}, sources=[]
        )
        return service("made", version="1", licence="MIT", weights=[recipe])(describe.target).spec.identity

    assert identity("a") == identity("a") != identity("b")
