"""Who asks, and what they may do."""

from enum import StrEnum

from pydantic import Field, StrictFloat, StrictInt

from halles.model.base import Model

LOCAL = "local"
"""The account of whoever works on this machine without a login: the command line, and a server on loopback."""


class Role(StrEnum):
    """Each role may do what the ones before it may."""

    viewer = "viewer"
    runner = "runner"
    author = "author"
    operator = "operator"

    def covers(self, other: "Role") -> bool:
        """Whether who has this role may do what the other one may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Quota(Model):
    """What an account may use; None is without limit."""

    runs_a_day: StrictInt | None = Field(default=None, ge=0, description="runs accepted in the last 24 hours")
    runs_queued: StrictInt | None = Field(default=None, ge=0, description="runs that are not finished")
    stored_bytes: StrictInt | None = Field(default=None, ge=0, description="bytes of uploads that are kept")
    compute_seconds_a_day: StrictFloat | None = Field(
        default=None, ge=0, description="seconds of steps in the last 24 hours"
    )


class Account(Model):
    """Somebody, or something, that owns objects."""

    id: str
    name: str
    role: Role
    disabled: bool = False
    created: float = Field(description="seconds since the epoch")
    issuer: str | None = Field(default=None, description="the OpenID provider that vouches for it")
    subject: str | None = Field(default=None, description="what that provider calls it")
    quota: Quota | None = Field(default=None, description="what it may use; None is what the settings say")


class Key(Model):
    """An API key, less its secret, of which only the hash is kept."""

    id: str
    account: str
    name: str
    role: Role = Field(description="what the key may do, at most what its account may")
    pipelines: tuple[str, ...] | None = Field(default=None, description="the pipelines it may use; None is all")
    created: float = Field(description="seconds since the epoch")
    expires: float | None = Field(default=None, description="seconds since the epoch; None is never")
    used: float | None = Field(default=None, description="when it was last used, to the minute")
    revoked: float | None = Field(default=None, description="when it was revoked")


class Principal(Model):
    """An account, as the request proves it. `role` is what it may do in this request: a key can have less."""

    id: str
    name: str = ""
    role: Role
    key: str | None = Field(default=None, description="id of the API key that was used")
    pipelines: tuple[str, ...] | None = Field(default=None, description="the pipelines that the key is for; None: all")

    def may_see(self, owner: str) -> bool:
        """Whether an object of that owner is theirs to see. Operators see everything."""
        return owner == self.id or self.role is Role.operator

    def may_use(self, pipeline: str) -> bool:
        """Whether the key that was used is for that pipeline."""
        return self.pipelines is None or pipeline in self.pipelines
