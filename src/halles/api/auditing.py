"""The audit log: read, searched, taken elsewhere."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from halles.api.access import MarketDep, Operator
from halles.main import Market
from halles.model import Model
from halles.stores.audit import Entry

router = APIRouter(prefix="/audit", tags=["identity"])

PAGE = 1000
COLUMNS = ("id", "time", "who", "name", "key", "action", "object", "outcome", "address")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is computed by some programs that open tables."""


class Wanted(Model):
    """Which lines. What is not given matches all."""

    who: str | None = Field(default=None, max_length=32, description="id of an account, or `anonymous`")
    object: str | None = Field(default=None, max_length=500, description="the path that was asked for")
    q: str = Field(default="", max_length=200, description="words that are all in action, object or address")
    refused: bool | None = Field(default=None, description="only what was refused or failed, or only what was not")
    since: float | None = Field(default=None, ge=0, description="seconds since the epoch")
    until: float | None = Field(default=None, ge=0, description="seconds since the epoch; not included")


class Page(Wanted):
    """Which page of them."""

    before: int | None = Field(default=None, ge=1, le=2**31 - 1, description="`next` of the page before")
    limit: int = Field(default=100, ge=1, le=PAGE)


class Log(Model):
    """A page of the audit log."""

    entries: list[Entry]
    next: int | None = Field(description="give this as `before` for the next page; null: this is the last one")


@router.get("", summary="Who did what")
def audit(_: Operator, market: MarketDep, asked: Annotated[Page, Query()]) -> Log:
    """The newest first."""
    page = _page(market, asked, asked.before, asked.limit)
    return Log(entries=page, next=page[-1].id if len(page) == asked.limit else None)


@router.get(
    "/export", summary="The audit log as a table", response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)  # fmt: skip
def export(_: Operator, market: MarketDep, asked: Annotated[Wanted, Query()]) -> StreamingResponse:
    """All lines that match, as CSV, the newest first."""
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_table(market, asked), media_type="text/csv; charset=utf-8", headers=headers)


def _page(market: Market, asked: Wanted, before: int | None, limit: int) -> list[Entry]:
    return market.audit.query(
        before=before, who=asked.who, object=asked.object, words=asked.q, refused=asked.refused, since=asked.since,
        until=asked.until, limit=limit,
    )  # fmt: skip


def _table(market: Market, asked: Wanted) -> Iterator[str]:
    names = {account.id: account.name for account in market.accounts.all(limit=None)}
    yield _row(COLUMNS)
    before = None
    while page := _page(market, asked, before, PAGE):
        for entry in page:
            at = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds")
            name, key = names.get(entry.who, ""), entry.key or ""
            yield _row((entry.id, at, entry.who, name, key, entry.action, entry.object, entry.outcome, entry.address))
        before = page[-1].id


def _row(cells: tuple[object, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if str(cell).startswith(FORMULA) else cell for cell in cells])
    return line.getvalue()
