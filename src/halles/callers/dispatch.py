"""Gives tasks to the instances of announced services: the least busy one that takes it."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from enum import Enum

from halles.csia.messages import ComputeS3, ComputeStorage, ServiceState, TaskMessage
from halles.model import CallFailed, Problem
from halles.net import Outgoing
from halles.stores.directory import Directory, Entry, Instance
from halles.stores.exchange import Exchange
from halles.stores.tasks import Sent, Tasks

ACCEPT = 5.0
"""Seconds that a service may take to accept a task. The contract says so."""
WAKE = 30.0
"""Seconds that a sleeping service may take to wake."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between two tries when all queues are full."""


class Offer(Enum):
    """What an instance made of a task."""

    accepted = "accepted"
    full = "full"
    refused = "refused"


class Dispatch:
    """Sends tasks."""

    def __init__(
        self, directory: Directory, tasks: Tasks, exchange: Exchange, outgoing: Outgoing, address: Callable[[], str]
    ) -> None:
        self._directory = directory
        self._tasks = tasks
        self._exchange = exchange
        self._outgoing = outgoing
        self._address = address
        self._busy: Counter[str] = Counter()

    async def send(self, entry: Entry, sent: Sent, avoid: set[str]) -> Sent:
        """Have an instance accept a task that was written down; those to avoid only when no other one does.

        Waits while all queues are full. Raises `CallFailed` when there is nobody to wait for.
        """
        pause = FIRST_PAUSE
        dead: set[str] = set()
        reasons: dict[str, str] = {}
        while True:
            full = False
            for instance in self._candidates(entry.slug, avoid, dead):
                sent = self._addressed(sent, instance)
                try:
                    offer = await self._offer(entry, instance, sent, suspect=instance.url in avoid)
                except CallFailed as failure:
                    offer, reasons[instance.url] = Offer.refused, failure.problem.message
                    if failure.problem.code in ("unreachable", "too-slow"):
                        self._directory.mark(instance, ServiceState.unavailable, seen=False)
                if offer is Offer.accepted:
                    return sent
                full |= offer is Offer.full
                if offer is Offer.refused:
                    dead.add(instance.url)
            if not full:
                raise _nobody(entry, reasons)
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(pause * 2, LONGEST_PAUSE)

    @contextmanager
    def working(self, url: str) -> Iterator[None]:
        """Count a task of an instance while it lasts."""
        self._busy[url] += 1
        try:
            yield
        finally:
            self._busy[url] -= 1
            if not self._busy[url]:
                del self._busy[url]

    def _candidates(self, slug: str, avoid: set[str], dead: set[str]) -> list[Instance]:
        """Who may take a task, best first. What does not answer now may have come back unnoticed."""
        ranks = {ServiceState.available: 0, ServiceState.sleeping: 1, ServiceState.unavailable: 2}
        usable = [each for each in self._directory.instances(slug) if each.state in ranks and each.url not in dead]
        random.shuffle(usable)
        return sorted(usable, key=lambda each: (each.url in avoid, ranks[each.state], self._busy[each.url]))

    def _addressed(self, sent: Sent, instance: Instance) -> Sent:
        if sent.url == instance.url:
            return sent
        return self._tasks.move(sent, instance.url)

    async def _offer(self, entry: Entry, instance: Instance, sent: Sent, *, suspect: bool) -> Offer:
        if suspect or instance.state is ServiceState.sleeping:
            await self._outgoing.ask("GET", f"{instance.url}/status", seconds=ACCEPT if suspect else WAKE)
        message = self._message(entry, instance, sent)
        try:
            answer = await self._outgoing.ask("POST", f"{instance.url}/compute", body=message, seconds=ACCEPT)
        except CallFailed as failure:
            if failure.problem.code == "too-slow" and await self._knows(instance, sent):
                return Offer.accepted
            raise
        if answer.status == 503:
            return Offer.full
        if answer.status != 200:
            said = answer.content[:300].decode(errors="replace")
            raise CallFailed(Problem(code="refused", message=f"it answered {answer.status} {said}"), retry=True)
        if instance.state is not ServiceState.available:
            self._directory.mark(instance, ServiceState.available)
        return Offer.accepted

    async def _knows(self, instance: Instance, sent: Sent) -> bool:
        """Whether an instance that did not say in time that it accepted a task has it nevertheless."""
        try:
            answer = await self._outgoing.ask("GET", f"{instance.url}/tasks/{sent.id}/status", seconds=ACCEPT)
        except CallFailed:
            return False
        return answer.status == 200

    def _message(self, entry: Entry, instance: Instance, sent: Sent) -> dict[str, object]:
        at = datetime.now(UTC).isoformat()
        task = TaskMessage(id=sent.id, data_in=sent.data_in, service_id=entry.id, created_at=at, updated_at=at)
        place = f"{self._address()}/tasks/{sent.id}"
        access = self._exchange.access() if instance.generation != 2 else None
        if access is not None:
            return ComputeS3(**asdict(access), task=task, callback_url=place).model_dump(mode="json")
        if instance.generation == 1:
            message = "it exchanges values by S3, and this server has no S3 storage. `halles storage` runs one"
            raise CallFailed(Problem(code="no-storage", message=message), retry=False)
        return ComputeStorage(storage_url=f"{place}/storage", task=task, callback_url=place).model_dump(mode="json")


def _nobody(entry: Entry, reasons: dict[str, str]) -> CallFailed:
    why = "; ".join(f"{url}: {reason}" for url, reason in reasons.items()).rstrip(".")
    message = f"No instance of `{entry.slug}` takes the task ({why or 'none is available'})."
    return CallFailed(Problem(code="service-unavailable", message=message), retry=True)
