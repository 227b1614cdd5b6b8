"""Being known to an engine: announce, keep in touch, fall asleep."""

import asyncio
import logging
import random
from collections.abc import Coroutine
from typing import Any

import httpx

from halles.csia.messages import Announcement, ServiceState, StateChange
from halles.serving.settings import Settings

LONGEST = 60.0
"""Seconds between two announcements that an engine does not take."""
PATIENCE = 15.0
"""Seconds for an answer: an engine looks at the service's `/status` before it gives one."""
AWAY = (ServiceState.sleeping, ServiceState.unavailable)
"""What an engine must not believe of a service that is awake. `disabled` is an operator's decision."""

log = logging.getLogger(__name__)


class Presence:
    """One engine, and what it knows of the service. Other engines are not its concern."""

    def __init__(self, engine: str, announcement: Announcement, http: httpx.AsyncClient, settings: Settings) -> None:
        self._engine = engine
        self._announcement = announcement
        self._http = http
        self._settings = settings
        self._id = ""
        self.known = False
        """Whether the engine knows the service, as far as the last answer told."""

    async def keep(self) -> None:
        """Stay known as long as the service lives, whatever becomes of the engine meanwhile."""
        tries = 0
        while True:
            self.known = await self._attempt(self._ping() if self.known else self._announce())
            tries = 0 if self.known else tries + 1
            await asyncio.sleep(self._settings.heartbeat if self.known else self._pause(tries))

    async def renew(self) -> None:
        """Introduce the service again: what it gave before is not what it gives now."""
        if self.known:
            self.known = await self._attempt(self._announce())

    async def sleep(self) -> None:
        """Say that the service is going, to an engine that knows it."""
        if self.known:
            self.known = False
            await self._attempt(self._change(StateChange(status=ServiceState.sleeping)))

    def _pause(self, tries: int) -> float:
        """The same for the first tries, then twice as long each time."""
        late = max(0, tries - self._settings.announce_retries)
        return min(self._settings.announce_delay * 2.0 ** min(late, 16), LONGEST) * random.uniform(0.8, 1.2)

    async def _attempt(self, step: Coroutine[Any, Any, bool]) -> bool:
        try:
            return await step
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
            log.warning("engine %s: %s", self._engine, " ".join(str(error).split()) or type(error).__name__)
            return False

    async def _announce(self) -> bool:
        """Introduce the service; an engine that knows an older self of it is told what is new."""
        body = self._announcement.model_dump(mode="json")
        answer = await self._http.post(f"{self._engine}/services", json=body, timeout=PATIENCE)
        if answer.status_code == httpx.codes.CONFLICT:
            return await self._change(self._announcement)
        if not answer.is_success:
            log.warning("engine %s: answered %s to the announcement: %s", self._engine, answer.status_code, answer.text)
            return False
        self._id = str(answer.json().get("id", ""))
        log.info("engine %s: announced as %s at %s", self._engine, body["slug"], body["url"])
        return True

    async def _change(self, news: Announcement | StateChange) -> bool:
        record = await self._record()
        self._id = str(record["id"]) if record else self._id
        body = news.model_dump(mode="json")
        answer = await self._http.patch(f"{self._engine}/services/{self._id}", json=body, timeout=PATIENCE)
        log.info("engine %s: answered %s to %s", self._engine, answer.status_code, body["status"])
        return answer.is_success

    async def _ping(self) -> bool:
        """A sign of life. False when the engine forgot the service, or takes it for gone.

        Some engines answer 500 where others answer 404, and another process of the same service that went away may
        have said that it sleeps.
        """
        url = f"{self._engine}/services/{self._announcement.slug}/ping"
        answer = await self._http.post(url, timeout=PATIENCE)
        if not answer.is_success:
            return False
        record = await self._record()
        return record is None or record.get("status") not in AWAY

    async def _record(self) -> dict[str, Any] | None:
        answer = await self._http.get(f"{self._engine}/services/slug/{self._announcement.slug}", timeout=PATIENCE)
        return dict(answer.json()) if answer.is_success else None
