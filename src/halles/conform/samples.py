"""Small valid files of the contract's types, for services that nobody gave inputs for."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from halles.sdk import Audio

TEXT = "The market opens at dawn. Boats carry bread and salt across the quiet river, and everybody sings of the sea."
SECONDS, RATE = 5, 24_000
PDF = (
    "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>endobj",
    "4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj",
    "5 0 obj<</Length 37>>stream\nBT /F 12 Tf 10 50 Td (Halles) Tj ET  \nendstream endobj",
)


def sample(media_type: str, hint: Any = None) -> bytes:
    """Content for a field; JSON by the schema in the field's hint, where there is one. Raises `ValueError`."""
    schema = hint.get("schema") if isinstance(hint, Mapping) else None
    if media_type == "application/json" and isinstance(schema, Mapping):
        return json.dumps(instance(schema, schema)).encode()
    return content(media_type)


def content(media_type: str) -> bytes:
    """A small valid file. Raises `ValueError` for a type that the contract does not know."""
    if media_type not in MAKERS:
        raise ValueError(f"`{media_type}` is not a type of the contract.")
    return MAKERS[media_type]()


def instance(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """A plain value that a JSON schema allows: defaults, first choices, least numbers."""
    if "$ref" in schema:
        return instance(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    for key in ("default", "const"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return instance(schema[key][0], root)
    return _plain(schema, root)


def _plain(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    kind = schema.get("type", "object")
    if kind == "object":
        wanted = {name: schema.get("properties", {}).get(name, {}) for name in schema.get("required", ())}
        return {name: instance(each, root) for name, each in wanted.items()}
    if kind == "array":
        return [instance(schema.get("items", {}), root) for _ in range(schema.get("minItems", 0))]
    if kind == "string":
        return "market".ljust(schema.get("minLength", 0), "t")[: schema.get("maxLength", 100)]
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    return False if kind == "boolean" else None


def _picture(kind: str) -> bytes:
    """Colours that run into each other."""
    shades = np.linspace(0, 255, 256, dtype=np.uint8)
    pixels = np.stack(np.broadcast_arrays(shades[:, None], shades[None, :], np.uint8(128)), axis=-1)
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, kind)
    return out.getvalue()


def _audio(codec: str) -> bytes:
    return Audio.encode(_sound(), RATE, codec).read()


def _sound() -> np.ndarray:
    """Three notes that fade, over and over: something to listen to."""
    time = np.arange(SECONDS * RATE) / RATE
    notes = sum(np.sin(2 * np.pi * pitch * time) for pitch in (220.0, 277.2, 329.6))
    return np.asarray(0.2 * notes * np.exp(-3 * (time % 0.5)), dtype=np.float32)


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("1.txt", TEXT)
    return out.getvalue()


def _pdf() -> bytes:
    out, places = b"%PDF-1.4\n", []
    for part in PDF:
        places.append(len(out))
        out += part.encode() + b"\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(PDF) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(PDF) + 1}/Root 1 0 R>>\n"
    return out + f"{end}startxref\n{len(out)}\n%%EOF\n".encode()


MAKERS: dict[str, Callable[[], bytes]] = {
    "text/plain": TEXT.encode,
    "text/csv": b"name,count\nbread,3\nsalt,1\n".strip,
    "application/json": json.dumps({"text": TEXT}).encode,
    "application/pdf": _pdf,
    "application/zip": _zip,
    "image/png": partial(_picture, "PNG"),
    "image/jpeg": partial(_picture, "JPEG"),
    "audio/mpeg": partial(_audio, "mp3"),
    "audio/ogg": partial(_audio, "opus"),
}
