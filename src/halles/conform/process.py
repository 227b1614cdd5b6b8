"""A service as a process that the kit starts and stops."""

import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress

import httpx

from halles.model import Problem, Problems

STARTED, STOPPED = 120.0, 60.0
"""Seconds until it serves, and until it has ended."""


class Process:
    """A command that serves at a URL."""

    def __init__(self, command: str, url: str, environment: Mapping[str, str]) -> None:
        self._url = url
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process.
        if _answers(url):
            raise _problem(f"Something serves at {url} already. Stop it, or leave --command out.")
        try:
            self._process = subprocess.Popen(
                shlex.split(command), env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=self._said,
                stderr=self._said, start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise _problem(f"`{command}` cannot be started: {error}.") from error

    def wait_until_it_serves(self) -> None:
        """Raises `Problems` with the last words of the process when it does not."""
        end = time.monotonic() + STARTED
        while not _answers(self._url):
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                message = f"The command does not serve at {self._url}/status. Its last words: {self._last_words()}"
                raise _problem(message)
            time.sleep(0.1)

    def stop(self) -> bool:
        """Ask it to end. Gives whether it did, in time."""
        self._process.terminate()
        try:
            self._process.wait(STOPPED)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it, and what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _last_words(self) -> str:
        self._said.seek(0)
        return self._said.read()[-500:].decode(errors="replace").strip() or "none."


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/status", timeout=2).status_code < 500
    except httpx.HTTPError:
        return False


def _problem(message: str) -> Problems:
    return Problems([Problem(code="cannot-start", message=message)])
