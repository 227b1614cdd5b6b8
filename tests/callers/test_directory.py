"""Who is in the directory, and in what state."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from halles.callers import registrar
from halles.csia.messages import ServiceState
from halles.main import Market
from halles.stores import directory
from tests.callers.toys import Toy, http
from tests.serving.engine import wait

Make = Callable[..., Toy]


@pytest.fixture(autouse=True)
def _attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrar, "PAUSE", 0.1)
    monkeypatch.setattr(directory, "LATE", 0.5)


def states(market: Market, slug: str = "loud") -> list[ServiceState]:
    return sorted(instance.state for instance in market.abroad.directory.instances(slug))


def patch(engine: str, toy: Toy, **change: Any) -> Any:
    known = http.get(f"{engine}/services/slug/{toy.slug}").json()
    return http.patch(f"{engine}/services/{known['id']}", json=change)


def test_a_service_is_asked_what_it_speaks(market: Market, toy: Make) -> None:
    toy("new", generation=2)
    toy("old", generation=1)
    found = {slug: market.abroad.directory.instances(slug)[0] for slug in ("new", "old")}
    assert {slug: instance.generation for slug, instance in found.items()} == {"new": 2, "old": 1}
    assert found["old"].polls


def test_a_service_that_goes_and_comes_back_is_noticed(market: Market, toy: Make) -> None:
    service = toy()
    service.gone = True
    wait(lambda: states(market) == [ServiceState.unavailable], "the service to be missed")
    service.gone = False
    wait(lambda: states(market) == [ServiceState.available], "the service to be seen again")


def test_a_service_that_pings_is_not_asked(
    market: Market, engine: str, toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LATE", 2.0)  # A busy machine pings late, too.
    service = toy()
    service.gone = True
    end = time.monotonic() + 3
    while time.monotonic() < end:
        assert http.post(f"{engine}/services/loud/ping").status_code == 200
        assert states(market) == [ServiceState.available]


def test_a_sleeping_service_is_let_sleep_and_wakes_when_it_announces_itself(
    market: Market, engine: str, toy: Make
) -> None:
    service = toy()
    assert patch(engine, service, status="sleeping").json()["status"] == "sleeping"
    time.sleep(1)
    assert states(market) == [ServiceState.sleeping]
    assert service.announce(engine).json()["status"] == "available"


def test_of_two_instances_the_one_that_stops_is_found_by_asking(market: Market, engine: str, toy: Make) -> None:
    first, _ = toy(), toy()
    assert states(market) == [ServiceState.available] * 2
    first.gone = True
    patch(engine, first, status="sleeping")
    wait(lambda: states(market) == [ServiceState.available, ServiceState.unavailable], "the stopped one to be found")


def test_an_instance_that_takes_other_things_replaces_those_of_the_former_service(market: Market, toy: Make) -> None:
    toy()
    newer = toy(gives="application/json")
    assert [instance.url for instance in market.abroad.directory.instances("loud")] == [newer.url]
    spec = market.catalogue.find("loud")
    assert spec and spec.outputs[0].media == ("application/json",)


def test_an_old_address_is_dropped_when_another_one_works(
    market: Market, toy: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = toy()
    old.gone = True
    toy()
    monkeypatch.setattr(directory, "FORGOTTEN", 1.0)
    wait(lambda: states(market) == [ServiceState.available], "the old address to be dropped")


def test_an_installed_service_cannot_be_replaced(market: Market, engine: str) -> None:
    toy = Toy("shout")
    assert toy.announce(engine).status_code == 409
    assert market.catalogue.find("shout") == market.services.find("shout")
    toy.stop()


def test_a_service_that_cannot_be_reached_is_not_taken_in(market: Market, engine: str) -> None:
    toy = Toy("loud")
    toy.stop()
    answer = toy.announce(engine)
    assert answer.status_code == 503 and "cannot be reached" in answer.json()["detail"]
    assert market.catalogue.find("loud") is None


def test_a_service_at_a_private_address_is_refused_by_a_server_for_others(market: Market, engine: str) -> None:
    market.abroad.outgoing.guard.allowed = ()
    toy = Toy("loud")
    answer = toy.announce(engine)
    assert answer.status_code == 422 and "HALLES_ALLOWED_NETWORKS" in answer.json()["detail"]
    toy.stop()


def test_a_forgotten_service_is_told_by_its_ping_to_announce_itself(engine: str, toy: Make) -> None:
    service = toy()
    known = http.get(f"{engine}/services/slug/loud").json()
    assert http.delete(f"{engine}/services/{known['id']}").status_code == 204
    assert http.post(f"{engine}/services/loud/ping").status_code == 404
    assert service.announce(engine).status_code == 200


def test_what_was_disabled_stays_so_until_somebody_enables_it(market: Market, engine: str, toy: Make) -> None:
    service = toy()
    patch(engine, service, status="disabled")
    assert http.post(f"{engine}/services/loud/ping").status_code == 200
    assert states(market) == [ServiceState.disabled]
    patch(engine, service, status="available")
    assert states(market) == [ServiceState.available]
