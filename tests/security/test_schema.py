"""The API does what its OpenAPI says, whatever is sent. `bench/fuzz.py` tries more, and longer."""

import pytest

from halles.model import Role
from tests.security.fuzz import fuzz, target


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with target(tmp_path_factory.mktemp("target")) as server:
        yield server


@pytest.mark.parametrize(("role", "phases"), [(Role.operator, "coverage,stateful"), (Role.viewer, "fuzzing,stateful")])
def test_nothing_is_found(server, tmp_path, role, phases):
    address, keys = server
    if found := fuzz(address, keys[role], tmp_path, examples=2, seed=1, more=("--phases", phases)):
        pytest.fail(found)
