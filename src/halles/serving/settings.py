"""The environment of a service alone, as the contract names it."""

import json
import logging
import os
from dataclasses import dataclass, field
from ipaddress import ip_network

from halles.model import Problem, Problems
from halles.net import Guard
from halles.net.addresses import SETTING, Network
from halles.sdk import settings

NEIGHBOURS: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7",
    )
)  # fmt: skip
"""Where engines and their stores stand unless an operator says so: beside the service. Metadata services do not."""


@dataclass(frozen=True)
class Settings:
    """How a service stands in the world. Times are seconds."""

    url: str
    engines: tuple[str, ...] = ()
    capacity: int = 50
    announce_retries: int = 5
    announce_delay: float = 3.0
    heartbeat: float = 20.0
    drain: float = 30.0
    environment: str = "development"
    guard: Guard = field(default_factory=lambda: Guard(NEIGHBOURS))

    @classmethod
    def read(cls, default_url: str) -> "Settings":
        """Read the environment. Raises `Problems` that name the variable that is wrong."""
        return cls(
            url=_url("SERVICE_URL", os.environ.get("SERVICE_URL") or default_url),
            engines=_urls("ENGINE_URLS"),
            capacity=_whole("MAX_TASKS", 50),
            announce_retries=_whole("ENGINE_ANNOUNCE_RETRIES", 5),
            announce_delay=settings.number("ENGINE_ANNOUNCE_RETRY_DELAY", 3),
            drain=settings.number("HALLES_DRAIN_SECONDS", 30),
            environment=environment(),
            guard=_guard(),
        )


def environment() -> str:
    """`ENVIRONMENT`: in production, logs are for machines."""
    return (os.environ.get("ENVIRONMENT") or "development").lower()


def log_level() -> str:
    """`LOG_LEVEL`, by name in any case. Raises `Problems`."""
    name = (os.environ.get("LOG_LEVEL") or "info").upper()
    if name not in logging.getLevelNamesMapping():
        raise _bad("LOG_LEVEL", name, "one of debug, info, warning, error, critical")
    return name


def _whole(name: str, default: int) -> int:
    """A count of at least one; `inf` is more than anybody needs."""
    return max(1, int(min(settings.number(name, default), 1_000_000)))


def _guard() -> Guard:
    """Which addresses a message may name: those that the operator allows, else public ones and neighbours."""
    if not os.environ.get(SETTING, "").strip():
        return Guard(NEIGHBOURS)
    try:
        return Guard.read(os.environ, loopback=False)
    except ValueError as error:
        raise Problems([Problem(code="bad-setting", message=str(error))]) from error


def _urls(name: str) -> tuple[str, ...]:
    """A JSON list of addresses. Shells eat quotes, so a plain list is one too, and a single address."""
    text = (os.environ.get(name) or "").strip()
    try:
        found = json.loads(text)
    except ValueError:
        found = [part.strip() for part in text.strip("[]").split(",") if part.strip()]
    addresses = [found] if isinstance(found, str) else found
    if not isinstance(addresses, list) or not all(isinstance(each, str) for each in addresses):
        raise _bad(name, text, 'a JSON list of addresses, such as ["http://engine:8000"]')
    return tuple(dict.fromkeys(_url(name, each) for each in addresses))


def _url(name: str, text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise _bad(name, text, "an address, such as http://host:8000")
    return text.rstrip("/")


def _bad(name: str, text: str, right: str) -> Problems:
    message = f"The environment variable {name} is `{text}`; it must be {right}."
    return Problems([Problem(code="bad-setting", message=message)])
