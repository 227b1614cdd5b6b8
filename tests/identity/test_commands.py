"""The first account on a fresh machine, without a server."""

import json

import pytest
from typer.testing import CliRunner, Result

from halles.cli import app
from halles.main import Market
from halles.model import Role


@pytest.fixture
def halles(tmp_path, monkeypatch):
    monkeypatch.setenv("HALLES_HOME", str(tmp_path / "home"))

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, words)

    return run


def test_an_operator_and_a_key_are_made_before_the_server_runs(halles):
    assert halles("accounts", "add", "Root", "--role", "operator").exit_code == 0
    secret = halles("keys", "create", "Root", "--name", "first").stdout.strip()
    principal = Market().keys.prove(secret)
    assert (principal.name, principal.role) == ("Root", Role.operator)
    assert [entry.action for entry in Market().audit.query()] == ["halles keys create", "halles accounts add"]


def test_a_key_may_be_for_less_and_not_for_ever(halles):
    halles("accounts", "add", "Ada", "--role", "author")
    secret = halles(
        "keys", "create", "Ada", "--role", "runner", "--pipeline", "cover-art", "--days", "30"
    ).stdout.strip()
    principal = Market().keys.prove(secret)
    assert (principal.role, principal.pipelines) == (Role.runner, ("cover-art",))
    (key,) = json.loads(halles("keys", "list", "Ada", "--json").stdout)
    assert key["expires"] - key["created"] == pytest.approx(30 * 86400, abs=10)


def test_a_revoked_key_and_a_disabled_account_are_shown_as_such(halles):
    halles("accounts", "add", "Ada")
    secret = halles("keys", "create", "Ada").stdout.strip()
    (key,) = Market().keys.of()
    halles("accounts", "disable", "Ada")
    assert Market().keys.prove(secret) is None
    halles("accounts", "enable", "Ada")
    assert Market().keys.prove(secret)
    halles("keys", "revoke", key.id)
    assert Market().keys.prove(secret) is None
    assert "revoked" in halles("keys", "list").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["accounts", "add", "Ada", "--role", "king"], "There is no role `king`"),
        (["accounts", "add", "Ann"], "There is an account `Ann` already"),
        (["keys", "create", "Anne"], "Did you mean `Ann`?"),
        (["keys", "create", "Ann", "--role", "operator"], "A key cannot do more than its account"),
        (["keys", "revoke", "none"], "There is no key `none`"),
    ],
)
def test_what_is_wrong_is_said(halles, words, said):
    halles("accounts", "add", "Ann")
    result = halles(*words)
    assert result.exit_code == 3
    assert said in result.stderr


def test_this_machine_has_an_account_when_it_needs_a_key(halles):
    secret = halles("keys", "create", "local").stdout.strip()
    assert Market().keys.prove(secret).id == "local"
