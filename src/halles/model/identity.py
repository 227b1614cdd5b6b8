"""Who asks, and what they may do."""

from enum import StrEnum

from pydantic import Field

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


class Principal(Model):
    """An account, as the request proves it. `role` is what it may do in this request: a key can have less."""

    id: str
    name: str = ""
    role: Role
    key: str | None = Field(default=None, description="id of the API key that was used")

    def may_see(self, owner: str) -> bool:
        """Whether an object of that owner is theirs to see. Operators see everything."""
        return owner == self.id or self.role is Role.operator
