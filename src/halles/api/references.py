"""Inputs that stand for content elsewhere: fetched by the server, or written into the request."""

import base64
import binascii
import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool

from halles.api.multipart import Part
from halles.main import Market
from halles.model import CallFailed, PipelineInput, Problem, Problems, say
from halles.runners import content
from halles.stores.spool import Spool

KINDS = ("url", "base64")
PATIENCE = 300.0
"""Seconds that fetching an input may take."""
CHUNK = 1 << 20


async def fetched(
    pairs: list[tuple[str, Any]], wanted: Mapping[str, PipelineInput], market: Market, stack: ExitStack
) -> list[tuple[str, Any]]:
    """The pairs with `{"url": …}` and `{"base64": …}` replaced by the content. Its files live as long as the stack.

    A JSON input stands for itself, whatever it looks like. Raises `Problems`, all at once.
    """
    found: list[tuple[str, Any]] = []
    problems: list[Problem] = []
    for name, value in pairs:
        plain = name in wanted and not wanted[name].media.startswith("application/json")
        try:
            if plain and wanted[name].many and isinstance(value, list):
                found.append((name, [await _resolved(name, item, market, stack) for item in value]))
            else:
                found.append((name, await _resolved(name, value, market, stack) if plain else value))
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(problems)
    return found


async def _resolved(name: str, value: Any, market: Market, stack: ExitStack) -> Any:
    kind, what = _reference(value.content if isinstance(value, Part) else value)
    if kind == "url":
        return await _download(name, what, market, stack)
    return await run_in_threadpool(_decoded, name, what, market, stack) if kind == "base64" else value


def _reference(value: Any) -> tuple[str, str]:
    """What kind of reference a value is, and to what; two empty texts when it is none."""
    if isinstance(value, str) and value[:1] == "{" and any(f'"{kind}"' in value[:20] for kind in KINDS):
        try:
            value = json.loads(value)
        except ValueError:
            return "", ""
    if isinstance(value, dict) and len(value) == 1:
        ((kind, what),) = value.items()
        if kind in KINDS and isinstance(what, str):
            return kind, what
    return "", ""


async def _download(name: str, url: str, market: Market, stack: ExitStack) -> Part:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=market.home)))
    limit = int(content.max_bytes())
    work = market.abroad.outgoing.download(url, folder / "content", seconds=PATIENCE, limit=limit)
    try:
        await market.abroad.background.call(work)
    except CallFailed as failure:
        raise Problems([failure.problem.model_copy(update={"port": name})]) from failure
    spool = await run_in_threadpool(_copied, folder / "content", market, stack)
    return Part(name, spool, filename=PurePosixPath(urlsplit(url).path).name or name)


def _copied(file: Path, market: Market, stack: ExitStack) -> Spool:
    spool = stack.enter_context(Spool(market.objects.folder))
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            spool.write(chunk)
    spool.close()
    return spool


def _decoded(name: str, text: str, market: Market, stack: ExitStack) -> Part:
    try:
        plain = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        message = say("Input `{name}` is not base64: {error}.", name=name, error=error)
        raise Problems([Problem(code="not-base64", port=name, message=message)]) from error
    spool = stack.enter_context(Spool(market.objects.folder))
    spool.write(plain)
    spool.close()
    return Part(name, spool, filename=name)
