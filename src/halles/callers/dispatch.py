"""Gives tasks to the instances of announced services: the least busy one that takes it."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from enum import Enum

from halles.csia.messages import ComputeS3, ComputeStorage, ServiceState, TaskMessage
from halles.model import CallFailed, Problem, say
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


RANKS = {ServiceState.available: 0, ServiceState.sleeping: 1, ServiceState.unavailable: 2}
"""Which instances are asked, the first ones first."""
UNANSWERED = ("unreachable", "too-slow")
"""Failures that leave open whether a request arrived."""


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

    @asynccontextmanager
    async def given(self, entry: Entry, sent: Sent, avoid: set[str]) -> AsyncIterator[Sent]:
        """Have an instance accept a task that was written down; those to avoid only when no other one does.

        The instance counts as busy with it until the context ends. Waits while all queues are full. Raises
        `CallFailed` when there is nobody to wait for.
        """
        pause = FIRST_PAUSE
        search = _Search(entry, avoid)
        with ExitStack() as busy:
            while True:
                full = False
                for instance in self._candidates(search, sent.url):
                    if sent.url != instance.url:
                        sent = self._tasks.move(sent, instance.url)
                    offer = await self._try(search, instance, sent, busy)
                    if offer is Offer.accepted:
                        yield sent
                        return
                    full |= offer is Offer.full
                if not full:
                    raise search.failure()
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))
                pause = min(pause * 2, LONGEST_PAUSE)
                search.known = self._directory.instances(entry.slug)

    async def _try(self, search: "_Search", instance: Instance, sent: Sent, busy: ExitStack) -> Offer:
        """Offer a task. It counts already while it is offered, so that those offered at once go to different ones."""
        with ExitStack() as turn:
            self._busy[instance.url] += 1
            turn.callback(self._done, instance.url)
            try:
                offer = await self._offer(search, instance, sent)
            except CallFailed as failure:
                search.refusals[instance.url] = failure.problem.sentence
                if failure.problem.code in UNANSWERED:
                    self._directory.mark(instance, ServiceState.unavailable, seen=False)
                return Offer.refused
            if offer is Offer.accepted:
                busy.push(turn.pop_all())
            return offer

    def _done(self, url: str) -> None:
        self._busy[url] -= 1
        if not self._busy[url]:
            del self._busy[url]

    def likely(self, entry: Entry, avoid: set[str]) -> str:
        """The instance that a task will probably go to: it need not be written down twice then."""
        found = self._candidates(_Search(entry, avoid), "")
        return found[0].url if found else ""

    def _candidates(self, search: "_Search", likely: str) -> list[Instance]:
        """Who may take a task, best first. What does not answer now may have come back unnoticed."""
        usable = [each for each in search.known if each.state in RANKS and each.url not in search.refusals]
        random.shuffle(usable)
        order = {
            each.url: (each.url in search.avoid, RANKS[each.state], self._busy.get(each.url, 0)) for each in usable
        }
        return sorted(usable, key=lambda each: (*order[each.url], each.url != likely))

    async def _offer(self, search: "_Search", instance: Instance, sent: Sent) -> Offer:
        suspect = instance.url in search.avoid
        if suspect or instance.state is ServiceState.sleeping:
            await self._outgoing.ask("GET", f"{instance.url}/status", seconds=ACCEPT if suspect else WAKE)
        message = await self._message(search.entry, instance, sent)
        try:
            answer = await self._outgoing.ask("POST", f"{instance.url}/compute", body=message, seconds=ACCEPT)
        except CallFailed as failure:
            if failure.problem.code in UNANSWERED and await self._knows(instance, sent):
                return Offer.accepted
            raise
        if answer.status == 503:
            return Offer.full
        if answer.status != 200:
            said = answer.content[:300].decode(errors="replace")
            why = say("`{url}` answered {status} {said}.", url=instance.url, status=answer.status, said=said)
            raise CallFailed(Problem(code="refused", message=why), retry=True)
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

    async def _message(self, entry: Entry, instance: Instance, sent: Sent) -> dict[str, object]:
        at = datetime.now(UTC).isoformat()
        task = TaskMessage(id=sent.id, data_in=sent.data_in, service_id=entry.id, created_at=at, updated_at=at)
        place = f"{self._address()}/tasks/{sent.id}"
        access = await asyncio.to_thread(self._exchange.access) if instance.generation != 2 else None
        if access is not None:
            return ComputeS3(**asdict(access), task=task, callback_url=place).model_dump(mode="json")
        if instance.generation == 1:
            why = say(
                "`{url}` exchanges values by S3, and this server has none (`halles storage` runs one).",
                url=instance.url,
            )
            raise CallFailed(Problem(code="no-storage", message=why), retry=False)
        return ComputeStorage(storage_url=f"{place}/storage", task=task, callback_url=place).model_dump(mode="json")


class _Search:
    """Looking for an instance that takes a task."""

    def __init__(self, entry: Entry, avoid: set[str]) -> None:
        self.entry = entry
        self.avoid = avoid
        self.known: Sequence[Instance] = entry.instances
        self.refusals: dict[str, str] = {}

    def failure(self) -> CallFailed:
        """That there is none, with what each of them said."""
        reasons = list(self.refusals.values()) or [say("none is available.")]
        message = say("No instance of `{slug}` takes the task: {reasons: }", slug=self.entry.slug, reasons=reasons)
        return CallFailed(Problem(code="service-unavailable", message=message), retry=True)
