"""Where models lie and how they are followed, as the settings say."""

import os
from dataclasses import replace
from pathlib import Path

from halles.model import Problem, Problems
from halles.registry.gate import Limits
from halles.registry.store import Registry
from halles.sdk import settings
from halles.stores.objects import Objects
from halles.stores.records import BucketRecords, FolderRecords

FILES = "files"
"""Where contents lie, beside the models. No model is called so."""


def open_registry(folder: Path) -> Registry:
    """The models: in the folder or bucket of `HALLES_MODELS`, else in `folder`. Raises `Problems`."""
    place = os.environ.get("HALLES_MODELS", "")
    if not place.startswith("s3:"):
        folder = Path(place).expanduser() if place else folder
        return Registry(FolderRecords(folder / "models"), lambda: Objects(folder / FILES))
    from halles.stores.objects_s3 import BucketObjects
    from halles.stores.s3 import bucket_at

    bucket = bucket_at(place)
    parts = {name: replace(bucket, prefix=f"{bucket.prefix}/{name}".strip("/")) for name in ("models", FILES)}
    bound = settings.number("HALLES_OBJECTS_CACHE_BYTES", 20 * 1024**3)
    return Registry(
        BucketRecords(parts["models"]), lambda: BucketObjects(folder / FILES, parts[FILES], bound_bytes=bound)
    )


def limits() -> Limits:
    """What a new version may cost."""
    return Limits(
        bytes=settings.number("HALLES_MODEL_MAX_BYTES", 20e6),
        slowdown=settings.number("HALLES_MODEL_MAX_SLOWDOWN", 1.5),
    )


def manners() -> dict[str, float]:
    """How services follow: how often they look, and what candidates get."""
    return {
        "every": settings.number("HALLES_MODELS_SECONDS", 2),
        "share": _share("HALLES_CANDIDATE_SHARE"),
        "shadow": _share("HALLES_CANDIDATE_SHADOW"),
    }


def _share(name: str) -> float:
    text = os.environ.get(name) or "0"
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        message = f"The environment variable {name} is `{text}`; it must be a share from 0 to 1, such as 0.1."
        raise Problems([Problem(code="bad-setting", message=message)])
    return value
