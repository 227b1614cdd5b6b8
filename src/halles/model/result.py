"""The result of one call: what the cache holds, and the provenance of the artifacts in it."""

from pydantic import JsonValue

from halles.model.artifact import Value
from halles.model.base import Model
from halles.model.service import WeightsRef


class Result(Model):
    """Which service, version, weights, parameters and inputs made these outputs. Times are seconds."""

    key: str
    service: str
    version: str
    identity: str
    weights: tuple[WeightsRef, ...] = ()
    params: dict[str, JsonValue]
    inputs: dict[str, Value]
    outputs: dict[str, Value]
    created: float
    seconds: float
