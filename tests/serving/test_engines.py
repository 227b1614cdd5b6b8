"""A service makes itself known to engines, and stays known."""

from collections.abc import Callable

from tests import shelf
from tests.serving.conftest import Serving
from tests.serving.engine import Engine, wait

Serve = Callable[..., Serving]


def known(engine: Engine) -> bool:
    return engine.services.get("shout", {}).get("status") == "available"


def test_it_announces_itself_when_it_listens(engine: Engine, serve: Serve) -> None:
    serving = serve(shelf.shout, engines=(engine.url,))
    wait(lambda: known(engine))
    assert engine.services["shout"]["url"] == serving.url
    assert engine.services["shout"]["docs_url"] == f"{serving.url}/docs"
    assert engine.requests.count("announce") == 1


def test_it_keeps_announcing_until_it_is_taken(engine: Engine, serve: Serve) -> None:
    engine.faults["announce"] = [503, 500, 422, 502]
    serve(shelf.shout, engines=(engine.url,))
    wait(lambda: known(engine))
    assert engine.requests.count("announce") == 5


def test_an_engine_that_knows_an_older_self_is_told_what_is_new(engine: Engine, serve: Serve) -> None:
    engine.services["shout"] = {"id": "7", "slug": "shout", "status": "sleeping", "url": "http://old"}
    serving = serve(shelf.shout, engines=(engine.url,))
    wait(lambda: known(engine))
    assert engine.services["shout"]["id"] == "7" and engine.services["shout"]["url"] == serving.url


def test_it_gives_signs_of_life(engine: Engine, serve: Serve) -> None:
    serve(shelf.shout, engines=(engine.url,))
    wait(lambda: engine.requests.count("ping") > 3)
    assert engine.requests.count("announce") == 1


def test_it_announces_itself_again_when_it_was_forgotten(engine: Engine, serve: Serve) -> None:
    serve(shelf.shout, engines=(engine.url,))
    wait(lambda: known(engine))
    engine.services.clear()
    wait(lambda: known(engine))


def test_it_announces_itself_again_to_an_engine_that_breaks_at_the_ping(engine: Engine, serve: Serve) -> None:
    serve(shelf.shout, engines=(engine.url,))
    wait(lambda: known(engine))
    engine.services.clear()
    engine.faults["ping"] = [500]
    wait(lambda: known(engine))


def test_it_wakes_up_where_it_is_believed_to_sleep(engine: Engine, serve: Serve) -> None:
    serve(shelf.shout, engines=(engine.url,))
    wait(lambda: known(engine))
    engine.services["shout"]["status"] = "sleeping"
    wait(lambda: known(engine))


def test_an_operator_may_disable_it(engine: Engine, serve: Serve) -> None:
    serve(shelf.shout, engines=(engine.url,))
    wait(lambda: known(engine))
    engine.services["shout"]["status"] = "disabled"
    before = engine.requests.count("ping")
    wait(lambda: engine.requests.count("ping") > before + 3)
    assert engine.services["shout"]["status"] == "disabled"


def test_an_engine_may_go_and_come_back(engine: Engine, serve: Serve) -> None:
    serving = serve(shelf.shout, engines=(engine.url,))
    wait(lambda: known(engine))
    engine.web.stop()
    wait(lambda: not serving.stand._presences[0].known)
    engine.services.clear()
    engine.web.start()
    wait(lambda: known(engine))


def test_an_engine_that_is_away_keeps_no_other_waiting(engine: Engine, serve: Serve) -> None:
    serve(shelf.shout, engines=("http://127.0.0.1:9", engine.url))
    wait(lambda: known(engine))


def test_it_sleeps_when_it_leaves(engine: Engine, serve: Serve) -> None:
    serving = serve(shelf.shout, engines=(engine.url,))
    wait(lambda: serving.stand._presences[0].known)
    serving.stop()
    assert engine.services["shout"]["status"] == "sleeping"


def test_pauses_grow_after_the_first_tries_up_to_a_minute(serve: Serve) -> None:
    serving = serve(shelf.shout, engines=("http://127.0.0.1:9",), announce_delay=3.0, announce_retries=5)
    (presence,) = serving.stand._presences
    pauses = [presence._pause(tries) for tries in (1, 5, 6, 8, 50, 10**6)]
    for pause, wanted in zip(pauses, (3, 3, 6, 24, 60, 60), strict=True):
        assert 0.79 * wanted <= pause <= 1.21 * wanted
