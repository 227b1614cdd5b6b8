"""A service with its parameters fixed, ready to be called with the files of a task."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from halles.csia import translate
from halles.csia.messages import Announcement, TaskMessage
from halles.csia.translate import Wire
from halles.model import CallFailed, Problem, Problems
from halles.sdk import Context, File, InputRefused, Service
from halles.sdk.ports import explain
from halles.serving import values
from halles.weights import WeightsError


class Served:
    """What a process serves. Raises `Problems` when the parameters are not those of the service."""

    def __init__(
        self, service: Service, params: Mapping[str, Any], current: Callable[[], Service] | None = None
    ) -> None:
        """`current` gives the service with the version of its model that the next call is to use."""
        self.service = service
        self._current = current or (lambda: service)
        self.spec = service.spec
        self.inputs = translate.inputs(service.spec)
        self.outputs = translate.outputs(service.spec)
        self.params = dict(params)
        try:
            service.signature.params.model_validate(self.params)
        except ValidationError as error:
            message = f"Parameters of `{service.slug}`: {explain(error)}"
            raise Problems([Problem(code="bad-param", message=message)]) from error

    def announcement(self, url: str) -> Announcement:
        """How it announces itself."""
        return translate.announcement(self.spec, url)

    def expected(self, task: TaskMessage) -> list[tuple[Wire, str]]:
        """Each key with its field. Raises `CallFailed` when there are more, or fewer.

        A step of a pipeline may list fewer inputs than there are fields; optional ones at the end are then absent.
        """
        keys, names = task.data_in, ", ".join(wire.field.name for wire in self.inputs) or "none"
        missing = self.inputs[len(keys) :]
        step = task.pipeline_execution_id or task.pipeline_step_id
        if len(keys) > len(self.inputs) or (missing and not (step and all(wire.port.optional for wire in missing))):
            message = f"The task has {len(keys)} inputs; `{self.service.slug}` takes {len(self.inputs)}: {names}."
            if any(wire.port.optional for wire in missing):
                message += " An empty file stands for one that is absent."
            raise CallFailed(Problem(code="bad-task", message=message), retry=False)
        return list(zip(self.inputs, keys, strict=False))

    def call(self, fetched: Sequence[tuple[Wire, File]], context: Context, limit: float) -> list[tuple[Wire, File]]:
        """Run on fetched files; the output fields in order, each with its file."""
        read = {wire.port.name: values.taken(wire, file, limit) for wire, file in fetched}
        inputs = {name: files for name, files in read.items() if files is not None}
        outputs = self._current().call(inputs, self.params, context)
        found = [(wire, values.given(wire, outputs.get(wire.port.name, []))) for wire in self.outputs]
        for _, file in found:
            file.path  # noqa: B018 - it is written now, in this thread, and not when the event loop asks for it.
        return found

    def explain(self, error: BaseException) -> str:
        """What a callback says of an error: what was wrong and what would be right."""
        match error:
            case CallFailed():
                return str(error.problem)
            case Problems():
                return str(error)
            case InputRefused():
                return error.message if error.port is None or error.port in error.message else f"{error.port}: {error}"
            case WeightsError():
                return f"The model of `{self.service.slug}` cannot be loaded: {error}"
            case _:
                return f"`{self.service.slug}` failed: {type(error).__name__}: {error}{_place(error)}"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
