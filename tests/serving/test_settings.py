"""The environment of a service, as the contract names it."""

import pytest

from halles.model import Problems
from halles.serving.settings import Settings


@pytest.mark.parametrize(
    ("text", "engines"),
    [
        ("", ()),
        ("[]", ()),
        ('["http://one:8000/", "http://two"]', ("http://one:8000", "http://two")),
        ("[http://one:8000, http://two]", ("http://one:8000", "http://two")),
        ("http://one", ("http://one",)),
        ('["http://one", "http://one/"]', ("http://one",)),
    ],
)
def test_engines_are_a_list_of_addresses(monkeypatch: pytest.MonkeyPatch, text: str, engines: tuple[str, ...]) -> None:
    monkeypatch.setenv("ENGINE_URLS", text)
    assert Settings.read("http://here").engines == engines


@pytest.mark.parametrize("text", ["[1]", "{}", '["engine:8000"]', "engine"])
def test_engines_that_are_none_are_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ENGINE_URLS", text)
    with pytest.raises(Problems, match="ENGINE_URLS"):
        Settings.read("http://here")


def test_the_defaults_are_those_of_the_contract() -> None:
    read = Settings.read("http://here/")
    assert (read.url, read.capacity, read.announce_retries, read.announce_delay) == ("http://here", 50, 5, 3.0)
    assert read.heartbeat == 20.0


def test_an_endless_queue_is_a_very_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_TASKS", "inf")
    assert Settings.read("http://here").capacity == 1_000_000
