"""Pipelines as text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halles.engine import as_yaml, parse, read
from halles.stores.shelf import Pipelines

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@pytest.mark.parametrize("name", Pipelines().ids())
def test_what_is_written_is_read_as_the_same(name: str) -> None:
    pipeline = Pipelines().load(name)
    assert read(as_yaml(pipeline)) == pipeline


@settings(max_examples=150, deadline=None)
@given(description=st.text(), value=JSON)
def test_any_text_and_any_value_come_back_as_they_were(description: str, value: object) -> None:
    step = {"id": "say", "service": "shout", "params": {"value": value}}
    pipeline = parse({"id": "p", "description": description, "steps": [step]})
    assert read(as_yaml(pipeline)) == pipeline


def test_what_is_written_says_no_more_than_it_must() -> None:
    pipeline = parse({"id": "p", "steps": [{"id": "say", "service": "shout", "inputs": {"text": "inputs.text"}}]})
    assert as_yaml(pipeline) == "id: p\nsteps:\n- id: say\n  service: shout\n  inputs:\n    text: inputs.text\n"


@pytest.mark.parametrize(
    "text", ["a\tb", "a\tb\nc", "a\n\n  b \n", "line \nx", "x\r\ny", "a\x85b", "\u2028", "# c\n- d"]
)
def test_texts_that_yaml_could_misread_come_back_too(text: str) -> None:
    pipeline = parse({"id": "p", "description": text, "steps": [{"id": "say", "service": "shout"}]})
    assert read(as_yaml(pipeline)) == pipeline
