"""The nouns that everyone shares: frozen, typed, without I/O."""

from halles.model.artifact import Artifact, Value, artifacts
from halles.model.base import Model, digest
from halles.model.identity import LOCAL, Principal, Role
from halles.model.media import Media, accepts, extension, media_type
from halles.model.order import Order
from halles.model.pipeline import INPUTS, Pipeline, PipelineInput, Step, split
from halles.model.plan import Plan, Task
from halles.model.problem import CallFailed, Problem, Problems, listing, suggest
from halles.model.result import Result
from halles.model.run import (
    Event,
    Progress,
    Run,
    RunFinished,
    RunStarted,
    RunSummary,
    Status,
    StepChanged,
    StepState,
    event_adapter,
    fold,
)
from halles.model.service import PortSpec, Retry, ServiceSpec, WeightsRef

__all__ = [
    "INPUTS",
    "LOCAL",
    "Artifact",
    "CallFailed",
    "Event",
    "Media",
    "Model",
    "Order",
    "Pipeline",
    "PipelineInput",
    "Plan",
    "PortSpec",
    "Principal",
    "Problem",
    "Problems",
    "Progress",
    "Result",
    "Retry",
    "Role",
    "Run",
    "RunFinished",
    "RunStarted",
    "RunSummary",
    "ServiceSpec",
    "Status",
    "Step",
    "StepChanged",
    "StepState",
    "Task",
    "Value",
    "WeightsRef",
    "accepts",
    "artifacts",
    "digest",
    "event_adapter",
    "extension",
    "fold",
    "listing",
    "media_type",
    "split",
    "suggest",
]
