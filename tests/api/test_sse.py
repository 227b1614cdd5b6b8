"""Watching runs: events as they happen, from wherever the client was, for many at little cost."""

import asyncio
import json
import socket
from contextlib import ExitStack

import httpx
import pytest

from halles.main import Market
from halles.model import Order, RunFinished, RunStarted, Status, StepChanged, StepState
from halles.runners.feed import RECENT, Feed
from halles.stores.runs import Lease
from tests.api.running import SLOW, WAIT, document, ended, start
from tests.api.serving import serving
from tests.running import pipeline
from tests.shelf import SERVICES


def parsed(text):
    """The events of a stream: number, type, content."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":") and ": " in line)
        if "data" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def watch(client, run, **how):
    return parsed(client.get(f"/runs/{run}/events", **how).text)


def test_a_stream_tells_everything_and_ends_with_the_run(client):
    run = start(client).json()["id"]
    events = watch(client, run)
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    assert [events[0][1], events[1][1], events[-1][1]] == ["run-accepted", "run-started", "run-finished"]
    gave = {e["step"]["id"]: e["step"]["outputs"] for _, kind, e in events if kind == "step-changed"}
    assert gave["b"]["output"]["media_type"] == "text/plain", "what a step gave comes with its event"


def test_who_was_cut_off_goes_on_where_they_were(client):
    run = ended(client, start(client))["id"]
    whole = watch(client, run)
    assert watch(client, run, headers={"Last-Event-ID": "3"}) == whole[3:]
    assert watch(client, run, params={"after": 3}) == whole[3:]
    assert watch(client, run, headers={"Last-Event-ID": "nonsense"}) == whole


def test_a_stream_of_a_run_that_ended_ends(client):
    run = ended(client, start(client))["id"]
    assert watch(client, run)[-1][1] == "run-finished"


def test_a_run_that_is_not_there_is_not_watched(client):
    assert client.get(f"/runs/{'0' * 16}/events").status_code == 404


# The feed, which all watchers of a process share.


def order(market, run="f" * 16):
    what = pipeline([{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}], out="a.output")
    return Order(run=run, plan=market.plan(what), inputs={})


def log(market, run, count):
    """A run with so many words of progress."""
    market.ledger.accept(order(market, run))
    market.queue.renew("w")
    (claim,) = market.queue.claim("w", 1, idle=True)
    plan = claim.run.plan
    market.ledger.append(RunStarted(run=run, seq=2, at=1.0, plan=plan, inputs={}), claim.lease)
    for seq in range(3, 3 + count):
        say(market, run, seq, claim.lease)
    return claim.lease


def say(market, run, seq, lease: Lease):
    step = StepState(id="a", status=Status.running)
    market.ledger.append(StepChanged(run=run, seq=seq, at=1.0, step=step), lease)


def end(market, run, seq, lease):
    market.ledger.append(RunFinished(run=run, seq=seq, at=1.0, status=Status.finished), lease)


def feed(market, work):
    """Do something with a feed that runs."""

    async def go():
        stopping = asyncio.Event()
        one = Feed(market.ledger)
        async with one.running(stopping), asyncio.timeout(20):
            return await work(one, stopping)

    return asyncio.run(go())


def test_what_is_written_while_one_watches_comes_at_once(market):
    lease = log(market, "f" * 16, 1)

    async def work(one, _):
        seen = []
        async for line in one.watch("f" * 16):
            seen.append(line.seq)
            if line.seq == 3:
                await asyncio.to_thread(say, market, "f" * 16, 4, lease)
            if line.seq == 4:
                await asyncio.to_thread(end, market, "f" * 16, 5, lease)
        return seen

    assert feed(market, work) == [1, 2, 3, 4, 5]


def test_who_is_slow_misses_nothing_and_holds_nothing(market):
    lease = log(market, "f" * 16, 1)
    count = 3 * RECENT

    async def work(one, _):
        seen = []
        async for line in one.watch("f" * 16):
            seen.append(line.seq)
            if line.seq == 3:  # While this one is busy, much happens.
                for seq in range(4, 4 + count):
                    await asyncio.to_thread(say, market, "f" * 16, seq, lease)
                await asyncio.to_thread(end, market, "f" * 16, 4 + count, lease)
                await asyncio.sleep(0.2)
                assert len(one._channels["f" * 16].recent) <= RECENT
        return seen

    assert feed(market, work) == list(range(1, 5 + count))


def test_what_another_process_writes_is_seen_soon(market):
    lease = log(market, "f" * 16, 1)
    market.ledger._listeners.clear()  # As if it were elsewhere: nobody says a word.

    async def work(one, _):
        market.ledger._listeners.clear()
        seen = []
        async for line in one.watch("f" * 16):
            seen.append(line.seq)
            if line.seq == 3:
                await asyncio.to_thread(end, market, "f" * 16, 4, lease)
        return seen

    assert feed(market, work) == [1, 2, 3, 4]


def test_where_nothing_happens_a_sign_of_life_is_given(market):
    log(market, "f" * 16, 0)

    async def work(one, _):
        return [line async for line in _first(one.watch("f" * 16, pause=0.05), 4)]

    assert feed(market, work)[2:] == [None, None]


def test_watchers_are_let_go_when_the_server_stops(market):
    log(market, "f" * 16, 0)

    async def work(one, stopping):
        asyncio.get_running_loop().call_later(0.2, stopping.set)
        return [line.seq async for line in one.watch("f" * 16)]

    assert feed(market, work) == [1, 2]


def test_nobody_who_left_is_remembered(market):
    log(market, "f" * 16, 0)

    async def work(one, _):
        watching = one.watch("f" * 16)
        await anext(watching)
        await watching.aclose()
        return one._channels

    assert feed(market, work) == {}


async def _first(items, count):
    async for item in items:
        yield item
        count -= 1
        if not count:
            return


# A real server.


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as server:
        yield server


def test_two_hundred_watch_at_once(server):
    url, process = server
    with httpx.Client(base_url=url) as client:
        run = start(client, document({**SLOW, "params": {"seconds": 3}}, out="s.output")).json()["id"]
        ends, cost = asyncio.run(_crowd(url, run, 200, process))
        assert ends == ["run-finished"] * 200
        assert cost < 3, "CPU seconds of the server"


async def _crowd(url, run, count, process):
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
        before = process.cpu_times()
        texts = await asyncio.gather(*(client.get(f"/runs/{run}/events") for _ in range(count)))
        after = process.cpu_times()
    return [parsed(text.text)[-1][1] for text in texts], sum(after[:2]) - sum(before[:2])


def test_clients_that_do_not_read_cost_no_memory(server, tmp_path):
    url, process = server
    run, size, count, clients = "e" * 16, 50_000, 500, 20
    host, _, port = url.removeprefix("http://").partition(":")
    market = Market(tmp_path / "home", services=SERVICES)
    market.ledger.append(RunStarted(run=run, seq=1, at=1.0, plan=order(market, run).plan, inputs={}))
    with ExitStack() as stack:
        for _ in range(clients):
            lazy = stack.enter_context(socket.create_connection((host, int(port))))
            lazy.sendall(f"GET /runs/{run}/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        before = most = process.memory_info().rss
        for seq in range(2, 2 + count):
            state = StepState(id="a", status=Status.running, reason="x" * size)
            market.ledger.append(StepChanged(run=run, seq=seq, at=1.0, step=state))
            most = max(most, process.memory_info().rss)
        assert most - before < 0.4 * size * count * clients, f"{(most - before) >> 20} MB"


def test_a_server_that_stops_lets_its_watchers_go(server):
    url, process = server
    with httpx.Client(base_url=url, timeout=60) as client:
        run = start(client, WAIT).json()["id"]
        with client.stream("GET", f"/runs/{run}/events") as stream:
            pieces = stream.iter_text()
            text = next(pieces)
            process.terminate()  # The stream is open: now it is let go.
            text += "".join(pieces)
    assert text.startswith(f": {run}")
