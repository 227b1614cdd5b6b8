"""What a run will take, from what such calls took before."""

import random
import time

import pytest

from halles.model import LOCAL, Principal, Result, Role
from halles.stores.history import Call, Size, predict
from tests.api.running import CHAIN, SHOUT, document, ended, start
from tests.people import server
from tests.sounds import tone, write

ME = Principal(id=LOCAL, role=Role.operator)


def ask(client, pipeline=CHAIN, inputs=None, **more):
    answer = client.post("/estimates", json={"pipeline": pipeline, "inputs": inputs or {}, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def past(market, service, count, seconds, *, content="x", version="1.0"):
    """Calls that were made, of so many seconds each."""
    artifact = market.objects.put(content.encode(), "text/plain")
    for number in range(count):
        market.results.put(
            Result(
                key=f"{service}{len(content)}-{number}", service=service, version=version, identity="", params={},
                inputs={"text": artifact}, outputs={}, created=time.time() + number, seconds=seconds,
            )
        )  # fmt: skip


def test_without_a_past_it_is_said_to_be_unknown(client):
    told = ask(client, inputs={"text": "la"})
    assert (told["complete"], told["unknown"]) == (False, ["a", "b"])
    assert [(step["basis"], step["calls"], step["seconds"]) for step in told["steps"]] == [("unknown", 0, None)] * 2


def test_the_longest_way_through_the_steps_counts(client, market):
    past(market, "shout", 3, 2.0)
    past(market, "split", 3, 5.0)
    apart = {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}}
    told = ask(client, document(*CHAIN["steps"], apart, out="b.output"), {"text": "la"})
    assert (told["complete"], told["seconds"]["expected"], told["compute"]["expected"]) == (True, 5.0, 9.0)


def test_it_says_on_how_many_calls_it_rests_and_how(client, market):
    past(market, "shout", 4, 2.0)
    first, second = ask(client, inputs={"text": "la"})["steps"]
    assert (first["basis"], second["basis"], first["calls"], second["calls"]) == ("size", "past", 4, 4)


def test_what_is_known_takes_nothing(client):
    ended(client, start(client))
    told = ask(client, inputs={"text": "la"})
    assert [step["basis"] for step in told["steps"]] == ["cache", "cache"]
    assert (told["complete"], told["compute"]["high"]) == (True, 0)
    assert [step["basis"] for step in ask(client, inputs={"text": "la"}, overrides={"b": {"times": 3}})["steps"]] == [
        "cache", "size",
    ]  # fmt: skip


def test_what_really_ran_is_what_is_told(client):
    slow = document(
        {"id": "s", "service": "slow", "params": {"seconds": 0.2}, "inputs": {"text": "inputs.text"}}, out="s.output"
    )
    for text in "abc":
        ended(client, start(client, slow, {"text": text}))
    told = ask(client, slow, {"text": "other"})
    assert told["steps"][0]["calls"] == 3
    assert 0.2 <= told["seconds"]["low"] <= told["seconds"]["expected"] <= told["seconds"]["high"] < 2
    assert told["memory"] > 10_000_000


def test_a_condition_that_is_false_already_takes_nothing(client, market):
    past(market, "shout", 1, 2.0)
    inputs = {"text": {"media": "text/plain"}, "loud": {"schema": {"type": "boolean"}, "default": False}}
    what = document({**SHOUT, "when": "inputs.loud"}, inputs=inputs, out="a.output")
    assert ask(client, what, {"text": "la"})["steps"][0]["basis"] == "skipped"
    assert ask(client, what, {"text": "la", "loud": True})["seconds"]["expected"] == 2


def test_a_list_of_unknown_length_is_unknown(client, market):
    past(market, "shout", 9, 1.0)
    past(market, "split", 9, 1.0)
    steps = [
        {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}},
        {"id": "m", "service": "shout", "map": "text", "inputs": {"text": "s.words"}},
    ]
    assert ask(client, document(*steps, out="m.output"), {"text": "a b"})["unknown"] == ["m"]


def test_inputs_may_be_left_out(client, market):
    past(market, "shout", 2, 3.0)
    told = ask(client)
    assert [step["basis"] for step in told["steps"]] == ["past", "past"]
    assert told["seconds"]["expected"] == 6


def test_the_price_is_by_the_rate_of_the_operator(client, market):
    past(market, "shout", 2, 3.0)
    assert ask(client, inputs={"text": "la"})["price"] is None
    with server(market, HALLES_COST_PER_SECOND="0.5") as priced:
        assert ask(priced, inputs={"text": "la"})["price"] == 3.0


def test_another_version_is_another_past(client, market):
    past(market, "shout", 9, 3.0, version="0.9")
    assert ask(client, inputs={"text": "la"})["unknown"] == ["a", "b"]


def test_what_is_wrong_is_said_as_for_a_run(client):
    answer = client.post("/estimates", json={"pipeline": CHAIN, "inputs": {"txet": "la"}})
    assert (answer.status_code, "no input `txet`" in answer.text) == (422, True)
    assert client.post("/estimates", json={"pipeline": "none"}).status_code == 404


# The relation of size and time.


def calls(*pairs):
    return [Call(seconds, Size(0, length), None) for length, seconds in pairs]


def test_time_grows_with_the_length_of_the_sound():
    told = predict(calls((10, 2), (20, 3), (30, 4), (40, 5), (60, 7)), Size(0, 100.0))
    assert told.expected == pytest.approx(11)
    assert told.low == pytest.approx(told.high)


def test_one_call_that_hung_does_not_change_the_estimate():
    told = predict(calls((10, 2), (20, 3), (30, 4), (40, 500), (60, 7), (80, 9)), Size(0, 50.0))
    assert told.expected == pytest.approx(6, rel=0.1)
    assert told.high > 6


def test_nine_of_ten_calls_are_in_the_range():
    chance = random.Random(1)
    made = [(length, (1 + length / 10) * chance.uniform(0.8, 1.2)) for length in range(10, 70)]
    told = predict(calls(*made), Size(0, 40.0))
    inside = sum(told.low <= 5 * chance.uniform(0.8, 1.2) <= told.high for _ in range(1000))
    assert 650 < inside < 950
    assert told.expected == pytest.approx(5, rel=0.05)


def test_few_calls_tell_no_relation():
    assert predict(calls((10, 2), (20, 4)), Size(0, 1000.0)).expected == 3
    assert predict([], Size(0, 1.0)) is None


def test_the_length_of_sound_is_taken_from_its_header(market, tmp_path):
    song = market.objects.put(write(tmp_path / "it.wav", tone(2.5)), "audio/wav")
    assert market.history.size({"song": song}) == Size(song.size, 2.5)
