"""The settings of the server, read once from the environment when it starts."""

import os
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from halles.api.protection import Protection
from halles.model import Problem, Problems

Seconds = Annotated[float, Field(gt=0)]


class Settings(Protection):
    """What an operator decides. Each field is the environment variable that is its alias."""

    port: int = Field(default=8000, ge=0, le=65535, alias="HALLES_PORT", description="port to listen on; 0: any")
    workers: int = Field(
        default=4, ge=0, le=256, alias="HALLES_WORKERS", description="runs executed at once; 0: other processes do it"
    )
    log_format: Literal["text", "json"] = Field(default="text", alias="HALLES_LOG_FORMAT", description="form of logs")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", alias="HALLES_LOG_LEVEL", description="the least that is logged"
    )
    trusted_proxies: str = Field(
        default="", alias="HALLES_TRUSTED_PROXIES",
        description="addresses or networks, with commas, whose X-Forwarded-For and -Proto are believed",
    )  # fmt: skip
    metrics: Literal["operators", "everybody"] = Field(
        default="operators", alias="HALLES_METRICS", description="who may read /metrics"
    )
    cost_per_second: float = Field(
        default=0.0,
        ge=0,
        alias="HALLES_COST_PER_SECOND",
        description="what a second of computing costs, for statistics",
    )
    currency: str = Field(default="CHF", alias="HALLES_CURRENCY", description="in which that is")
    header_seconds: Seconds = Field(
        default=30.0, alias="HALLES_HEADER_SECONDS", description="headers take no longer; nor rests a connection"
    )
    body_seconds: Seconds = Field(
        default=30.0,
        alias="HALLES_BODY_SECONDS",
        description="a body rests no longer, beyond 1 s for every KiB that came",
    )
    max_connections: int = Field(
        default=1024, ge=8, le=65536, alias="HALLES_MAX_CONNECTIONS", description="connections at once; others wait"
    )
    drain_delay: float = Field(
        default=0.0, ge=0, alias="HALLES_DRAIN_DELAY",
        description="seconds after the signal to stop in which the server is not ready, yet takes connections",
    )  # fmt: skip
    drain_seconds: Seconds = Field(
        default=30.0,
        alias="HALLES_DRAIN_SECONDS",
        description="what is under way gets so long to end",
    )

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None, **given: object) -> Self:
        """From the environment; what is given by name, and is not None, goes before it.

        Raises `Problems`, one for each variable that is wrong.
        """
        environment = os.environ if environment is None else environment
        names = {name: str(field.alias) for name, field in cls.model_fields.items()}
        values: dict[str, object] = {alias: environment[alias] for alias in names.values() if environment.get(alias)}
        values |= {names[name]: value for name, value in given.items() if value is not None}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            wrong = [_problem(cls.model_fields, values, item["loc"][0], item["msg"]) for item in error.errors()]
            raise Problems(wrong) from None


def _problem(fields: Mapping[str, FieldInfo], values: Mapping[str, object], alias: object, what: str) -> Problem:
    field = next(field for field in fields.values() if field.alias == alias)
    message = f"The setting {alias} ({field.description}) is `{values.get(str(alias))}`. {what}. "
    return Problem(code="bad-setting", message=f"{message}Without it, {field.default!r} is taken.")
