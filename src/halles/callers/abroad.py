"""Services of other servers: where they are, how they are called, and what is out at them."""

import os
from collections.abc import Callable, Iterable, Mapping

import sqlalchemy as sql

from halles.callers.registrar import Registrar
from halles.callers.remote import RemoteCaller
from halles.net import Background, Guard, Outgoing
from halles.net.addresses import is_loopback
from halles.stores.directory import Directory
from halles.stores.exchange import Exchange
from halles.stores.objects import Objects
from halles.stores.tasks import Tasks


class Abroad:
    """The parts that it takes to be an engine for other servers' services, around one event loop for what goes out."""

    def __init__(
        self,
        engine: sql.Engine,
        exchange: Exchange,
        objects: Objects,
        *,
        installed: Iterable[str],
        local: bool | None,
        address: Callable[[], str],
        limit: Callable[[], float],
    ) -> None:
        """`local`: only this machine is served; None takes what the settings say. `address` is of this engine."""
        loopback = settings_are_local(os.environ) if local is None else local
        self.directory = Directory(engine, installed)
        self.tasks = Tasks(engine)
        self.background = Background("halles-outgoing")
        self.outgoing = Outgoing(Guard.read(os.environ, loopback=loopback))
        self.registrar = Registrar(self.directory, self.outgoing)
        self.caller = RemoteCaller(
            directory=self.directory, tasks=self.tasks, exchange=exchange, objects=objects, outgoing=self.outgoing,
            background=self.background, address=address, limit=limit,
        )  # fmt: skip

    async def watch(self) -> None:
        """For ever, look after the services that do not say that they live."""
        await self.background.call(self.registrar.watch())

    def close(self) -> None:
        """End what goes out."""
        self.background.run(self.outgoing.close())
        self.background.close()


def settings_are_local(environment: Mapping[str, str]) -> bool:
    """Whether the settings are those of a server without login, which only this machine reaches."""
    login = environment.get("HALLES_LOGIN") == "required" or environment.get("HALLES_OIDC_ISSUER")
    return is_loopback(environment.get("HALLES_HOST") or "127.0.0.1") and not login
