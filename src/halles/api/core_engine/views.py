"""Runs as clients of the engine see them: a run of one service is a task, one of a pipeline has a task a step."""

from collections.abc import Iterable
from uuid import NAMESPACE_URL, UUID, uuid5

from halles.api.core_engine import services
from halles.api.core_engine.shapes import (
    ExecutionRecord,
    PipelineRecord,
    StepRecord,
    TaskRecord,
    TaskWithService,
    moment,
)
from halles.csia import translate
from halles.csia.exporting import exported
from halles.csia.messages import Announcement, TaskState
from halles.csia.pipelines import PipelineDocument, StepDocument, identifier
from halles.main import Market
from halles.model import (
    INPUTS,
    Artifact,
    Pipeline,
    PortSpec,
    Run,
    ServiceSpec,
    Status,
    Value,
    artifacts,
    extension,
    split,
)
from halles.sdk import File
from halles.serving.values import given
from halles.stores.executions import Execution

STATES = {
    Status.pending: TaskState.scheduled, Status.running: TaskState.processing, Status.finished: TaskState.finished,
    Status.skipped: TaskState.skipped, Status.failed: TaskState.error, Status.cancelled: TaskState.archived,
}  # fmt: skip


def identified(*names: str) -> str:
    """An id that is always the same for the same thing."""
    return str(uuid5(NAMESPACE_URL, "urn:halles:" + ":".join(names)))


def task(market: Market, execution: Execution, run: Run | None) -> TaskWithService:
    """A task as it stands; one whose run is forgotten by now is archived."""
    service = services.find(market, execution.name)
    found = TaskWithService(
        id=execution.id, created_at=moment(execution.created), updated_at=moment(execution.created), data_in=[],
        data_out=None, status=TaskState.archived, service_id=service.id if service else identified(execution.name),
        service=service,
    )  # fmt: skip
    if run is None:
        return found
    state, step = run.steps[execution.step], next(each for each in run.plan.tasks if each.id == execution.step)
    spec = market.catalogue.find(execution.name)
    values = {port: _value(run, reference) for port, reference in step.inputs.items()}
    whole = execution.kind == "task"
    return found.model_copy(update={
        "status": _state(run, state.status, whole=whole),
        "updated_at": moment(run.updated),
        "data_in": [_laid(market, each, execution.id, port) for port, value in values.items() for each in value],
        "data_out": _outputs(market, spec, execution.id, state.outputs) if state.status is Status.finished else None,
        "error_message": state.problem.message if state.problem else None,
        "pipeline_execution_id": None if whole else str(UUID(run.id)),
        "pipeline_step_id": None if whole else identified("step", run.plan.pipeline.id, identifier(execution.step)),
    })  # fmt: skip


def execution(market: Market, of: Execution, run: Run, tasks: list[Execution]) -> ExecutionRecord:
    """The execution of a pipeline as it stands."""
    shown = [TaskRecord(**task(market, each, run).model_dump(exclude={"service"})) for each in tasks]
    working = next((each for each in shown if not each.status.done), None)
    pipeline = pipeline_record(market, run.plan.pipeline)
    return ExecutionRecord(
        id=of.id, created_at=moment(of.created), updated_at=moment(run.updated), pipeline_id=pipeline.id,
        current_pipeline_step_id=working.pipeline_step_id if working else None, pipeline=pipeline, tasks=shown,
    )  # fmt: skip


def results(market: Market, of: Execution, run: Run) -> list[str]:
    """The keys of the outputs of a pipeline, in the order of its fields."""
    fields = document_of(market, run.plan.pipeline).data_out_fields
    wires = [translate.Wire(field=each, port=PortSpec(name=each.name, media=each.type)) for each in fields]
    return [_converted(market, wire, of.id, run.outputs) for wire in wires if wire.port.name in run.outputs]


def pipeline_record(market: Market, pipeline: Pipeline) -> PipelineRecord:
    """A pipeline, in the form that comes closest on that engine."""
    document = document_of(market, pipeline)
    id = identified("pipeline", pipeline.id)
    return PipelineRecord(
        id=id, name=document.name, slug=document.slug, summary=document.summary, description=document.description,
        data_in_fields=list(document.data_in_fields), data_out_fields=list(document.data_out_fields),
        tags=list(document.tags), steps=[_step(market, pipeline, step) for step in document.steps],
    )  # fmt: skip


def document_of(market: Market, pipeline: Pipeline) -> PipelineDocument:
    """A pipeline as it is written for that engine."""
    return exported(
        pipeline, *services_of(market, {step.service.partition("@")[0] for step in pipeline.steps})
    ).document


def services_of(market: Market, slugs: Iterable[str]) -> tuple[dict[str, ServiceSpec], dict[str, Announcement]]:
    """What services take and give, and what those of them said of themselves that announced themselves."""
    specs = {slug: spec for slug in slugs if (spec := market.catalogue.find(slug)) is not None}
    installed = set(market.services.slugs())
    entries = {slug: market.abroad.directory.entry(slug) for slug in specs if slug not in installed}
    return specs, {slug: entry.announcement for slug, entry in entries.items() if entry is not None}


def _step(market: Market, pipeline: Pipeline, step: StepDocument) -> StepRecord:
    slug = step.service_slug or ""
    service = services.find(market, slug)
    return StepRecord(
        id=identified("step", pipeline.id, step.identifier), identifier=step.identifier, needs=list(step.needs),
        condition=step.condition, inputs=list(step.inputs), pipeline_id=identified("pipeline", pipeline.id),
        service_id=service.id if service else identified(slug), service_slug=slug,
    )  # fmt: skip


def _state(run: Run, status: Status, *, whole: bool) -> TaskState:
    if status is Status.pending and run.status.done:
        return TaskState.archived if run.status is Status.cancelled else TaskState.skipped
    return TaskState.pending if status is Status.pending and whole else STATES[status]


def _value(run: Run, reference: str) -> tuple[Artifact, ...]:
    origin, port = split(reference)
    values = run.inputs if origin == INPUTS else run.steps[origin].outputs
    return artifacts(values[port]) if port in values else ()


def _outputs(market: Market, spec: ServiceSpec | None, task: str, outputs: dict[str, Value]) -> list[str]:
    """A key a field, as the service itself would give them: in the types of the contract, lists in a zip too."""
    if spec is None:
        return [_laid(market, each, task, port) for port, value in outputs.items() for each in artifacts(value)]
    return [_converted(market, wire, task, outputs) for wire in translate.outputs(spec)]


def _converted(market: Market, wire: translate.Wire, task: str, outputs: dict[str, Value]) -> str:
    name = identified("key", task, wire.field.name)
    known = market.executions.under(name)
    if known is not None:
        return known[0]
    value = artifacts(outputs[wire.port.name]) if wire.port.name in outputs else ()
    files = [File(market.objects.path(each), each.media_type, sha256=each.sha256) for each in value]
    file = given(wire, files)
    return _lay(market, name, market.objects.put(file.source, file.media_type))


def _laid(market: Market, artifact: Artifact, task: str, port: str) -> str:
    name = identified("key", task, port, artifact.sha256)
    known = market.executions.under(name)
    return known[0] if known is not None else _lay(market, name, artifact)


def _lay(market: Market, name: str, artifact: Artifact) -> str:
    key = f"{name}{extension(artifact.media_type)}"
    market.executions.lay(key, artifact)
    return key
