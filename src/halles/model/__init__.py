"""The nouns that everyone shares: frozen, typed, without I/O."""

from halles.model.artifact import Artifact, Value, artifacts, picture
from halles.model.base import Model, digest
from halles.model.drift import Baseline, DriftReport, Spread, TraitDrift, Verdict
from halles.model.identity import LOCAL, Account, Key, Principal, Quota, Role
from halles.model.library import PipelineEntry, PipelineSummary, PipelineVersion
from halles.model.media import Media, accepts, extension, media_type
from halles.model.order import Order
from halles.model.pipeline import INPUTS, Pipeline, PipelineInput, Step, split
from halles.model.plan import Plan, Task
from halles.model.problem import CallFailed, Problem, Problems, suggest
from halles.model.registry import (
    Alias,
    AliasChange,
    Figures,
    Finding,
    GateReport,
    ModelVersion,
    Origin,
    Standing,
)
from halles.model.result import Result, result_key
from halles.model.run import (
    Event,
    Line,
    Notes,
    Part,
    Run,
    RunAccepted,
    RunFinished,
    RunStarted,
    RunSummary,
    StepChanged,
    event_adapter,
    fold,
)
from halles.model.saying import Said, Saying, Word, fault_at, fault_of, listing, said_of, say
from halles.model.service import Measure, PortSpec, Retry, ServiceSpec, WeightsRef
from halles.model.step import Progress, Status, StepState

__all__ = [
    "INPUTS",
    "LOCAL",
    "Account",
    "Alias",
    "AliasChange",
    "Artifact",
    "Baseline",
    "CallFailed",
    "DriftReport",
    "Event",
    "Figures",
    "Finding",
    "GateReport",
    "Key",
    "Line",
    "Measure",
    "Media",
    "Model",
    "ModelVersion",
    "Notes",
    "Order",
    "Origin",
    "Part",
    "Pipeline",
    "PipelineEntry",
    "PipelineInput",
    "PipelineSummary",
    "PipelineVersion",
    "Plan",
    "PortSpec",
    "Principal",
    "Problem",
    "Problems",
    "Progress",
    "Quota",
    "Result",
    "Retry",
    "Role",
    "Run",
    "RunAccepted",
    "RunFinished",
    "RunStarted",
    "RunSummary",
    "Said",
    "Saying",
    "ServiceSpec",
    "Spread",
    "Standing",
    "Status",
    "Step",
    "StepChanged",
    "StepState",
    "Task",
    "TraitDrift",
    "Value",
    "Verdict",
    "WeightsRef",
    "Word",
    "accepts",
    "artifacts",
    "digest",
    "event_adapter",
    "extension",
    "fault_at",
    "fault_of",
    "fold",
    "listing",
    "media_type",
    "picture",
    "result_key",
    "said_of",
    "say",
    "split",
    "suggest",
]
