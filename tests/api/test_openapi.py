"""The description of the API, from which clients are made."""

import json
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "web" / "openapi.json"


def test_the_web_applications_client_is_made_from_this_api(client):
    advice = "The API has changed. Run `make client`, and look at what the web application makes of it."
    assert json.loads(DOCUMENT.read_text()) == client.get("/openapi.json").json(), advice


def test_schemas_have_names_that_a_person_would_give(client):
    assert [name for name in client.get("/openapi.json").json()["components"]["schemas"] if "__" in name] == []
