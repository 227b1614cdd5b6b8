"""How often somebody may ask. Counted in the memory of one process: it protects the process, it grants nothing."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from halles.api.protection import Protection, limit


@dataclass(frozen=True)
class Standing:
    """What is left of a limit."""

    name: str
    amount: int
    window: int
    left: int
    reset: int
    allowed: bool

    def headers(self) -> list[tuple[bytes, bytes]]:
        """As `RateLimit` and `RateLimit-Policy` say it, with `Retry-After` when nothing is left."""
        told = [
            (b"ratelimit-policy", f'"{self.name}";q={self.amount};w={self.window}'.encode()),
            (b"ratelimit", f'"{self.name}";r={self.left};t={self.reset}'.encode()),
        ]
        return told if self.allowed else [*told, (b"retry-after", str(self.reset).encode())]


class Throttle:
    """The limits of a server."""

    def __init__(self, settings: Protection) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._account = limit(settings.rate_limit)
        self._address = limit(settings.rate_limit_address)
        self._failures = limit(settings.rate_limit_failures)

    def account(self, id: str) -> Standing | None:
        """Count a request of an account."""
        return self._hit("account", self._account, id)

    def address(self, address: str) -> Standing | None:
        """Count a request from an address."""
        return self._hit("address", self._address, address)

    def failure(self, address: str) -> None:
        """Count credentials from an address that were wrong."""
        self._hit("failures", self._failures, address)

    def barred(self, address: str) -> Standing | None:
        """What is left of wrong credentials, without counting."""
        if self._failures is None:
            return None
        allowed = self._limiter.test(self._failures, "failures", address)
        return self._standing("failures", self._failures, address, allowed)

    def _hit(self, name: str, item: RateLimitItem | None, who: str) -> Standing | None:
        return self._standing(name, item, who, self._limiter.hit(item, name, who)) if item else None

    def _standing(self, name: str, item: RateLimitItem, who: str, allowed: bool) -> Standing:
        stats = self._limiter.get_window_stats(item, name, who)
        reset = max(1, math.ceil(stats.reset_time - time.time()))
        return Standing(name, item.amount, item.get_expiry(), stats.remaining, reset, allowed)


def tightest(standings: Sequence[Standing | None]) -> Standing | None:
    """The limit of which the smallest part is left."""
    return min((one for one in standings if one), key=lambda one: (one.allowed, one.left / one.amount), default=None)
