"""The result of one call: what the cache holds, and the provenance of the artifacts in it."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from halles.model.artifact import Value, artifacts
from halles.model.base import Model, digest
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


def result_key(identity: str, params: Mapping[str, Any], inputs: Mapping[str, Value]) -> str:
    """What a call is known by: the service with its weights, the parameters, and the content that goes in."""
    values = {port: [[a.sha256, a.media_type] for a in artifacts(value)] for port, value in inputs.items()}
    return digest([identity, params, values])
