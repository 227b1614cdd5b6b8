"""Takes request bodies in: streamed to disk, bounded, and never held in memory."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from halles.api.multipart import MAX_FIELDS_BYTES, Form, Part
from halles.api.patience import is_upload
from halles.main import Market
from halles.model import PipelineInput, Principal, Problem, Problems, Value, say
from halles.runners import content, intake
from halles.stores.spool import Spool

TITLED = 20
"""The most values of a run that its title tells of."""
BEGINNING = 80
"""The most characters of a text that a title tells."""
REFERENCE = re.compile(r"[0-9a-f]{64}")


def take_inputs(
    pairs: list[tuple[str, Any]], wanted: Mapping[str, PipelineInput], market: Market, principal: Principal
) -> dict[str, Value]:
    """Values by input from pairs of a name and plain data, parts of a form, or references to what is there already.

    A reference is `{"artifact": "<sha256>"}`, in a form as the text of a field. Raises `Problems`, all at once.
    """
    problems: list[Problem] = []
    given: list[tuple[str, Any]] = []
    for name, value in pairs:
        many = name in wanted and wanted[name].many and isinstance(value, list)
        for item in value if many else [value]:
            try:
                given.append((name, _resolved(name, item, market, principal)))
            except Problems as found:
                problems += found.problems
    if problems:
        raise Problems(problems)
    return intake.take(given, wanted, market.objects)


def title(pairs: list[tuple[str, Any]], market: Market, principal: Principal) -> str:
    """What a run is about, for lists: the names of the files and the beginnings of the texts that it is given."""
    every = [item for _, value in pairs for item in (value if isinstance(value, list) else [value])]
    known = dict.fromkeys(_called(item, market, principal) for item in every[:TITLED])
    return ", ".join(filter(None, known))[:200]


@asynccontextmanager
async def received(request: Request, market: Market) -> AsyncIterator[list[tuple[str, Any]]]:
    """The body as pairs of a name and a `Part` or plain data. Files that nobody kept are deleted at the end."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    with ExitStack() as stack:
        if kind == "multipart/form-data":
            yield [(part.name, part) for part in await read_form(request, market, stack)]
        elif kind == "application/x-www-form-urlencoded":
            yield parse_qsl((await read_body(request)).decode(errors="replace"), keep_blank_values=True)
        else:
            yield list((await read_object(request)).items())


async def read_form(request: Request, market: Market, stack: ExitStack) -> list[Part]:
    """The parts of a multipart body; their files live as long as the stack. Raises `Problems`."""
    form = Form(_boundary(request), lambda limit: Spool(market.objects.folder, limit), stack)
    async for chunk in chunks(request):
        form.write(chunk)
    return form.close()


async def read_object(request: Request) -> dict[str, Any]:
    """A JSON object, empty when there is no body. Raises `Problems`."""
    body = await read_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body:
        return {}
    if kind != "application/json":
        message = say("The body has no type. Send `multipart/form-data` or `application/json`.")
        if kind:
            message = say("The body is `{kind}`. Send `multipart/form-data` or `application/json`.", kind=kind)
        raise Problems([Problem(code="unsupported-media-type", message=message)])
    try:
        value = content.parse_json(body.decode())
    except ValueError as error:
        raise Problems(
            [Problem(code="not-json", message=say("The body is not JSON: {error}.", error=error))]
        ) from error
    if not isinstance(value, dict):
        raise Problems([Problem(code="not-json", message="The body must be a JSON object.")])
    return value


async def read_body(request: Request) -> bytes:
    """A small body, whole. Raises `Problems` when it is not small."""
    body = bytearray()
    async for chunk in chunks(request):
        body += chunk
        if len(body) > MAX_FIELDS_BYTES:
            message = say(
                "The body has more than {most:,} bytes. Send large content as files of a form.",
                most=MAX_FIELDS_BYTES,
            )
            raise Problems([Problem(code="too-large", message=message)])
    return bytes(body)


async def chunks(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes. Raises `Problems` when the client leaves before its end."""
    is_upload(request)
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect as error:
        raise Problems([Problem(code="broken-off", message="The body broke off.")]) from error


def _boundary(request: Request) -> bytes:
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if b"boundary" not in options:
        message = "The `Content-Type` of the form names no boundary."
        raise Problems([Problem(code="bad-form", message=message)])
    return options[b"boundary"]


def _resolved(name: str, value: Any, market: Market, principal: Principal) -> Any:
    """What a value stands for: a received file, an artifact of theirs, or itself."""
    if isinstance(value, Part):
        if isinstance(value.content, Spool):
            return intake.Offer(value.content, label=value.filename or name)
        value = value.content
    reference = _reference(value)
    return value if reference is None else market.held(reference, principal, port=name).artifact


def _called(value: Any, market: Market, principal: Principal) -> str:
    if isinstance(value, intake.Offer):
        return value.label
    if isinstance(value, Part):
        value = value.filename or value.content
    if reference := _reference(value):
        held = market.holdings.find(reference, principal.id)
        return held.name if held else ""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    return words if len(words) <= BEGINNING else words[: BEGINNING - 1] + "…"


def _reference(value: Any) -> str | None:
    """The hash that `{"artifact": …}` names, as data or as the text of a field."""
    if isinstance(value, str) and value.startswith("{") and '"artifact"' in value and len(value) < 200:
        try:
            value = json.loads(value)
        except ValueError:
            return None
    if isinstance(value, dict) and value.keys() == {"artifact"}:
        found = value["artifact"]
        return found if isinstance(found, str) and REFERENCE.fullmatch(found) else None
    return None
