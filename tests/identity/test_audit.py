"""The audit log is searched, read by pages, and taken elsewhere as a table."""

import csv
import io

import pytest

from halles.model import Role
from tests.people import server

DEEDS = [
    ("ada", "POST /runs", "/runs", 202),
    ("ada", "DELETE /runs/{run}", "/runs/1", 204),
    ("eve", "DELETE /runs/{run}", "/runs/1", 403),
    ("anonymous", "", "/=cmd()", 401),
]


@pytest.fixture
def client(market):
    for who, action, object, outcome in DEEDS:
        market.audit.append(who, action, object, outcome=outcome, address="10.0.0.7")
    with server(market) as client:
        yield client


def found(client, **asked):
    entries = client.get("/audit", params=asked).json()["entries"]
    return [(entry["who"], entry["outcome"]) for entry in entries]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"q": "delete"}, [("eve", 403), ("ada", 204)]),
        ({"q": "delete runs/1", "refused": False}, [("ada", 204)]),
        ({"q": "10.0.0.7", "who": "ada"}, [("ada", 204), ("ada", 202)]),
        ({"refused": True}, [("anonymous", 401), ("eve", 403)]),
        ({"q": "%"}, []),
        ({"until": 1}, []),
    ],
    ids=str,
)
def test_lines_are_found(client, asked, expected):
    assert found(client, **asked) == expected


def test_days_are_told_apart(client, market):
    first, *_, last = sorted(market.audit.query(), key=lambda entry: entry.at)
    assert len(found(client, since=first.at, until=last.at)) == len(DEEDS) - 1


def test_the_table_has_every_line_that_matches_with_the_name_of_who(client, market, monkeypatch):
    account = market.accounts.add("Ada", Role.runner)
    market.audit.append(account.id, "POST /runs", "/runs", outcome=202)
    monkeypatch.setattr("halles.api.auditing.PAGE", 2)
    answer = client.get("/audit/export", params={"refused": False})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["who"], row["name"], row["outcome"]) for row in rows] == [
        (account.id, "Ada", "202"), ("ada", "", "204"), ("ada", "", "202"),
    ]  # fmt: skip


def test_no_cell_of_the_table_is_a_formula(client, market):
    market.audit.append("ada", "=HYPERLINK(1)", "@SUM(1)", outcome=204)
    first = next(csv.DictReader(io.StringIO(client.get("/audit/export").text)))
    assert (first["action"], first["object"]) == ("'=HYPERLINK(1)", "'@SUM(1)")
