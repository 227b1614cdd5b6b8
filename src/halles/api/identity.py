"""Accounts and API keys."""

import time
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StringConstraints

from halles.api.access import MarketDep, Operator, Viewer
from halles.api.problems import refusals
from halles.main import Market
from halles.model import LOCAL, Account, Key, Principal, Problem, Problems, Quota, Role, say
from halles.stores.keys import lesser
from halles.stores.quotas import Usage

router = APIRouter(tags=["identity"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Id = Annotated[str, Path(max_length=64, description="the id")]
YEARS = 10 * 365
"""Days that a key can be made for."""


class Asked(BaseModel):
    """What a request may say; more is an error, so that nobody sets a field that is not theirs to set."""

    model_config = ConfigDict(extra="forbid")


class Me(BaseModel):
    """Who asks."""

    principal: Principal
    quota: Quota
    usage: Usage


class NewAccount(Asked):
    """An account to be made."""

    name: Name
    role: Role = Role.runner


class AccountChange(Asked):
    """What is to change; what is absent stays."""

    name: Name | None = None
    role: Role | None = None
    disabled: StrictBool | None = None
    quota: Quota | None = Field(default=None, description="null: what the settings say")


class Accounts(BaseModel):
    """A page of accounts."""

    accounts: list[Account]
    next: float | None = Field(description="give this as `after` for the next page; null: this is the last one")


class NewKey(Asked):
    """A key to be made."""

    name: Name
    role: Role | None = Field(default=None, description="at most yours; yours when absent")
    pipelines: list[Slug] | None = Field(default=None, max_length=100, description="only these; null: all")
    days: StrictFloat | None = Field(default=None, gt=0, le=YEARS, description="days until it expires; null: never")


class MadeKey(BaseModel):
    """A new key with its secret, which is shown this once."""

    key: Key
    secret: str


class Keys(BaseModel):
    """The keys of an account."""

    keys: list[Key]


class AccountUsage(BaseModel):
    """What an account may use, and what it used."""

    quota: Quota = Field(description="its own, or what the settings say")
    usage: Usage


@router.get("/me", summary="Who am I")
def me(principal: Viewer, market: MarketDep) -> Me:
    """The account that the request proves, what it may use and what it used."""
    return Me(principal=principal, quota=market.quotas.of(principal.id), usage=market.quotas.usage(principal.id))


@router.get("/accounts", summary="The accounts")
def accounts(
    _: Operator, market: MarketDep,
    after: Annotated[float, Query(ge=0, description="`next` of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Accounts:  # fmt: skip
    """The oldest first."""
    page = market.accounts.all(after=after, limit=limit)
    return Accounts(accounts=page, next=page[-1].created if len(page) == limit else None)


@router.post("/accounts", summary="Make an account", status_code=201)
def add_account(asked: NewAccount, _: Operator, market: MarketDep) -> Account:
    """It signs in with keys, which an operator makes for it."""
    return market.accounts.add(asked.name, asked.role)


@router.get("/accounts/{account}", summary="One account", responses=refusals(404))
def account(account: Id, _: Operator, market: MarketDep) -> Account:
    """Name, role, quota."""
    return market.accounts.load(account)


@router.patch("/accounts/{account}", summary="Change an account", responses=refusals(404, 409))
def change_account(account: Id, asked: AccountChange, principal: Operator, market: MarketDep) -> Account:
    """Who is disabled is signed out everywhere, at once."""
    market.accounts.load(account)
    if account == principal.id and (asked.disabled or asked.role not in (None, Role.operator)):
        message = "This would lock you out. Another operator may do it."
        raise Problems([Problem(code="conflict", message=message)])
    changes = {name: getattr(asked, name) for name in asked.model_fields_set}
    changes = {name: value for name, value in changes.items() if value is not None or name == "quota"}
    changed = market.accounts.change(account, **changes)
    if changed.disabled:
        market.sessions.end_all(account)
    return changed


@router.get("/accounts/{account}/usage", summary="What an account used", responses=refusals(404))
def account_usage(account: Id, _: Operator, market: MarketDep) -> AccountUsage:
    """In the last 24 hours, and beside it what it may use."""
    id = market.accounts.load(account).id
    return AccountUsage(quota=market.quotas.of(id), usage=market.quotas.usage(id))


@router.get("/accounts/{account}/keys", summary="The keys of an account", responses=refusals(404))
def account_keys(account: Id, _: Operator, market: MarketDep) -> Keys:
    """Without their secrets, which are known nowhere."""
    return Keys(keys=market.keys.of(market.accounts.load(account).id))


@router.post("/accounts/{account}/keys", summary="Make a key for an account", status_code=201, responses=refusals(404))
def add_account_key(account: Id, asked: NewKey, principal: Operator, market: MarketDep) -> MadeKey:
    """The secret is in this answer and never shown again."""
    return _made(market, market.accounts.load(account), asked, principal)


@router.get("/keys", summary="My keys")
def keys(principal: Viewer, market: MarketDep) -> Keys:
    """Without their secrets, which are known nowhere."""
    return Keys(keys=market.keys.of(principal.id))


@router.post("/keys", summary="Make a key of mine", status_code=201)
def add_key(asked: NewKey, principal: Viewer, market: MarketDep) -> MadeKey:
    """The secret is in this answer and never shown again."""
    mine = market.accounts.local() if principal.id == LOCAL else market.accounts.load(principal.id)
    return _made(market, mine, asked, principal)


@router.delete("/keys/{key}", summary="Revoke a key", status_code=204, responses=refusals(404))
def revoke_key(key: Id, principal: Viewer, market: MarketDep) -> None:
    """From now on it opens nothing."""
    found = market.keys.load(key)
    if not principal.may_see(found.account):
        raise Problems([Problem(code="unknown-key", message=say("There is no key `{key}`.", key=key))])
    market.keys.revoke(key)


def _made(market: Market, account: Account, asked: NewKey, principal: Principal) -> MadeKey:
    """A key that can do no more, and lives no longer, than the one it was asked for with."""
    role = asked.role or lesser(account.role, principal.role)
    if not principal.role.covers(role):
        message = say(
            "A key cannot do more than you may now: `{role}`, not `{asked}`.", role=principal.role, asked=role
        )
        raise Problems([Problem(code="not-allowed", message=message)])
    pipelines = principal.pipelines if asked.pipelines is None else tuple(asked.pipelines)
    if other := [slug for slug in pipelines or () if not principal.may_use(slug)]:
        message = say(
            "The key that you use is not for the pipeline `{pipeline}`, so the new one cannot be.", pipeline=other[0]
        )
        raise Problems([Problem(code="not-allowed", message=message)])
    ends = [time.time() + asked.days * 86400] if asked.days else []
    if principal.key and (end := market.keys.load(principal.key).expires):
        ends.append(end)
    key, secret = market.keys.create(account, asked.name, role, pipelines=pipelines, expires=min(ends, default=None))
    return MadeKey(key=key, secret=secret)
