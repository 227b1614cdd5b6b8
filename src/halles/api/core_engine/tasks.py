"""Tasks: services call back, and exchange values with this server while they work."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from halles.api.access import MarketDep
from halles.api.core_engine import shapes
from halles.api.core_engine.shapes import StoredKey, TaskRecord, not_found
from halles.api.core_engine.storage import received, sent_out
from halles.api.problems import refusals
from halles.csia.messages import Callback, TaskState
from halles.main import Market
from halles.stores.tasks import Sent

router = APIRouter()

OUTPUTS = 4
"""Times what one output may have that all outputs of a task may have."""
SAID = 2000
"""Characters of an error's message that are kept."""


@router.patch("/tasks/{task_id}", summary="Tell how a task ended", responses=refusals(404))
def callback(task_id: UUID, said: Callback, market: MarketDep) -> TaskRecord:
    """The callback of a service. That it knows the task's id, which nobody can guess, proves that it was given it.

    The first end of a task counts: the same callback again is accepted, and changes nothing.
    """
    abroad = market.abroad
    state = said.status if said.status is TaskState.finished or not said.status.done else TaskState.error
    data_out = said.data_out if state is TaskState.finished else ()
    if abroad.tasks.change(str(task_id), state, data_out, (said.error_message or "")[:SAID]) and state.done:
        abroad.caller.arrived(str(task_id))
    sent = _open(market, task_id)
    return shapes.task(sent, abroad.directory.id_of(sent.service))


@router.get("/tasks/{task_id}/storage/{key}", summary="Fetch an input of a task", responses=refusals(404))
def fetch(task_id: UUID, key: str, market: MarketDep) -> Response:
    """An input, for the service that has the task, while it has it."""
    sent = _open(market, task_id)
    if sent.state.done or key not in sent.data_in:
        raise not_found("File")
    return sent_out(market, key)


@router.post("/tasks/{task_id}/storage", summary="Keep an output of a task", responses=refusals(404, 413))
async def store(task_id: UUID, request: Request, market: MarketDep) -> StoredKey:
    """An output, from the service that has the task, while it has it: a form with a `file`, whose name has a type."""
    sent = await run_in_threadpool(_open, market, task_id)
    if sent.state.done:
        raise not_found("Task")

    def charge(size: int) -> bool:
        return market.abroad.tasks.charge(sent.id, size, market.max_output_bytes() * OUTPUTS)

    return await received(request, market, charge)


def _open(market: Market, task_id: UUID) -> Sent:
    sent = market.abroad.tasks.get(str(task_id))
    if sent is None:
        raise not_found("Task")
    return sent
