"""Print the description of the API: `python -m halles.api`. The web application's client is made from it."""

import json
import tempfile
from pathlib import Path

from halles.api.app import create_app
from halles.main import Market

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(create_app(Market(Path(folder))).openapi(), indent=1, ensure_ascii=False))
