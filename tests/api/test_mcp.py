"""Published pipelines are typed tools for agents: asked with the client of the library, over HTTP."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.exceptions import MCPError

from halles.engine import parse
from halles.main import Market
from halles.model import LOCAL, Principal, Role
from halles.sdk import Image, service
from tests import shelf, sounds
from tests.api.test_publishing import LOUD, MIXED
from tests.marketplace import served
from tests.people import person

ME = Principal(id=LOCAL, role=Role.operator)
MODES = ["auto", "legacy"]
"""The protocol of today, and the one with a handshake that most agents speak."""


@service("dot", version="1.0", licence="Apache-2.0")
def dot(text: str, *, size: int = 4) -> Image:
    """Paint noise, which does not get smaller by compression."""
    return Image.from_array(np.random.default_rng(len(text)).integers(0, 255, (size, size, 3), np.uint8))


def text(**step: Any) -> dict[str, Any]:
    whole = {"id": "a", "inputs": {"text": "inputs.text"}, **step}
    return {**LOUD, "id": step["service"], "steps": [whole], "outputs": {"out": "a.output"}}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    market = Market(tmp_path_factory.mktemp("home"), services=[*shelf.SERVICES, dot], workers=4)
    documents = [LOUD, MIXED, text(service="refuse"), text(service="dot"), text(service="slow", params={"seconds": 60})]
    for document in documents:
        market.library.create(parse(document), ME)
        market.library.publish(document["id"], ME)
    market.library.create(parse({**LOUD, "id": "mine"}), ME)
    return market


@pytest.fixture(scope="module")
def url(market: Market) -> Iterator[str]:
    with served(market) as url:
        yield f"{url}/mcp"


def ask(url: str, question: Callable[[Client], Awaitable[Any]], mode: str = "auto", **headers: str) -> Any:
    """What a client is answered."""

    async def session() -> Any:
        async with (
            create_mcp_http_client(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode) as client,
        ):
            return await question(client)

    return asyncio.run(session())


def call(url: str, tool: str, mode: str = "auto", **arguments: Any) -> Any:
    return ask(url, lambda client: client.call_tool(tool, arguments), mode)


@pytest.mark.parametrize("mode", MODES)
def test_published_pipelines_are_tools_and_others_are_not(url: str, mode: str) -> None:
    tools = {tool.name: tool for tool in ask(url, lambda client: client.list_tools(), mode).tools}
    assert {"loud", "mixed", "cover-art"} <= tools.keys()
    assert "mine" not in tools


def test_a_tool_says_what_it_takes_and_gives(url: str) -> None:
    (tool,) = (tool for tool in ask(url, lambda client: client.list_tools()).tools if tool.name == "mixed")
    assert tool.input_schema["required"] == ["song", "texts", "loud"]
    assert [next(iter(way["properties"])) for way in tool.input_schema["properties"]["song"]["oneOf"]] == [
        "artifact",
        "url",
        "base64",
    ]
    assert tool.output_schema["properties"]["outputs"]["required"] == ["joined", "words", "mood"]


@pytest.mark.parametrize("mode", MODES)
def test_a_call_gives_texts_and_a_structure(url: str, mode: str) -> None:
    result = call(url, "loud", mode, text="hey")
    assert not result.is_error
    assert result.content[0].text == "out:\nHEYHEY"
    assert result.structured_content["outputs"]["out"]["value"] == "HEYHEY"


def test_files_are_given_inline_or_by_hash_and_outputs_handed_on(url: str, tmp_path: Path) -> None:
    song = base64.b64encode(sounds.write(tmp_path / "a.wav").read_bytes()).decode()
    result = call(url, "mixed", song={"base64": song}, texts=["so"], loud=True)
    shouted = result.structured_content["outputs"]["shouted"]
    assert shouted["value"] == "SO 1.0"
    again = call(url, "loud", text={"artifact": shouted["sha256"]})
    assert again.structured_content["outputs"]["out"]["value"] == "SO 1.0SO 1.0"


def test_a_picture_comes_as_one_with_a_link_that_can_be_read(url: str) -> None:
    picture, link = call(url, "dot", text="hey").content
    assert (picture.type, picture.mime_type, link.type) == ("image", "image/png", "resource_link")
    read = ask(url, lambda client: client.read_resource(str(link.uri)))
    assert read.contents[0].blob == picture.data


def test_what_does_not_fit_into_a_message_is_a_link_only(url: str) -> None:
    (link,) = call(url, "dot", text="hey", **{"a.size": 600}).content
    assert link.type == "resource_link" and json.loads(link.description).keys() == {"artifact"}
    link, *more = call(url, "loud", text="x" * 300_000).content
    assert (link.type, more) == ("resource_link", [])


@pytest.mark.parametrize("mode", MODES)
def test_progress_is_reported(url: str, mode: str) -> None:
    seen: list[tuple[float, float | None, str | None]] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        seen.append((done, total, message))

    arguments = {"text": f"hey {mode}", "a.seconds": 0.6}
    ask(url, lambda client: client.call_tool("slow", arguments, progress_callback=progress), mode)
    assert seen[-1] == (1.0, 1.0, "finished")
    assert any(message and "working" in message for *_, message in seen)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("loud", {"txet": "hey"}, "There is no input `txet`"),
        ("loud", {"text": "hey", "say.times": 99}, "99 is greater than"),
        ("refuse", {"text": "hey"}, "give me silence"),
        ("lowd", {"text": "hey"}, "`loud`"),
        ("loud", {"text": {"url": "http://169.254.169.254/"}}, "is not a public address"),
        ("mine", {"text": "hey"}, "There is no pipeline `mine`"),
    ],
)
def test_what_goes_wrong_is_said_so_that_an_agent_can_do_better(
    url: str, tool: str, arguments: dict[str, Any], said: str
) -> None:
    result = call(url, tool, **arguments)
    assert result.is_error
    assert said in result.content[0].text


def test_a_call_that_is_given_up_stops_its_run(url: str, market: Market) -> None:
    async def give_up(client: Client) -> None:
        try:
            async with asyncio.timeout(1):
                await client.call_tool("slow", {"text": "stop me"})
        except TimeoutError:
            return

    ask(url, give_up)
    run = market.ledger.recent(1, pipeline="slow")[0].id
    asyncio.run(_until(lambda: market.ledger.summary(run).status == "cancelled"))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.05)


def test_uploads_are_resources(url: str, market: Market) -> None:
    held = market.holdings.hold(market.objects.put(b"la la", "text/plain"), LOCAL, "song.txt")
    listed = ask(url, lambda client: client.list_resources()).resources
    assert [(each.name, each.mime_type) for each in listed] == [("song.txt", "text/plain")]
    read = ask(url, lambda client: client.read_resource(str(listed[0].uri)))
    assert read.contents[0].text == "la la" and held.artifact.sha256 in str(listed[0].uri)


def test_what_is_no_resource_of_the_server_is_not_read(url: str) -> None:
    async def read(client: Client) -> str:
        with pytest.raises(MCPError) as refused:
            await client.read_resource("file:///etc/passwd")
        return str(refused.value)

    assert "is no resource of this server" in ask(url, read)


def test_an_agent_needs_the_key_of_somebody_and_may_do_what_they_may(market: Market) -> None:
    with served(market, HALLES_LOGIN="required", HALLES_WORKERS="0") as url:
        _, viewer = person(market, "eve", Role.viewer)
        account, runner = person(market, "ben", Role.runner)
        narrow = market.keys.create(account, "narrow", Role.runner, pipelines=("loud",))[1]
        for headers in ({}, viewer):
            with pytest.raises(BaseException):  # noqa: B017,PT011 - the library wraps the refusal in several ways.
                ask(f"{url}/mcp", lambda client: client.list_tools(), **headers)
        assert len(ask(f"{url}/mcp", lambda client: client.list_tools(), **runner).tools) > 3
        only = ask(f"{url}/mcp", lambda client: client.list_tools(), Authorization=f"Bearer {narrow}").tools
        assert [tool.name for tool in only] == ["loud"]
