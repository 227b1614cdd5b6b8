"""The routes of the Swiss AI Center's engine, as its clients use them."""

import io
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.waiting import until
from tests.sounds import write

BASE = "/core-engine"


def post(client: TestClient, slug: str, **files: Any) -> Any:
    return client.post(f"{BASE}/{slug}", files=files)


def finished(client: TestClient, task: dict[str, Any]) -> dict[str, Any]:
    def done() -> dict[str, Any] | None:
        found = client.get(f"{BASE}/tasks/{task['id']}").json()
        return found if found["status"] in ("finished", "error", "archived", "skipped") else None

    return until(done)


def content(client: TestClient, key: str) -> bytes:
    answer = client.get(f"{BASE}/storage/{key}")
    assert answer.status_code == 200, answer.text
    return answer.content


def text(words: str) -> tuple[str, bytes, str]:
    return ("words.txt", words.encode(), "text/plain")


def test_a_file_sent_to_a_service_becomes_a_task_whose_output_is_fetched_by_its_key(client: TestClient) -> None:
    begun = post(client, "shout", text=text("hello"))
    assert begun.status_code == 200
    task = begun.json()
    uuid.UUID(task["id"])
    assert task["status"] in ("pending", "processing", "finished")
    assert task["service"]["slug"] == "shout" and task["service_id"] == task["service"]["id"]
    done = finished(client, task)
    assert done["status"] == "finished" and len(done["data_out"]) == 1
    assert content(client, done["data_out"][0]) == b"HELLO"
    assert content(client, done["data_in"][0]) == b"hello"
    assert client.get(f"{BASE}/tasks/{task['id']}/status").json() == "finished"


def test_keys_say_the_type_and_stay_the_same(client: TestClient) -> None:
    task = finished(client, post(client, "shout", text=text("hello")).json())
    assert task["data_out"][0].endswith(".txt")
    assert finished(client, task)["data_out"] == task["data_out"]
    assert client.get(f"{BASE}/storage/{task['data_out'][0]}").headers["content-type"].startswith("text/plain")


def test_a_list_is_its_first_value_and_a_zip_of_all(client: TestClient) -> None:
    task = finished(client, post(client, "split", text=text("one two three")).json())
    fields = [field["name"] for field in task["service"]["data_out_fields"]]
    files = dict(zip(fields, (content(client, key) for key in task["data_out"]), strict=True))
    assert files["words"] == b"one"
    assert len(zipfile.ZipFile(io.BytesIO(files["words_all"])).namelist()) == 3


def test_a_zip_is_taken_as_a_list(client: TestClient) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "good")
        file.writestr("b.txt", "day")
    task = finished(client, post(client, "join", texts=("texts.zip", archive.getvalue(), "application/zip")).json())
    assert content(client, task["data_out"][0]) == b"good day"


def test_a_type_that_is_not_accepted_is_a_bad_request_in_the_engine_s_words(client: TestClient) -> None:
    answer = post(client, "shout", text=("x.png", b"\x89PNG\r\n\x1a\n", "image/png"))
    assert answer.status_code == 400
    assert "The content type of the file 'text' must be of type ['text/plain']." in answer.json()["detail"]


def test_a_task_that_fails_says_why(client: TestClient) -> None:
    task = finished(client, post(client, "refuse", text=text("noise")).json())
    assert task["status"] == "error" and "give me silence" in task["error_message"]


def test_sound_is_taken_and_content_that_is_none_is_refused(client: TestClient, tmp_path: Path) -> None:
    sound = ("song.ogg", write(tmp_path / "song.ogg").read_bytes(), "audio/ogg")
    task = finished(client, post(client, "listen", song=sound).json())
    assert task["status"] == "finished"
    assert post(client, "listen", song=("song.ogg", b"no sound", "audio/ogg")).status_code == 422


def test_an_unknown_slug_is_not_found(client: TestClient) -> None:
    assert post(client, "nothing", text=text("x")).status_code == 404


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        (f"services/{uuid.uuid4()}", "Service Not Found"),
        ("services/slug/none", "Service Not Found"),
        (f"tasks/{uuid.uuid4()}", "Task Not Found"),
        (f"pipeline-executions/{uuid.uuid4()}", "Pipeline Execution Not Found"),
        (f"pipelines/{uuid.uuid4()}", "Pipeline Not Found"),
        ("pipelines/slug/none", "Pipeline Not Found"),
        ("storage/file-not-found", "File Not Found"),
    ],
)
def test_what_is_not_there_is_said_in_the_engine_s_words(client: TestClient, path: str, detail: str) -> None:
    answer = client.get(f"{BASE}/{path}")
    assert (answer.status_code, answer.json()["detail"]) == (404, detail)


def test_an_id_that_is_none_is_unprocessable(client: TestClient) -> None:
    assert client.get(f"{BASE}/services/bad_id").status_code == 422


def test_services_are_listed_searched_and_counted(client: TestClient) -> None:
    page = client.get(f"{BASE}/services", params={"with_count": True, "search": "LOUDER", "status": "AVAILABLE"}).json()
    assert page["count"] == 1 and page["services"][0]["slug"] == "shout"
    listed = client.get(f"{BASE}/services", params={"order_by": "slug", "order": "desc", "limit": 2}).json()
    assert [each["slug"] for each in listed] == sorted((each["slug"] for each in listed), reverse=True)
    same = client.get(f"{BASE}/services/{page['services'][0]['id']}").json()
    assert same == client.get(f"{BASE}/services/slug/shout").json() == page["services"][0]


def test_files_are_stored_fetched_and_deleted_by_key(client: TestClient) -> None:
    key = client.post(f"{BASE}/storage", files={"file": ("test.txt", b"this is a test")}).json()["key"]
    assert uuid.UUID(key.removesuffix(".txt"))
    assert content(client, key) == b"this is a test"
    assert client.delete(f"{BASE}/storage/{key}").status_code == 204
    assert client.delete(f"{BASE}/storage/{key}").status_code == 404


def test_tasks_are_listed_and_counted(client: TestClient) -> None:
    task = finished(client, post(client, "shout", text=text("hello")).json())
    assert [each["id"] for each in client.get(f"{BASE}/tasks").json()] == [task["id"]]
    stats = client.get(f"{BASE}/stats").json()
    assert stats["total"] == 1 and stats["services"][0]["service_name"] == "Shout"
    assert {"status": "finished", "count": 1} in stats["summary"]


def test_a_callback_for_a_task_that_nobody_has_is_not_found(client: TestClient) -> None:
    body = {"status": "finished", "data_out": ["a.txt"], "error_message": None}
    assert client.patch(f"{BASE}/tasks/{uuid.uuid4()}", json=body).status_code == 404


def test_a_client_is_told_of_its_task_on_the_socket(client: TestClient) -> None:
    with client.websocket_connect(f"ws://127.0.0.1{BASE}/ws") as socket:
        assert socket.receive_json()["message"]["text"] == "Connected to the backend's WebSocket"
        task = post(client, "shout", text=text("hello")).json()
        socket.send_json({"linked_id": task["id"], "execution_type": "service"})
        assert socket.receive_json()["message"]["data"]["linked_id"] == task["id"]
        while (told := socket.receive_json())["message"]["data"]["status"] != "finished":
            assert told["subject"] == "execution"
    assert told["type"] == "success" and told["message"]["text"] == "Task for shout finished"
    assert content(client, told["message"]["data"]["data_out"][0]) == b"HELLO"


PIPELINE = {
    "name": "Twice", "slug": "twice", "summary": "Say it louder, twice",
    "data_in_fields": [{"name": "words", "type": ["text/plain"]}],
    "data_out_fields": [{"name": "result", "type": ["text/plain"], "format_hint": {"pipeline_source": "second.output"}}],
    "tags": [],
    "steps": [
        {"identifier": "first", "needs": [], "inputs": ["pipeline.words"], "service_slug": "shout"},
        {"identifier": "second", "needs": ["first"], "inputs": ["first.output"], "service_slug": "slow"},
    ],
}  # fmt: skip


def test_a_pipeline_of_theirs_is_created_executed_and_watched(client: TestClient) -> None:
    created = client.post(f"{BASE}/pipelines", json=PIPELINE)
    assert created.status_code == 200, created.text
    assert [step["identifier"] for step in created.json()["steps"]] == ["first", "second"]
    assert created.json() == client.get(f"{BASE}/pipelines/slug/twice").json()

    begun = post(client, "twice", words=text("hi")).json()
    assert begun["pipeline"]["slug"] == "twice" and len(begun["tasks"]) == 2
    with client.websocket_connect(f"ws://127.0.0.1{BASE}/ws") as socket:
        socket.receive_json()
        socket.send_json({"linked_id": begun["id"], "execution_type": "pipeline"})
        socket.receive_json()
        while "general_status" not in (told := socket.receive_json())["message"]["data"]:
            pass
    assert told["message"]["text"] == "Execution finished"
    assert content(client, told["message"]["data"]["data_out"][0]) == b"HI."

    execution = client.get(f"{BASE}/pipeline-executions/{begun['id']}").json()
    assert [task["status"] for task in execution["tasks"]] == ["finished", "finished"]
    assert execution["current_pipeline_step_id"] is None
    assert content(client, execution["tasks"][0]["data_out"][0]) == b"HI"
    assert client.get(f"{BASE}/pipeline-executions").json() == [execution]


def test_a_pipeline_is_checked_before_it_is_created(client: TestClient) -> None:
    assert client.post(f"{BASE}/pipeline/check", json=PIPELINE).json() == {"valid": True}
    steps = [PIPELINE["steps"][0] | {"inputs": ["other.output"]}]
    assert client.post(f"{BASE}/pipeline/check", json=PIPELINE | {"steps": steps}).status_code == 400
    assert client.post(f"{BASE}/pipelines", json=PIPELINE | {"steps": steps}).status_code == 400
    unknown = [PIPELINE["steps"][0] | {"service_slug": "nobody"}]
    assert client.post(f"{BASE}/pipelines", json=PIPELINE | {"steps": unknown}).status_code == 404


def test_pipelines_are_listed_changed_and_deleted(client: TestClient) -> None:
    created = client.post(f"{BASE}/pipelines", json=PIPELINE).json()
    assert client.post(f"{BASE}/pipelines", json=PIPELINE).status_code == 409
    page = client.get(f"{BASE}/pipelines", params={"with_count": True, "search": "twice"}).json()
    assert page["count"] == 1 and page["pipelines"][0]["id"] == created["id"]
    steps = [PIPELINE["steps"][0]]
    outputs = [{"name": "result", "type": ["text/plain"], "format_hint": {"pipeline_source": "first.output"}}]
    path = f"{BASE}/pipelines/{created['id']}"
    changed = client.patch(path, json={"name": "Once", "steps": steps, "data_out_fields": outputs})
    assert changed.json()["name"] == "Once" and len(changed.json()["steps"]) == 1
    step = changed.json()["steps"][0]["id"]
    assert client.get(f"{BASE}/pipeline-steps/{step}").json()["identifier"] == "first"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_key_in_the_path_stands_for_the_header(client: TestClient) -> None:
    answer = client.get(f"{BASE}/t/halles_nonsense/services")
    assert answer.status_code == 401
    assert client.get(f"{BASE}//services").status_code == 200
