"""A plan: a checked pipeline with every choice made. It is what runners receive and what `halles plan` prints."""

from functools import cached_property

from pydantic import JsonValue

from halles.model.base import Model, digest
from halles.model.pipeline import Pipeline
from halles.model.service import Retry, WeightsRef


class Task(Model):
    """One step, ready to be called: service pinned, parameters complete."""

    id: str
    service: str
    version: str
    identity: str
    params: dict[str, JsonValue]
    inputs: dict[str, str]
    required: tuple[str, ...]
    outputs: tuple[str, ...]
    needs: tuple[str, ...]
    when: str | None = None
    map: str | None = None
    weights: tuple[WeightsRef, ...] = ()
    cacheable: bool = True
    retry: Retry = Retry()
    timeout: float


class Plan(Model):
    """Tasks in an order in which they can run, and the pipeline that they come from."""

    pipeline: Pipeline
    tasks: tuple[Task, ...]
    seed: int = 0

    @cached_property
    def id(self) -> str:
        """The same pipeline, services, parameters and seed have the same id."""
        return digest([[t.model_dump(mode="json") for t in self.tasks], self.pipeline.outputs, self.seed])
