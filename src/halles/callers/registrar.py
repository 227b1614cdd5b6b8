"""Takes in the services that announce themselves, and keeps an eye on them."""

import asyncio
import logging
import re
from typing import Any

from halles.csia.messages import Announcement, ServiceState
from halles.model import CallFailed, Problem, say
from halles.net import Outgoing
from halles.stores.directory import Directory, Entry, Instance, Manners

PAUSE = 5.0
"""Seconds between two rounds of asking services that are late."""
ANSWER = 5.0
"""Seconds that a service may take to say how it is."""
DESCRIPTION = 8 << 20
"""Bytes of an OpenAPI description."""
UNKNOWN = Manners(generation=0, polls=False)

_log = logging.getLogger(__name__)


class Registrar:
    """Asks services how they are, and writes down what they say."""

    def __init__(self, directory: Directory, outgoing: Outgoing) -> None:
        self._directory = directory
        self._outgoing = outgoing

    async def announce(self, announcement: Announcement, owner: str) -> Entry:
        """Take in a service, or bring it up to date. Raises `CallFailed` (`service-unreachable`), and `Problems`."""
        await self.reach(announcement.url)
        return self._directory.announce(announcement, await self.manners(announcement.url), owner)

    async def reach(self, url: str) -> None:
        """Be sure that a service answers. Raises `CallFailed`."""
        try:
            answer = await self._outgoing.ask("GET", f"{url}/status", seconds=ANSWER)
        except CallFailed as failure:
            if not failure.retry:
                raise
            raise _unreachable(failure.problem.sentence) from failure
        if answer.status != 200:
            raise _unreachable(say("`{url}/status` answered {status}, not 200.", url=url, status=answer.status))

    async def manners(self, url: str) -> Manners:
        """What the service's own description says that it speaks. Not all have one."""
        try:
            answer = await self._outgoing.ask("GET", f"{url}/openapi.json", seconds=ANSWER, limit=DESCRIPTION)
            return _read(answer.json()) if answer.status == 200 else UNKNOWN
        except CallFailed:
            return UNKNOWN

    async def watch(self) -> None:
        """For ever, ask the services that are late how they are. Several processes may do so at once."""
        while True:
            try:
                due = [instance for instance in self._directory.due() if self._directory.claim(instance)]
                await asyncio.gather(*map(self._look_after, due))
                self._directory.tidy()
            except CallFailed as failure:
                _log.warning("The services cannot be looked after now: %s", failure.problem.message)
            await asyncio.sleep(PAUSE)

    async def _look_after(self, instance: Instance) -> None:
        try:
            await self.reach(instance.url)
        except CallFailed as failure:
            if instance.state is ServiceState.available:
                _log.warning("%s is unavailable: %s", instance.slug, failure.problem.message)
            self._directory.mark(instance, ServiceState.unavailable, seen=False)
        else:
            self._directory.mark(instance, ServiceState.available)


def _unreachable(why: str) -> CallFailed:
    return CallFailed(
        Problem(code="service-unreachable", message=say("The service cannot be reached: {why}", why=why)), retry=True
    )


def _read(description: Any) -> Manners:
    """The generation by the fields of the body of `/compute`; 2 where a service takes both, since it needs no S3."""
    try:
        schemas = description["paths"]["/compute"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        fields = _fields(schemas, description.get("components", {}).get("schemas", {}), set())
        polls = any(re.fullmatch(r"/tasks/\{\w+\}/status", path) for path in description["paths"])
    except (KeyError, TypeError, AttributeError, RecursionError):
        return UNKNOWN
    return Manners(generation=2 if "storage_url" in fields else 1 if "s3_host" in fields else 0, polls=polls)


def _fields(schema: Any, named: dict[str, Any], seen: set[str]) -> set[str]:
    """The names of the properties that a schema speaks of, in any of its alternatives."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        return _fields(named[name], named, seen | {name})
    others = [each for word in ("anyOf", "oneOf", "allOf") for each in schema.get(word, ())]
    return set(schema.get("properties", {})).union(*(_fields(each, named, seen) for each in others))
