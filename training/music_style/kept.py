"""What was computed is kept clip by clip, so that an interrupted extraction goes on where it was."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime


class Kept:
    """Arrays in files, by what they were made of: the clip, the code that computes them and its settings."""

    def __init__(self, folder: Path, code: list[Path], settings: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        made_by = [file.read_bytes() for file in code]
        made_by += [repr(settings).encode(), onnxruntime.__version__.encode()]
        self._maker = hashlib.sha256(b"\0".join(made_by)).hexdigest()

    def __call__(self, what: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """Return the array for `what`, computed unless it is kept. A file is whole or not there."""
        file = self.folder / f"{hashlib.sha256(f'{self._maker} {what}'.encode()).hexdigest()[:32]}.npy"
        try:
            return np.asarray(np.load(file))
        except (OSError, ValueError):
            value = compute()
        part = file.with_suffix(f".{os.getpid()}")
        with part.open("wb") as out:
            np.save(out, value)
        part.replace(file)
        return value
