"""The OpenAPI document of the endpoint of one pipeline, or of one service."""

from typing import Any

from halles.api.endpoint import Endpoint, Slot
from halles.api.problems import MEDIA_TYPE, ProblemDetail

ARTIFACT = {
    "type": "object",
    "properties": {"artifact": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
    "required": ["artifact"],
    "additionalProperties": False,
    "description": "what is on the server already: an upload (`POST /artifacts`), or an output of a run",
}
ELSEWHERE = {
    "type": "object",
    "properties": {"url": {"type": "string", "format": "uri"}},
    "required": ["url"],
    "additionalProperties": False,
    "description": "fetched by the server",
}
INLINE = {
    "type": "object",
    "properties": {"base64": {"type": "string", "contentEncoding": "base64"}},
    "required": ["base64"],
    "additionalProperties": False,
    "description": "the file itself, if it is small",
}
REFUSALS = {
    "401": "Not signed in",
    "403": "Not allowed",
    "404": "There is no such pipeline or service, or it is not published",
    "413": "An input is too large",
    "415": "The body is neither a form nor JSON",
    "422": "An input or a parameter is wrong; `problems` lists all that is",
    "424": "A step failed; `Location` is the run",
    "429": "Too many requests, or the quota is used up",
}


def openapi(endpoint: Endpoint, server: str) -> dict[str, Any]:
    """A complete OpenAPI 3.1 document. `server` is the address at which the server was asked."""
    operation = {
        "operationId": f"{endpoint.path.rpartition('/')[2]}_{endpoint.slug.replace('-', '_')}",
        "summary": endpoint.title,
        "description": endpoint.description,
        "parameters": [each for each in PARAMETERS if endpoint.path.endswith("/run") or each["name"] != "priority"],
        "requestBody": {"required": not all(slot.optional for slot in endpoint.inputs), "content": _bodies(endpoint)},
        "responses": _responses(endpoint),
    }
    schemas = {"Problem": ProblemDetail.model_json_schema(ref_template="#/components/schemas/{model}")}
    schemas |= schemas["Problem"].pop("$defs", {})
    return {
        "openapi": "3.1.0",
        "info": {"title": endpoint.title, "description": endpoint.description, "version": endpoint.version},
        "servers": [{"url": server}],
        "security": [{}, {"key": []}],
        "paths": {endpoint.path: {"post": operation}},
        "components": {
            "schemas": {"ProblemDetail": schemas.pop("Problem"), **schemas},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "an API key"}},
        },
    }


PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "wait",
        "in": "query",
        "description": "seconds to wait for the outputs; what takes longer is answered with 202 and goes on",
        "schema": {"type": "number", "minimum": 0, "maximum": 600, "default": 0},
    },
    {
        "name": "seed",
        "in": "query",
        "description": "the same seed gives the same result",
        "schema": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0},
    },
    {
        "name": "priority",
        "in": "query",
        "description": "higher is sooner; above 0 is for operators",
        "schema": {"type": "integer", "minimum": -10, "maximum": 10, "default": 0},
    },
]


def _bodies(endpoint: Endpoint) -> dict[str, Any]:
    required = [slot.name for slot in endpoint.inputs if not slot.optional]
    params = {param.name: param.schema_ for param in endpoint.params}
    encoding = {slot.name: {"contentType": ", ".join(slot.media)} for slot in endpoint.inputs if slot.value is None}
    return {
        "multipart/form-data": {
            "schema": _object({slot.name: _part(slot) for slot in endpoint.inputs} | params, required),
            **({"encoding": encoding} if encoding else {}),
        },
        "application/json": {"schema": inputs_schema(endpoint)},
    }


def inputs_schema(endpoint: Endpoint) -> dict[str, Any]:
    """The JSON schema of the inputs and parameters as one object: the JSON body, and the arguments of the MCP tool."""
    required = [slot.name for slot in endpoint.inputs if not slot.optional]
    properties = {slot.name: _member(slot) for slot in endpoint.inputs}
    return _object(properties | {param.name: param.schema_ for param in endpoint.params}, required)


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _part(slot: Slot) -> dict[str, Any]:
    """An input as parts of a form; a list is several parts of one name."""
    one = slot.value if slot.value is not None else {"type": "string", "contentMediaType": slot.media[0]}
    return _described(slot, {"type": "array", "items": one} if slot.many else one)


def _member(slot: Slot) -> dict[str, Any]:
    """An input as a member of a JSON object. JSON stands for itself, so it cannot be fetched or wrapped."""
    if slot.value is None:
        one: dict[str, Any] = {"oneOf": [ARTIFACT, ELSEWHERE, INLINE]}
    elif slot.is_json:
        one = {"anyOf": [slot.value, ARTIFACT]} if slot.value else {}
    else:
        one = {"oneOf": [slot.value, ARTIFACT, ELSEWHERE, INLINE]}
    return _described(slot, {"type": "array", "items": one} if slot.many else one)


def _described(slot: Slot, schema: dict[str, Any]) -> dict[str, Any]:
    said = f"{slot.description} ({' or '.join(slot.media)})".strip()
    default = {} if slot.default is None else {"default": slot.default}
    return {**schema, "description": said, **default}


def outputs_schema(endpoint: Endpoint) -> dict[str, Any]:
    """The JSON schema of the answer: what the run gave."""
    outputs = {slot.name: _output(slot) for slot in endpoint.outputs}
    always = [slot.name for slot in endpoint.outputs if not slot.optional]
    run = {"type": "string", "description": "id of the run"}
    done = {"run": run, "status": {"const": "finished"}, "outputs": _object(outputs, always)}
    return _object(done, list(done))


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    later = {"run": {"type": "string", "description": "id of the run"}, "status": {"enum": ["pending", "running"]}}
    location = {"Location": {"description": "the run", "schema": {"type": "string"}}}
    refusal = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetail"}}}
    found: dict[str, Any] = {
        "200": _answer("The outputs", outputs_schema(endpoint), location),
        "202": _answer("Under way", _object(later, list(later)), location),
    }
    return found | {code: {"description": why, "content": refusal} for code, why in REFUSALS.items()}


def _answer(description: str, schema: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "headers": headers, "content": {"application/json": {"schema": schema}}}


def _output(slot: Slot) -> dict[str, Any]:
    value = {"value": slot.value} if slot.value is not None else {}
    properties = {
        "sha256": {"type": "string"},
        "media_type": {"type": "string", "description": " or ".join(slot.media)},
        "size": {"type": "integer", "description": "bytes"},
        "name": {"type": "string", "description": "what it could be called as a file"},
        "url": {"type": "string", "format": "uri-reference", "description": "where the content is"},
        **value,
    }
    one = _object(properties, ["sha256", "media_type", "size", "name", "url"])
    return _described(slot, {"type": "array", "items": one} if slot.many else one)
