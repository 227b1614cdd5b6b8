"""Executions: clients send files to a service or a pipeline by its slug, and look at what becomes of them."""

import mimetypes
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from halles.api import uploads
from halles.api.access import MarketDep, Runner, Viewer
from halles.api.core_engine import services, views
from halles.api.core_engine.shapes import (
    ExecutionRecord,
    ServiceStats,
    Stats,
    StatusCount,
    TaskRecord,
    TaskWithService,
    not_found,
)
from halles.api.multipart import Part
from halles.api.problems import refusals
from halles.csia import translate
from halles.csia.messages import DataField, TaskState
from halles.engine import CALL, single
from halles.main import Market
from halles.model import Pipeline, Principal, Problem, Problems, Role, ServiceSpec, Status
from halles.model.service import SLUG
from halles.runners import intake
from halles.runners.content import max_bytes
from halles.sdk import InputRefused
from halles.sdk.values import File
from halles.serving.convert import unzipped
from halles.stores.executions import PIPELINE, STEP, TASK, Execution
from halles.stores.spool import Spool

router = APIRouter()

Limit = Annotated[int, Query(ge=0, le=500)]
Skip = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("/pipeline-executions", summary="List executions")
def executions(market: MarketDep, who: Viewer, skip: Skip = 0, limit: Limit = 100) -> list[ExecutionRecord]:
    """The newest first."""
    found = market.executions.recent(PIPELINE, owner=_whose(who), limit=limit, skip=skip)
    shown = (_execution(market, each) for each in found)
    return [each for each in shown if each is not None]


@router.get("/pipeline-executions/{execution_id}", summary="Get an execution", responses=refusals(404))
def execution(execution_id: UUID, market: MarketDep, who: Viewer) -> ExecutionRecord:
    """An execution, with its tasks."""
    known = _mine(market, execution_id, who, "Pipeline Execution")
    shown = _execution(market, known) if known.kind == PIPELINE else None
    if shown is None:
        raise not_found("Pipeline Execution")
    return shown


@router.delete(
    "/pipeline-executions/{execution_id}", summary="Stop an execution", status_code=204, responses=refusals(404)
)
def stop(execution_id: UUID, market: MarketDep, who: Runner) -> Response:
    """Stop an execution. What it gave so far is kept."""
    market.ledger.request_cancel(_mine(market, execution_id, who, "Pipeline Execution").run)
    return Response(status_code=204)


@router.get("/tasks", summary="List tasks")
def tasks(market: MarketDep, who: Viewer, skip: Skip = 0, limit: Limit = 100) -> list[TaskRecord]:
    """The newest first: tasks of services, and those of pipelines."""
    found = market.executions.recent(TASK, STEP, owner=_whose(who), limit=limit, skip=skip)
    runs = {each.run: None for each in found}
    loaded = {name: market.ledger.load(name) for name in runs}
    return [TaskRecord(**views.task(market, each, loaded[each.run]).model_dump(exclude={"service"})) for each in found]


@router.get("/tasks/{task_id}", summary="Get a task", responses=refusals(404))
def task(task_id: UUID, market: MarketDep, who: Viewer) -> TaskWithService:
    """A task; when it is finished, `data_out` has a key a field for `GET /storage/{key}`."""
    known = _mine(market, task_id, who, "Task")
    return views.task(market, known, market.ledger.load(known.run))


@router.get("/tasks/{task_id}/status", summary="Get the state of a task", responses=refusals(404))
def state(task_id: UUID, market: MarketDep, who: Viewer) -> TaskState:
    """The state alone."""
    return task(task_id, market, who).status


@router.delete("/tasks/{task_id}", summary="Stop a task", status_code=204, responses=refusals(404))
def delete(task_id: UUID, market: MarketDep, who: Runner) -> Response:
    """Stop a task."""
    market.ledger.request_cancel(_mine(market, task_id, who, "Task").run)
    return Response(status_code=204)


@router.get("/stats", summary="Count tasks")
def stats(market: MarketDep, who: Viewer) -> Stats:
    """How many tasks are in which state, by service."""
    by_service: dict[str, dict[TaskState, int]] = {}
    for name, status, count in market.executions.counts(_whose(who)):
        states = by_service.setdefault(name, dict.fromkeys(TaskState, 0))
        states[TaskState.pending if status == Status.pending else views.STATES[Status(status)]] += count
    listed = [_service_stats(market, name, states) for name, states in sorted(by_service.items())]
    whole = {state: sum(states[state] for states in by_service.values()) for state in TaskState}
    return Stats(total=sum(whole.values()), summary=_counts(whole), services=listed)


@router.post(
    "/{slug}", summary="Run a service or a pipeline", responses=refusals(400, 404, 413),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {
        "type": "object", "additionalProperties": {"type": "string", "format": "binary"},
    }}}}},
)  # fmt: skip
async def execute(
    slug: Annotated[str, Path(pattern=SLUG, max_length=200)], request: Request, market: MarketDep, who: Runner
) -> TaskWithService | ExecutionRecord:
    """One file a field. A service answers with a task, a pipeline with an execution of it; both go on by themselves."""
    with ExitStack() as stack:
        parts = await uploads.read_form(request, market, stack)
        return await run_in_threadpool(_begin, market, who, slug, parts)


def _begin(market: Market, who: Principal, slug: str, parts: list[Part]) -> TaskWithService | ExecutionRecord:
    spec = market.catalogue.find(slug)
    pipeline = market.library.called(slug, who).pipeline if spec is None else single(spec)
    market.quotas.check(who, pipeline=pipeline.id, runs=1)
    fields = _fields(market, spec, pipeline)
    files = {part.name: part for part in parts}
    pipeline = _typed(pipeline, spec, fields, files)
    plan = market.plan(pipeline)
    given, unpacked = _offers(fields, pipeline, parts)
    values = intake.take(given, pipeline.inputs, market.objects)
    del unpacked  # Its files are there for as long as it is.
    run = uuid.uuid4()
    if spec is not None:
        made = [(str(run), CALL, spec.slug)]
    else:
        steps = [(views.identified("task", run.hex, each.id), each.id, each.service) for each in plan.tasks]
        made = [(str(run), "", slug), *steps]
    market.executions.add(TASK if spec else PIPELINE, run.hex, slug, who.id, made)
    market.accept(plan, values, owner=who.id, run=run.hex)
    known = market.executions.get(str(run))
    assert known is not None  # noqa: S101 - it was written just now.
    if spec is not None:
        return views.task(market, known, market.ledger.load(run.hex))
    shown = _execution(market, known)
    assert shown is not None  # noqa: S101
    return shown


def _fields(market: Market, spec: ServiceSpec | None, pipeline: Pipeline) -> dict[str, tuple[DataField, str]]:
    """The field and the input by the name that clients know: services of others may have names of their own."""
    if spec is None:
        return {field.name: (field, field.name) for field in views.document_of(market, pipeline).data_in_fields}
    entry = market.abroad.directory.entry(spec.slug) if market.services.find(spec.slug) is None else None
    if entry is None:
        return {wire.field.name: (wire.field, wire.port.name) for wire in translate.inputs(spec)}
    announced = entry.announcement.data_in_fields
    names = translate.port_names(announced)
    return {field.name: (field, port) for field, port in zip(announced, names, strict=True)}


def _typed(
    pipeline: Pipeline, spec: ServiceSpec | None, fields: Mapping[str, tuple[DataField, str]], files: Mapping[str, Part]
) -> Pipeline:
    """The pipeline for files of these types. Raises `Problems` for a type that a field does not take."""
    chosen = dict(pipeline.inputs)
    for name, (field, port) in fields.items():
        said = _type(files[name]) if name in files else None
        if said and said not in field.type:
            message = f"The content type of the file '{name}' must be of type {list(field.type)}."
            raise Problems([Problem(code="bad-content-type", port=name, message=message)])
        promised = spec.input(port) if spec else None
        wanted = next((each for each in (promised.media if promised else ()) if each.partition(";")[0] == said), None)
        if wanted:
            chosen[port] = chosen[port].model_copy(update={"media": wanted})
    return pipeline.model_copy(update={"inputs": chosen})


def _type(part: Part) -> str | None:
    """What a part says of its type, by a header or by the name of its file."""
    said = (part.media_type or "").partition(";")[0].strip().lower()
    if said and said != "application/octet-stream":
        return said
    return mimetypes.guess_type(part.filename or "")[0]


def _offers(
    fields: Mapping[str, tuple[DataField, str]], pipeline: Pipeline, parts: list[Part]
) -> tuple[list[tuple[str, object]], list[File]]:
    """The values as the intake takes them, and the files that were unpacked for it.

    Of a zip for a list its content is taken, of an empty file for an optional input nothing.
    """
    found: list[tuple[str, object]] = []
    unpacked: list[File] = []
    for part in parts:
        name = fields[part.name][1] if part.name in fields else part.name
        wanted = pipeline.inputs.get(name)
        if not isinstance(part.content, Spool):
            found.append((name, part.content))
        elif wanted and wanted.many and _type(part) == "application/zip":
            files = _unpacked(part, part.content)
            unpacked += files
            found += [(name, intake.Offer(each.path, label=part.name)) for each in files]
        elif not (wanted and wanted.optional and part.content.size == 0):
            found.append((name, intake.Offer(part.content, label=part.filename or part.name)))
    return found, unpacked


def _unpacked(part: Part, spool: Spool) -> list[File]:
    try:
        return unzipped(File(spool.path, "application/zip", label=part.name), max_bytes())
    except InputRefused as refusal:
        raise Problems([Problem(code="input-refused", port=part.name, message=refusal.message)]) from refusal


def _execution(market: Market, known: Execution) -> ExecutionRecord | None:
    run = market.ledger.load(known.run)
    steps = [each for each in market.executions.of(known.run) if each.kind == STEP]
    return views.execution(market, known, run, steps) if run else None


def _mine(market: Market, name: UUID, who: Principal, what: str) -> Execution:
    """What a client began itself: what one may not see is not there."""
    known = market.executions.get(str(name))
    if known is None or not who.may_see(known.owner):
        raise not_found(what)
    return known


def _whose(who: Principal) -> str | None:
    return None if who.role is Role.operator else who.id


def _service_stats(market: Market, name: str, states: Mapping[TaskState, int]) -> ServiceStats:
    found = services.find(market, name)
    return ServiceStats(
        service_id=found.id if found else views.identified(name), service_name=found.name if found else name,
        total=sum(states.values()), status=_counts(states),
    )  # fmt: skip


def _counts(states: Mapping[TaskState, int]) -> list[StatusCount]:
    return [StatusCount(status=state, count=count) for state, count in states.items()]
