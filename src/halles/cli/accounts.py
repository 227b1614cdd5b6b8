"""Accounts and API keys, from the machine of the server: so the first one comes to be."""

import json
import time
from datetime import datetime

from halles.main import Market
from halles.model import LOCAL, Account, Problem, Problems, Role, listing, suggest

DAY = 86400.0


def role(name: str) -> Role:
    """A role by its name. Raises `Problems`."""
    if name not in set(Role):
        message = f"There is no role `{name}`. The roles are {listing(Role)}; each may do what those before it may."
        raise Problems([Problem(code="unknown-role", message=message, suggestions=suggest(name, Role))])
    return Role(name)


def show(*, as_json: bool) -> None:
    """All accounts, a line each."""
    found = Market().accounts.all(limit=None)
    if as_json:
        print(json.dumps([account.model_dump(mode="json") for account in found], indent=2, ensure_ascii=False))
        return
    for account in found:
        state = "disabled" if account.disabled else account.issuer or ""
        print(f"{account.id:<32}  {account.role:<8}  {account.name:<30}  {state}".rstrip())


def add(name: str, role: Role) -> None:
    """Make an account. Raises `Problems` when the name is taken: the command line calls accounts by name."""
    market = Market()
    if any(account.name == name for account in market.accounts.all(limit=None)):
        raise Problems([Problem(code="conflict", message=f"There is an account `{name}` already.")])
    account = market.accounts.add(name, role)
    _note(market, "halles accounts add", account.id)
    print(f"{account.id}  {account.name} is {account.role}. `halles keys create {account.id}` makes a key for it.")


def enable(name: str, enabled: bool) -> None:
    """Let an account in again, or no more."""
    market = Market()
    account = market.accounts.change(_account(market, name).id, disabled=not enabled)
    if not enabled:
        market.sessions.end_all(account.id)
    _note(market, f"halles accounts {'enable' if enabled else 'disable'}", account.id)
    print(f"{account.name} {'may come in again' if enabled else 'cannot come in any more'}.")


def keys(name: str | None, *, as_json: bool) -> None:
    """The keys of an account, or all."""
    market = Market()
    found = market.keys.of(_account(market, name).id if name else None)
    if as_json:
        print(json.dumps([key.model_dump(mode="json") for key in found], indent=2, ensure_ascii=False))
        return
    for key in found:
        state = "revoked" if key.revoked else "expired" if (key.expires or time.time()) < time.time() else "works"
        used = f"last used {_day(key.used)}" if key.used else "never used"
        print(f"{key.id}  {key.role:<8}  {state:<8}  {used:<21}  {key.name}")


def create(name: str, label: str, role: Role | None, pipelines: list[str], days: float | None) -> None:
    """Make a key. Its secret alone goes to standard output, so that it can be kept by a pipe."""
    market = Market()
    account = _account(market, name)
    key, secret = market.keys.create(
        account, label or account.name, role or account.role,
        pipelines=tuple(pipelines) or None, expires=time.time() + days * DAY if days else None,
    )  # fmt: skip
    _note(market, "halles keys create", key.id)
    print(secret)


def revoke(key: str) -> None:
    """From now on the key opens nothing."""
    market = Market()
    revoked = market.keys.revoke(key)
    _note(market, "halles keys revoke", key)
    print(f"The key `{revoked.name}` opens nothing any more.")


def _account(market: Market, name: str) -> Account:
    return market.accounts.local() if name == LOCAL else market.accounts.find(name)


def _note(market: Market, action: str, object: str) -> None:
    market.audit.append(LOCAL, action, object, outcome=0, address="command line")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d")
