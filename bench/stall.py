"""Trivial services, so that what is measured is the server."""

import time

from halles.model import Retry
from halles.sdk import Context, service


@service("echo", version="1.0", licence="Apache-2.0")
def echo(text: str) -> str:
    """Say it again."""
    return f"{text}."


@service("linger", version="1.0", licence="Apache-2.0", retry=Retry(attempts=1))
def linger(text: str, *, seconds: float = 1.0, context: Context) -> str:
    """Take time, tell how far it is, and compute nothing."""
    begin = time.monotonic()
    while (passed := time.monotonic() - begin) < seconds:
        context.progress(passed / seconds, "lingering")
        time.sleep(0.1)
    return text


SERVICES = (echo, linger)
