"""What a request asks to be run: the pipeline, and how."""

from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from halles.api.multipart import Part
from halles.engine import inlined, parse
from halles.main import Market
from halles.model import Pipeline, Plan, Principal, Problem, Problems, Role, say

CONTROL = "run"
"""The part of a form that says what is to be run; the other parts are inputs."""
Priority = Annotated[int, Field(ge=-10, le=10, description="higher is sooner; above 0 is for operators")]


class Asked(BaseModel):
    """What is to be run, and how."""

    model_config = ConfigDict(extra="forbid")

    pipeline: str | dict[str, Any] = Field(description="id of a pipeline, or a whole pipeline, which authors may give")
    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="a version of it; else the published one")
    inputs: dict[str, JsonValue] = Field(
        default={}, description='values by input; `{"artifact": "<sha256>"}` is one that is there already'
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    overrides: dict[str, dict[str, JsonValue]] = Field(default={}, description="parameters by step")
    priority: Priority = 0


def body_of(model: type[BaseModel], files: str) -> dict[str, Any]:
    """What OpenAPI says of a body that is JSON, or a form with the JSON in the part `run` and files beside it."""
    schema = inlined(model.model_json_schema())
    form = {
        "type": "object",
        "properties": {CONTROL: schema},
        "required": [CONTROL],
        "additionalProperties": {"type": "string", "format": "binary", "description": files},
    }
    encoding = {CONTROL: {"contentType": "application/json"}}
    content = {"application/json": {"schema": schema}, "multipart/form-data": {"schema": form, "encoding": encoding}}
    return {"requestBody": {"required": True, "content": content}}


def asked(model: type[Asked], pairs: list[tuple[str, Any]]) -> tuple[Any, list[tuple[str, Any]]]:
    """What is asked for and the inputs that came as parts beside it. Raises `Problems`."""
    plain = {name: value for name, value in pairs if not isinstance(value, Part)}
    parts = [(name, part) for name, part in pairs if isinstance(part, Part)]
    control = [part.content for name, part in parts if name == CONTROL]
    try:
        if not parts:
            return model.model_validate(plain), []
        if len(control) != 1 or not isinstance(control[0], str):
            message = say(
                "The form needs one field `{control}` with JSON that says what is to be run.", control=CONTROL
            )
            raise Problems([Problem(code="bad-form", port=CONTROL, message=message)])
        return model.model_validate_json(control[0]), [(n, part) for n, part in parts if n != CONTROL]
    except ValidationError as error:
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error


def pipeline_of(market: Market, who: Principal, asked: Asked) -> Pipeline:
    """The pipeline that is meant. Raises `Problems`: unknown, or not theirs to use."""
    if isinstance(asked.pipeline, dict):
        if not who.role.covers(Role.author) or who.pipelines is not None:
            message = "A pipeline of your own needs the role `author`, and a key that is for all pipelines."
            raise Problems([Problem(code="not-allowed", message=message)])
        return parse(asked.pipeline)
    if asked.version is not None:
        return market.library.version(asked.pipeline, asked.version, who).pipeline
    return market.library.called(asked.pipeline, who).pipeline


def admit(market: Market, who: Principal, pipeline: Pipeline, asked: Asked, runs: int = 1) -> None:
    """Whether they may run so much of it. Raises `Problems`."""
    rank(who, asked.priority)
    market.quotas.check(who, pipeline=pipeline.id, runs=runs)


def rank(who: Principal, priority: int) -> None:
    """Whether they may give a run this priority. Raises `Problems`."""
    if priority > 0 and who.role is not Role.operator:
        message = "A priority above 0 goes before others; only operators may give it."
        raise Problems([Problem(code="not-allowed", message=message)])


def plan_of(market: Market, pipeline: Pipeline, asked: Asked) -> tuple[Plan | None, list[Problem]]:
    """The plan, or what is in its way: to be told together with what is wrong with the inputs."""
    try:
        return market.plan(pipeline, seed=asked.seed, overrides=asked.overrides), []
    except Problems as found:
        return None, list(found.problems)
