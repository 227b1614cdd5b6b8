"""The messages of the contract, as engines and services of both generations send them."""

from typing import Any

import pytest
from pydantic import ValidationError

from halles.csia.messages import Announcement, Callback, ComputeS3, ComputeStorage, TaskState, compute_adapter

TASK = {"task": {"id": "t1", "data_in": ["a.txt"], "status": "pending"}, "callback_url": "http://engine/tasks/t1"}
S3 = {
    "s3_access_key_id": "key", "s3_secret_access_key": "secret", "s3_region": "r", "s3_host": "http://s3:9000/",
    "s3_bucket": "b",
}  # fmt: skip


def announcement(**changed: Any) -> dict[str, Any]:
    fields = [{"name": "image", "type": ["image/png", "image/jpeg"], "format_hint": None}]
    return {
        "name": "Blur", "slug": "image-blur", "summary": "Blur an image", "url": "http://blur:80/",
        "data_in_fields": fields, "data_out_fields": fields, "tags": [{"name": "Image Processing", "acronym": "IP"}],
    } | changed  # fmt: skip


def test_five_fields_of_s3_are_the_first_generation() -> None:
    message = compute_adapter.validate_python(S3 | TASK)
    assert isinstance(message, ComputeS3) and message.s3_host == "http://s3:9000"


def test_a_storage_url_is_the_second_generation() -> None:
    message = compute_adapter.validate_python({"storage_url": "http://engine/storage/"} | TASK)
    assert isinstance(message, ComputeStorage) and message.storage_url == "http://engine/storage"


def test_null_stands_for_a_field_of_the_other_generation() -> None:
    nothing = dict.fromkeys(S3)
    assert isinstance(compute_adapter.validate_python(nothing | {"storage_url": "http://e/s"} | TASK), ComputeStorage)


def test_generations_are_not_mixed() -> None:
    with pytest.raises(ValidationError, match="either `storage_url` or"):
        compute_adapter.validate_python(S3 | {"storage_url": "http://engine/storage"} | TASK)


def test_a_message_without_a_place_for_values_is_refused() -> None:
    with pytest.raises(ValidationError, match="s3_host"):
        compute_adapter.validate_python(TASK)


def test_what_other_versions_add_is_ignored() -> None:
    message = compute_adapter.validate_python(S3 | TASK | {"priority": 3, "task": TASK["task"] | {"news": True}})
    assert message.task.id == "t1"


def test_the_secret_is_not_shown() -> None:
    assert "secret" not in repr(compute_adapter.validate_python(S3 | TASK)).replace("s3_secret", "")


@pytest.mark.parametrize("url", ["ftp://engine/x", "engine", "http://", "javascript:alert(1)"])
def test_a_callback_goes_to_an_address_of_http(url: str) -> None:
    with pytest.raises(ValidationError, match="no address of HTTP"):
        compute_adapter.validate_python(S3 | TASK | {"callback_url": url})


def test_data_in_may_be_null() -> None:
    message = compute_adapter.validate_python(S3 | TASK | {"task": {"id": "t1", "data_in": None}})
    assert message.task.data_in == ()


def test_a_callback_always_has_data_out() -> None:
    written = Callback(status=TaskState.error, error_message="no").model_dump(mode="json")
    assert written == {"status": "error", "data_out": [], "error_message": "no"}


def test_a_callback_of_others_may_have_null_for_data_out() -> None:
    assert Callback.model_validate({"status": "error", "data_out": None}).data_out == ()


def test_docs_url_is_never_null() -> None:
    assert Announcement.model_validate(announcement(docs_url=None)).docs_url == "http://blur:80/docs"


def test_lists_and_has_ai_may_be_null() -> None:
    read = Announcement.model_validate(announcement(tags=None, data_in_fields=None, has_ai=None))
    assert (read.tags, read.data_in_fields, read.has_ai) == ((), (), False)


def test_a_media_type_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="is not a media type"):
        Announcement.model_validate(announcement(data_in_fields=[{"name": "x", "type": ["picture"]}]))


def test_an_announcement_writes_exactly_the_fields_of_the_contract() -> None:
    written = Announcement.model_validate(announcement(extra=1)).model_dump(mode="json")
    assert set(written) == {
        "name", "slug", "summary", "description", "url", "docs_url", "status", "data_in_fields", "data_out_fields",
        "tags", "has_ai",
    }  # fmt: skip
