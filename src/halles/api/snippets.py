"""Code that calls the endpoint of a pipeline, to be copied: for the shell, Python and TypeScript.

A test runs each of them as it stands. Only inputs that must be given are in them.
"""

import json
import shlex
from typing import Any

from halles.api.endpoint import Endpoint, Slot
from halles.model import Model, media_type

WAIT = 60
"""Seconds that a snippet waits for the outputs."""
KEY = "HALLES_KEY"
SMALL = 20
"""The most items or letters of an example."""


class Snippets(Model):
    """The same call in several languages. A key in `HALLES_KEY` is sent where it is set."""

    curl: str
    python: str
    typescript: str


def snippets(endpoint: Endpoint, server: str) -> Snippets:
    """The snippets for a server at an address."""
    url = f"{server}{endpoint.path}"
    given = [slot for slot in endpoint.inputs if not slot.optional]
    return Snippets(
        curl=_curl(url, given), python=_python(server, url, given), typescript=_typescript(server, url, given)
    )


def sample(slot: Slot) -> str:
    """A text that an input could be given."""
    if not slot.is_json:
        return slot.description or slot.name
    return json.dumps(example(slot.value or {}), ensure_ascii=False)


def example(schema: dict[str, Any]) -> Any:
    """A small value that fits most schemas: what they show, or the least of each type."""
    shown = [schema[key] for key in ("default", "const") if key in schema]
    shown += [schema[key][0] for key in ("examples", "enum") if schema.get(key)]
    if shown:
        return shown[0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return example(schema[key][0])
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        known = schema.get("properties", {})
        return {name: example(known.get(name, {})) for name in schema.get("required", [])}
    if kind == "array":
        return [example(schema.get("items", {}))] * min(int(schema.get("minItems", 0)), SMALL)
    least = schema.get("minimum", 0)
    filled = "x" * min(int(schema.get("minLength", 0)), SMALL)
    return {"string": filled, "integer": least, "number": least, "boolean": False}.get(kind)


def _curl(url: str, given: list[Slot]) -> str:
    lines = ["curl --fail-with-body --silent --show-error", f"{shlex.quote(f'{url}?wait={WAIT}')}"]
    lines.append(f'${{{KEY}:+-H "Authorization: Bearer ${KEY}"}}')
    for slot in given:
        if slot.value is None:
            lines.append(f"-F {shlex.quote(f'{slot.name}=@{slot.sample}')}")
        else:
            lines.append(f"--form-string {shlex.quote(f'{slot.name}={sample(slot)}')}")
    if not given:
        lines.append("-X POST")
    return " \\\n  ".join(lines) + "\n"


def _python(server: str, url: str, given: list[Slot]) -> str:
    fields = "".join(f"    {_python_field(slot)},\n" for slot in given)
    return PYTHON.format(fields=fields, url=json.dumps(url), server=json.dumps(server), wait=WAIT, key=KEY)


def _python_field(slot: Slot) -> str:
    if slot.value is None:
        kind = media_type(slot.sample) or "application/octet-stream"
        return f'("{slot.name}", ("{slot.sample}", open("{slot.sample}", "rb"), "{kind}"))'
    return f'("{slot.name}", (None, {sample(slot)!r}))'


PYTHON = """\
import os

import httpx

headers = {{"Authorization": f"Bearer {{os.environ['{key}']}}"}} if "{key}" in os.environ else {{}}
inputs = [
{fields}]
url = {url}
response = httpx.post(url, params={{"wait": {wait}}}, files=inputs or None, headers=headers, timeout={wait} + 30)
if response.is_error:
    raise SystemExit(response.json()["detail"])
answer = response.json()
print(answer["run"], answer["status"])
for name, output in answer.get("outputs", {{}}).items():
    for item in output if isinstance(output, list) else [output]:
        content = httpx.get({server} + item["url"], headers=headers).raise_for_status().content
        print(name, item["media_type"], len(content), "bytes")
"""


def _typescript(server: str, url: str, given: list[Slot]) -> str:
    fields = "".join(f"{_typescript_field(slot)}\n" for slot in given)
    files = any(slot.value is None for slot in given)
    opens = 'import { openAsBlob } from "node:fs";\n\n' if files else "export {};\n\n"  # Either makes it a module.
    address = json.dumps(f"{url}?wait={WAIT}")
    return opens + TYPESCRIPT.format(fields=fields, url=address, server=json.dumps(server), key=KEY)


def _typescript_field(slot: Slot) -> str:
    name = json.dumps(slot.name)
    if slot.value is None:
        return f'inputs.append({name}, await openAsBlob("{slot.sample}"), "{slot.sample}");'
    return f"inputs.append({name}, {json.dumps(sample(slot), ensure_ascii=False)});"


TYPESCRIPT = """\
const headers = new Headers();
if (process.env.{key}) headers.set("Authorization", `Bearer ${{process.env.{key}}}`);
const inputs = new FormData();
{fields}const url = {url};
const response = await fetch(url, {{ method: "POST", body: inputs, headers }});
const answer = await response.json();
if (!response.ok) throw new Error(answer.detail);
console.log(answer.run, answer.status);
for (const [name, output] of Object.entries(answer.outputs ?? {{}})) {{
  for (const item of [output].flat()) {{
    const content = await (await fetch({server} + item.url, {{ headers }})).arrayBuffer();
    console.log(name, item.media_type, content.byteLength, "bytes");
  }}
}}
"""
