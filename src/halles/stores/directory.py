"""The services that announced themselves, and where each of them can be reached."""

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sqlalchemy as sql

from halles.csia import translate
from halles.csia.messages import Announcement, ServiceState
from halles.model import LOCAL, Problem, Problems, ServiceSpec, digest
from halles.stores.database import upsert
from halles.stores.wire import announced, instances

LATE = 30.0
"""Seconds without a word after which a service is asked how it is. Those of the contract ping every 20 s."""
FORGOTTEN = 86_400.0
"""Seconds after which an address that does not answer is dropped, when the service has another one."""


@dataclass(frozen=True)
class Manners:
    """What an instance speaks, as its own OpenAPI says."""

    generation: int
    polls: bool
    """Whether it tells the states of its tasks."""


@dataclass(frozen=True)
class Instance:
    """One address of a service. `seen` is when it last gave a sign, `checked` when it was last asked for one."""

    slug: str
    url: str
    state: ServiceState
    generation: int
    polls: bool
    seen: float
    checked: float


@dataclass(frozen=True)
class Entry:
    """An announced service."""

    slug: str
    id: str
    owner: str
    announcement: Announcement
    created: float
    updated: float
    instances: tuple[Instance, ...]

    @cached_property
    def spec(self) -> ServiceSpec:
        """The service as the engine knows it."""
        return _specification(self.announcement.model_dump_json())

    @property
    def state(self) -> ServiceState:
        """The best state of its instances."""
        found = {instance.state for instance in self.instances}
        order = (ServiceState.available, ServiceState.sleeping, ServiceState.disabled)
        return next((state for state in order if state in found), ServiceState.unavailable)


class Directory:
    """Announced services in a database, which all processes of a server share."""

    def __init__(self, engine: sql.Engine, reserved: Iterable[str] = ()) -> None:
        self._engine = engine
        self._reserved = frozenset(reserved)

    def slugs(self) -> list[str]:
        """All of them, sorted."""
        with self._engine.connect() as connection:
            return list(connection.execute(sql.select(announced.c.slug).order_by(announced.c.slug)).scalars())

    def find(self, slug: str) -> ServiceSpec | None:
        """The specification of one, whether it can be reached now or not."""
        with self._engine.connect() as connection:
            body = connection.execute(sql.select(announced.c.body).where(announced.c.slug == slug)).scalar()
        return None if body is None else _specification(body)

    def since(self, slug: str) -> float | None:
        """When one announced itself last, in seconds since the epoch."""
        with self._engine.connect() as connection:
            return connection.execute(sql.select(announced.c.updated).where(announced.c.slug == slug)).scalar()

    def entry(self, name: str) -> Entry | None:
        """One by its id or by its slug, as it announced it or as it is called here."""
        wanted = sql.or_(announced.c.id == name, announced.c.slug == translate.slug(name))
        return next(iter(self._entries(wanted)), None)

    def id_of(self, slug: str) -> str | None:
        """The id of one, by its slug here."""
        with self._engine.connect() as connection:
            return connection.execute(sql.select(announced.c.id).where(announced.c.slug == slug)).scalar()

    def entries(self) -> list[Entry]:
        """All of them, by slug."""
        return self._entries(sql.true())

    def stamp(self) -> str:
        """Changes whenever what `entries` gives does, except for when each instance was last heard of."""
        said = sql.select(announced.c.slug, announced.c.updated).order_by(announced.c.slug)
        known = (instances.c.slug, instances.c.url, instances.c.state)
        with self._engine.connect() as connection:
            rows = [*connection.execute(said), *connection.execute(sql.select(*known).order_by(*known))]
        return digest([list(row) for row in rows])

    def announce(self, announcement: Announcement, manners: Manners, owner: str = LOCAL) -> Entry:
        """Take in, or bring up to date, a service that can be reached.

        Its other addresses stay, unless what it takes and gives has changed: they are of its former self then.
        Raises `Problems`: `conflict` for a slug of another owner or of a service that is installed here.
        """
        slug, now = self._admitted(announcement), time.time()
        with self._engine.begin() as connection:
            known = connection.execute(sql.select(announced).where(announced.c.slug == slug)).mappings().first()
            if known and known["owner"] != owner:
                raise _conflict(f"The slug `{slug}` is taken by a service of somebody else. Choose another one.")
            if known and _specification(known["body"]).identity != translate.specification(announcement).identity:
                connection.execute(instances.delete().where(instances.c.slug == slug))
            row = {"slug": slug, "id": known["id"] if known else str(uuid.uuid4()), "owner": owner}
            row |= {"created": known["created"] if known else now, "updated": now}
            upsert(connection, announced, {**row, "body": announcement.model_dump_json()})
            upsert(connection, instances, _instance(slug, announcement, manners, now))
        return self._entries(announced.c.slug == slug)[0]

    def revise(self, slug: str, announcement: Announcement) -> None:
        """Change what a service says of itself, but not what it takes and gives, nor where it is."""
        with self._engine.begin() as connection:
            change = {"body": announcement.model_dump_json(), "updated": time.time()}
            connection.execute(announced.update().where(announced.c.slug == slug).values(change))

    def ping(self, slug: str, url: str | None = None) -> bool:
        """A service says that it lives. Gives whether it is known.

        It need not say at which of its addresses it lives: when it has several, they are asked one by one. What was
        disabled stays so: somebody wanted it.
        """
        known = [instance for instance in self.instances(slug) if url in (None, instance.url)]
        if len(known) == 1 and known[0].state is not ServiceState.disabled:
            self.mark(known[0], ServiceState.available)
        elif len(known) > 1:
            self._doubt(slug, ServiceState.sleeping, ServiceState.unavailable, state=ServiceState.unavailable)
        return bool(known)

    def wake(self, slug: str) -> None:
        """What was disabled is no longer, and lives."""
        self._doubt(slug, ServiceState.disabled, state=ServiceState.unavailable)
        self.ping(slug)

    def rest(self, slug: str, state: ServiceState) -> None:
        """A service says that it sleeps or stops, at one of its addresses: with several, they are asked one by one."""
        known = self.instances(slug)
        if len(known) == 1:
            self.mark(known[0], state, seen=False)
        else:
            self._doubt(slug, ServiceState.available, state=ServiceState.available)

    def instances(self, slug: str) -> list[Instance]:
        """The addresses of a service."""
        with self._engine.connect() as connection:
            return _instances(connection, instances.c.slug == slug)

    def mark(self, instance: Instance, state: ServiceState, *, seen: bool = True) -> None:
        """Write down what was learnt about an instance."""
        now = time.time()
        times = {"checked": now, **({"seen": now} if seen else {})}
        with self._engine.begin() as connection:
            connection.execute(_these(instances.update(), instance).values({"state": state.value, **times}))

    def due(self) -> list[Instance]:
        """The instances that gave no sign for some time and were not asked either. Sleeping ones are let sleep."""
        before = time.time() - LATE
        awake = instances.c.state.in_([ServiceState.available.value, ServiceState.unavailable.value])
        with self._engine.connect() as connection:
            late = (instances.c.seen < before) & (instances.c.checked < before)
            return _instances(connection, awake, late | (instances.c.checked == 0))

    def claim(self, instance: Instance) -> bool:
        """Take it upon oneself to ask an instance. False when another process did."""
        with self._engine.begin() as connection:
            change = _these(instances.update(), instance).where(instances.c.checked == instance.checked)
            return connection.execute(change.values(checked=time.time())).rowcount == 1

    def tidy(self) -> None:
        """Drop the addresses that did not answer for long, of services that have another one that does."""
        with self._engine.begin() as connection:
            well = sql.select(instances.c.slug).where(instances.c.state == ServiceState.available.value)
            old = instances.c.seen < time.time() - FORGOTTEN
            unwell = instances.c.state == ServiceState.unavailable.value
            connection.execute(instances.delete().where(unwell, old, instances.c.slug.in_(well)))

    def remove(self, slug: str) -> None:
        """Forget a service. It comes back when it announces itself again."""
        with self._engine.begin() as connection:
            connection.execute(instances.delete().where(instances.c.slug == slug))
            connection.execute(announced.delete().where(announced.c.slug == slug))

    def _admitted(self, announcement: Announcement) -> str:
        slug = translate.slug(announcement.slug)
        if slug in self._reserved:
            raise _conflict(f"`{slug}` is installed on this server. A service that announces itself cannot replace it.")
        try:
            return translate.specification(announcement).slug
        except ValueError as error:
            raise Problems([Problem(code="bad-announcement", message=str(error))]) from error

    def _doubt(self, slug: str, *states: ServiceState, state: ServiceState) -> None:
        """Have the instances in some states asked soon how they are; until then they count as in this state."""
        some = instances.c.state.in_([each.value for each in states])
        change = instances.update().where(instances.c.slug == slug, some)
        with self._engine.begin() as connection:
            connection.execute(change.values(state=state.value, checked=0.0))

    def _entries(self, wanted: sql.ColumnElement[bool]) -> list[Entry]:
        with self._engine.connect() as connection:
            rows = connection.execute(sql.select(announced).where(wanted).order_by(announced.c.slug)).mappings().all()
            places = _instances(connection, instances.c.slug.in_([row["slug"] for row in rows]))
        return [
            Entry(
                slug=row["slug"], id=row["id"], owner=row["owner"], created=row["created"], updated=row["updated"],
                announcement=Announcement.model_validate_json(row["body"]),
                instances=tuple(place for place in places if place.slug == row["slug"]),
            )
            for row in rows
        ]  # fmt: skip


@lru_cache(maxsize=1024)
def _specification(body: str) -> ServiceSpec:
    return translate.specification(Announcement.model_validate_json(body))


def _instance(slug: str, announcement: Announcement, manners: Manners, now: float) -> dict[str, object]:
    row = {"slug": slug, "url": announcement.url, "state": announcement.status.value, "seen": now, "checked": now}
    return {**row, "generation": manners.generation, "polls": manners.polls}


def _instances(connection: sql.Connection, *wanted: sql.ColumnElement[bool]) -> list[Instance]:
    rows = connection.execute(sql.select(instances).where(*wanted).order_by(instances.c.url)).mappings()
    return [Instance(**{**row, "state": ServiceState(row["state"])}) for row in rows]


def _these(change: sql.Update, instance: Instance) -> sql.Update:
    return change.where(instances.c.slug == instance.slug, instances.c.url == instance.url)


def _conflict(message: str) -> Problems:
    return Problems([Problem(code="conflict", message=message)])
