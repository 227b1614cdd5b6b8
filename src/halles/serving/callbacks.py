"""Tells engines how tasks ended, until they have heard it."""

import asyncio
import logging
import random
from collections import OrderedDict
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import httpx

from halles.csia.messages import Callback
from halles.model import CallFailed

FIRST, LONGEST = 0.5, 60.0
"""Seconds between two tries; each pause is twice the one before."""
PATIENCE = httpx.Timeout(60.0, connect=5.0)
"""Seconds for an answer: an engine starts the next steps of a pipeline before it gives one."""
MOST = 10_000
"""Callbacks that wait for their engines; beyond that the oldest is given up, so that memory is bounded."""
TOGETHER = 16
"""Callbacks under way at once to one engine, so that one that hangs holds up no other."""

log = logging.getLogger(__name__)


class Callbacks:
    """The callbacks that are not delivered yet. An engine that is down hears them when it is back."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._waiting: OrderedDict[object, asyncio.Task[None]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def send(self, url: str, callback: Callback) -> None:
        """Deliver in the background."""
        token = object()
        self._waiting[token] = asyncio.create_task(self._deliver(token, url, callback))
        while len(self._waiting) > MOST:
            _, oldest = self._waiting.popitem(last=False)
            oldest.cancel()
            log.error("a callback was given up: %s others wait for their engines", MOST)

    async def drain(self, seconds: float) -> None:
        """Wait until all are delivered, or the time is over; what is left then is lost."""
        if self._waiting:
            await asyncio.wait(list(self._waiting.values()), timeout=seconds)
        for work in self._waiting.values():
            work.cancel()
        if self._waiting:
            log.error("%s callbacks were not delivered before the end", len(self._waiting))

    async def _deliver(self, token: object, url: str, callback: Callback) -> None:
        pause = FIRST
        turn = self._turns.setdefault(urlsplit(url).netloc, asyncio.Semaphore(TOGETHER))
        try:
            while not await self._accepted(url, callback, turn):
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                pause = min(2 * pause, LONGEST)
        finally:
            self._waiting.pop(token, None)

    async def _accepted(self, url: str, callback: Callback, turn: asyncio.Semaphore) -> bool:
        """Whether the engine has heard it, or does not know the task any more."""
        try:
            async with turn:
                answer = await self._http.patch(url, json=callback.model_dump(mode="json"), timeout=PATIENCE)
        except CallFailed as refusal:  # An address that is not reached for others, today or tomorrow.
            log.error("callback %s: %s", url, refusal)
            return True
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("callback %s: %s, trying again", url, error or type(error).__name__)
            return False
        if _unknown(answer):
            log.warning("callback %s: the engine does not know the task any more", url)
            return True
        if not answer.is_success:
            log.warning("callback %s: answered %s, trying again", url, answer.status_code)
        return answer.is_success


def _unknown(answer: httpx.Response) -> bool:
    """Whether an engine says that there is no such task. A 404 of a proxy before it is no JSON, and says nothing."""
    if answer.status_code not in (404, 410):
        return False
    return str(answer.headers.get("content-type", "")).partition(";")[0].endswith("json")
