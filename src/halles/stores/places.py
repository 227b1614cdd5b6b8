"""Where artifacts and exchanged content lie, as the settings say: a folder, or a bucket of an S3 server."""

import os
from pathlib import Path

from halles.model import Problem, Problems
from halles.sdk import settings
from halles.stores.exchange import Exchange, FolderExchange
from halles.stores.objects import Objects


def open_objects(folder: Path) -> Objects:
    """The artifacts: in the folder or bucket of `HALLES_OBJECTS`, else in `folder`. Raises `Problems`."""
    place = os.environ.get("HALLES_OBJECTS", "")
    if not place.startswith("s3:"):
        return Objects(Path(place).expanduser() if place else folder)
    from halles.stores.objects_s3 import BucketObjects
    from halles.stores.s3 import bucket_at

    return BucketObjects(
        folder, bucket_at(place), bound_bytes=settings.number("HALLES_OBJECTS_CACHE_BYTES", 20 * 1024**3)
    )


def open_exchange(folder: Path, objects: Objects) -> Exchange:
    """The exchange: in the folder or bucket of `HALLES_EXCHANGE`, else in `folder`. Raises `Problems`."""
    place = os.environ.get("HALLES_EXCHANGE", "")
    if not place.startswith("s3:"):
        return FolderExchange(Path(place).expanduser() if place else folder, objects)
    from halles.stores.exchange_keys import FixedKeys, IamKeys, Key
    from halles.stores.exchange_s3 import BucketExchange
    from halles.stores.s3 import bucket_at

    bucket = bucket_at(place)
    if bucket.prefix:
        message = f"HALLES_EXCHANGE is `{place}`; keys lie flat in the bucket, so give one of its own: `s3://bucket`."
        raise Problems([Problem(code="bad-setting", message=message)])
    names = ("HALLES_EXCHANGE_ACCESS_KEY_ID", "HALLES_EXCHANGE_SECRET_ACCESS_KEY")
    fixed = Key(*(os.environ.get(name, "") for name in names))
    keys = FixedKeys(fixed) if all(fixed) else IamKeys(bucket, exchange_seconds())
    return BucketExchange(bucket, keys, objects, host=os.environ.get("HALLES_EXCHANGE_HOST", "").rstrip("/"))


def exchange_seconds() -> float:
    """For how long exchanged content is kept and a key for it is good, `HALLES_EXCHANGE_HOURS` (default a day)."""
    return 3600 * settings.number("HALLES_EXCHANGE_HOURS", 24)
