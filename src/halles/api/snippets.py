"""Code that calls the endpoint of a pipeline or a service, to be copied: for the shell, Python and TypeScript.

A test runs each of them as it stands. Only inputs that must be given are in them; of those of which any may lack, one.
"""

import json
import shlex
from typing import Any, NamedTuple

from halles.api.endpoint import Endpoint, Slot
from halles.model import Model, media_type
from halles.stores.shelf import Examples

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


def snippets(endpoint: Endpoint, server: str, examples: Examples) -> Snippets:
    """The snippets for a server at an address. Files that it has as examples are used."""
    given = [_given(slot, examples) for slot in _needed(endpoint)]
    files = [f"{each.file} is an example: {server}/examples/{each.file}" for each in given if each.is_example]
    place = {"server": json.dumps(server), "path": endpoint.path, "wait": WAIT, "key": KEY}
    fields = "".join(f"    {_python_field(each)},\n" for each in given)
    return Snippets(
        curl=_commented("#", files) + _curl(f"{server}{endpoint.path}?wait={WAIT}", given),
        python=_commented("#", files) + PYTHON.format(fields=fields, **place),
        typescript=_commented("//", files) + _typescript(given, place),
    )


class _Given(NamedTuple):
    """What an input is given: a file of that name, or else a text."""

    name: str
    file: str
    text: str
    is_example: bool = False


def _needed(endpoint: Endpoint) -> list[Slot]:
    needed = [slot for slot in endpoint.inputs if not slot.optional]
    if needed or any(slot.default is not None for slot in endpoint.inputs):
        return needed
    readable = (slot for slot in endpoint.inputs if slot.value is not None and not slot.is_json)
    return [first] if (first := next(readable, next(iter(endpoint.inputs), None))) else []


def _given(slot: Slot, examples: Examples) -> _Given:
    fitting = next(iter(examples.fitting(slot.media, slot.name)), "")
    if slot.value is None:
        return _Given(slot.name, fitting or slot.sample, "", is_example=bool(fitting))
    if slot.is_json and ";kind=" in slot.media[0] and fitting:
        return _Given(slot.name, fitting, "", is_example=True)
    same = examples.find(fitting) if fitting == f"{slot.name}.txt" else None
    return _Given(slot.name, "", same.read_text(encoding="utf-8").strip() if same else sample(slot))


def _commented(sign: str, lines: list[str]) -> str:
    return "".join(f"{sign} {line}\n" for line in lines)


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


def _curl(url: str, given: list[_Given]) -> str:
    lines = ["curl --fail-with-body --silent --show-error", shlex.quote(url)]
    lines.append(f'${{{KEY}:+-H "Authorization: Bearer ${KEY}"}}')
    for each in given:
        if each.file:
            lines.append(f"-F {shlex.quote(f'{each.name}=@{each.file}')}")
        else:
            lines.append(f"--form-string {shlex.quote(f'{each.name}={each.text}')}")
    if not given:
        lines.append("-X POST")
    return " \\\n  ".join(lines) + "\n"


def _python_field(each: _Given) -> str:
    if each.file:
        kind = media_type(each.file) or "application/octet-stream"
        return f'("{each.name}", ("{each.file}", open("{each.file}", "rb"), "{kind}"))'
    return f'("{each.name}", (None, {each.text!r}))'


PYTHON = """\
import os
import time

import httpx

headers = {{"Authorization": f"Bearer {{os.environ['{key}']}}"}} if "{key}" in os.environ else {{}}
server = httpx.Client(base_url={server}, headers=headers, timeout={wait} + 30)
inputs = [
{fields}]
response = server.post("{path}", params={{"wait": {wait}}}, files=inputs or None)
if response.is_error:
    raise SystemExit(response.json()["detail"])
answer = response.json()
run = answer["run"]
while answer["status"] in ("pending", "running"):
    time.sleep(2)
    answer = server.get(f"/runs/{{run}}").raise_for_status().json()
print(run, answer["status"])
for name, output in answer["outputs"].items():
    for item in output if isinstance(output, list) else [output]:
        content = server.get(item["url"]).raise_for_status().content
        print(name, item["media_type"], len(content), "bytes")
"""


def _typescript(given: list[_Given], place: dict[str, Any]) -> str:
    files = any(each.file for each in given)
    opens = 'import { openAsBlob } from "node:fs";\n\n' if files else "export {};\n\n"  # Either makes it a module.
    return opens + TYPESCRIPT.format(fields="".join(f"{_typescript_field(each)}\n" for each in given), **place)


def _typescript_field(each: _Given) -> str:
    name = json.dumps(each.name)
    if each.file:
        return f'inputs.append({name}, await openAsBlob("{each.file}"), "{each.file}");'
    return f"inputs.append({name}, {json.dumps(each.text, ensure_ascii=False)});"


TYPESCRIPT = """\
const server = {server};
const headers = new Headers();
if (process.env.{key}) headers.set("Authorization", `Bearer ${{process.env.{key}}}`);
const inputs = new FormData();
{fields}const response = await fetch(`${{server}}{path}?wait={wait}`, {{ method: "POST", body: inputs, headers }});
let answer = await response.json();
if (!response.ok) throw new Error(answer.detail);
const run = answer.run;
while (["pending", "running"].includes(answer.status)) {{
  await new Promise((resolve) => setTimeout(resolve, 2000));
  answer = await (await fetch(`${{server}}/runs/${{run}}`, {{ headers }})).json();
}}
console.log(run, answer.status);
for (const name of Object.keys(answer.outputs)) {{
  for (const item of [answer.outputs[name]].flat()) {{
    const content = await (await fetch(server + item.url, {{ headers }})).arrayBuffer();
    console.log(name, item.media_type, content.byteLength, "bytes");
  }}
}}
"""
