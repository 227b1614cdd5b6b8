"""What can be wired to what, each connection with what speaks against it."""

from typing import Any

import pytest

from halles.engine import Wire, wires
from halles.main import Market
from tests.running import pipeline

SPLIT: dict[str, Any] = {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}}
LOUD: dict[str, Any] = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}
LOUDER: dict[str, Any] = {"id": "b", "service": "shout", "inputs": {"text": "a.output"}}


def made(market: Market, *steps: dict[str, Any], **ends: str) -> list[Wire]:
    return wires(pipeline(list(steps), out="a.output"), market.services, **ends)


def the(market: Market, source: str, step: str) -> Wire:
    (wire,) = made(market, SPLIT, LOUD, LOUDER, source=source, step=step, port="text")
    return wire


def test_what_fits_has_no_problem(market: Market) -> None:
    assert the(market, "inputs.text", "b") == Wire(source="inputs.text", step="b", port="text")


def test_a_list_is_taken_item_by_item(market: Market) -> None:
    wire = the(market, "s.words", "b")
    assert (wire.map, wire.problem) == (True, None)


def test_a_second_list_is_not(market: Market) -> None:
    mapped = {**LOUD, "map": "other"}
    (wire,) = made(market, SPLIT, mapped, source="s.words", step="a")
    assert wire.problem and wire.problem.code == "list-to-one"


def test_one_value_ends_the_taking_item_by_item(market: Market) -> None:
    mapped = {**LOUD, "inputs": {"text": "s.words"}, "map": "text"}
    (wire,) = made(market, SPLIT, mapped, source="inputs.text", step="a")
    assert (wire.map, wire.problem) == (False, None)


@pytest.mark.parametrize(
    ("source", "step", "code"),
    [
        ("s.mood", "a", "type-mismatch"),
        ("b.output", "a", "cycle"),
        ("a.output", "a", "cycle"),
        ("s.mod", "a", "unknown-port"),
        ("z.output", "a", "unknown-step"),
        ("inputs.txt", "a", "unknown-port"),
        ("nonsense", "a", "bad-reference"),
    ],
)
def test_what_does_not_fit_says_why_at_its_port(market: Market, source: str, step: str, code: str) -> None:
    problem = the(market, source, step).problem
    assert problem and (problem.code, problem.step, problem.port) == (code, step, "text")


def test_all_that_a_port_could_read(market: Market) -> None:
    found = made(market, SPLIT, LOUD, LOUDER, step="a", port="text")
    assert [wire.source for wire in found if not wire.problem] == ["inputs.text", "s.words"]


def test_services_that_are_not_here_have_no_ports(market: Market) -> None:
    assert made(market, {**LOUD, "service": "gone"}, source="inputs.text") == []
