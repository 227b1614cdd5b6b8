"""What is old goes, what somebody needs stays."""

import os
import time

import pytest

from halles.main import Market
from halles.model import Artifact, Order, Problems
from halles.runners.retention import DAY, Policy, sweep
from tests.running import pipeline, run
from tests.shelf import SERVICES, calls

SHOUT = {"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}
WHAT = pipeline([SHOUT], out="a.output")
SHORT = Policy(runs=10, uploads=10, results=10, unused=1)


def later(market, days, policy=SHORT):
    """Sweep as if it were so many days later; twice, as artifacts go in two steps."""
    now = time.time() + days * DAY
    first = sweep(policy, market.keeping, market.history, market.objects, now=now)
    second = sweep(policy, market.keeping, market.history, market.objects, now=now + DAY)
    return {name: getattr(first, name) + getattr(second, name) for name in type(first).model_fields}


@pytest.fixture
def market(where, tmp_path, monkeypatch):
    """On a database of each kind."""
    if isinstance(where, str):
        monkeypatch.setenv("HALLES_DATABASE_URL", where)
    return Market(tmp_path / "home", services=SERVICES)


@pytest.fixture
def done(market):
    return run(market, WHAT, text="la")


def upload(market, content=b"mine", owner="ada"):
    artifact = market.objects.put(content, "text/plain")
    market.holdings.hold(artifact, owner)
    return artifact


def output(done) -> Artifact:
    return done.outputs["out"]


def test_what_is_new_stays(market, done):
    mine = upload(market)
    assert later(market, 5) == {"runs": 0, "uploads": 0, "results": 0, "artifacts": 0, "freed": 0}
    assert market.objects.has(mine) and market.objects.has(output(done))


def test_an_old_run_goes_with_all_that_only_it_had(market, done):
    swept = later(market, 11)
    assert (swept["runs"], swept["results"], swept["artifacts"]) == (1, 1, 2)
    assert market.ledger.load(done.id) is None
    assert not market.objects.has(output(done))


def test_what_a_run_that_is_kept_has_stays(market, done):
    swept = later(market, 99, SHORT.model_copy(update={"runs": 1000}))
    assert swept == {"runs": 0, "uploads": 0, "results": 0, "artifacts": 0, "freed": 0}
    (maker,) = market.results.makers(output(done).sha256)
    assert maker.service == "shout", "and how it was made"


def test_an_old_upload_goes(market):
    mine = upload(market)
    assert later(market, 11)["uploads"] == 1
    assert not market.objects.has(mine)
    assert market.holdings.find(mine.sha256, "ada") is None


def test_an_upload_that_a_run_used_stays_with_the_run(market):
    mine = upload(market, b"la")
    done = run(market, WHAT, text="la")
    later(market, 11, SHORT.model_copy(update={"runs": 1000}))
    assert market.objects.has(mine)
    assert market.holdings.find(mine.sha256, "ada") is None
    assert market.holdings.find(mine.sha256, market.ledger.load(done.id).owner) is not None


def test_a_run_that_is_shared_stays_as_long_as_the_link_works(market, done):
    share = market.shares.make("ada", time.time() + 100 * DAY, run=done.id)
    later(market, 50)
    assert market.ledger.load(done.id) is not None and market.objects.has(output(done))
    market.shares.revoke(share.id)
    later(market, 50)
    assert market.ledger.load(done.id) is None and not market.objects.has(output(done))


def test_an_artifact_that_is_shared_stays(market):
    mine = upload(market)
    market.shares.make("ada", time.time() + 100 * DAY, artifact=mine)
    later(market, 50)
    assert market.objects.has(mine)


def test_a_run_that_is_pinned_stays(market, done):
    market.keeping.pin(done.id)
    later(market, 1000)
    assert market.ledger.load(done.id) is not None and market.objects.has(output(done))
    market.keeping.unpin(done.id)
    later(market, 1000)
    assert market.ledger.load(done.id) is None


def test_a_run_that_waits_stays_with_its_inputs(market):
    text = market.objects.put(b"la", "text/plain")
    market.ledger.accept(Order(run="f" * 16, plan=market.plan(WHAT), inputs={"text": text}))
    later(market, 1000)
    assert market.ledger.load("f" * 16) is not None and market.objects.has(text)


def test_what_nothing_refers_to_goes_in_two_steps(market):
    lost = market.objects.put(b"lost", "text/plain")
    now = time.time() + 2 * DAY

    def once(hours):
        return sweep(SHORT, market.keeping, market.history, market.objects, now=now + hours * 3600).artifacts

    assert (once(0), market.objects.has(lost)) == (0, True), "the first time it is only remembered"
    market.holdings.hold(lost, "ada")
    assert (once(2), market.objects.has(lost)) == (0, True), "somebody wanted it in between"
    market.holdings.drop(lost.sha256, "ada")
    assert once(4) == 0
    assert (once(6), market.objects.has(lost)) == (1, False)


def test_what_was_wanted_again_meanwhile_stays(market):
    wanted = market.objects.put(b"wanted", "text/plain")
    now = time.time() + 2 * DAY
    sweep(SHORT, market.keeping, market.history, market.objects, now=now)
    os.utime(market.objects.path(wanted), (now + DAY, now + DAY))
    sweep(SHORT, market.keeping, market.history, market.objects, now=now + DAY)
    assert market.objects.has(wanted)


def test_a_result_that_no_run_has_goes_and_is_computed_again(market, done):
    market.ledger.forget(done.id)
    assert later(market, 11)["results"] == 1
    calls.clear()
    run(market, WHAT, text="la")
    assert calls["shout"] == 1


def test_a_batch_goes_with_its_last_run(market):
    market.batches.add("b" * 16, "ada", "test", 1)
    text = market.objects.put(b"la", "text/plain")
    market.ledger.accept(Order(run="f" * 16, plan=market.plan(WHAT), inputs={"text": text}, batch="b" * 16))
    later(market, 1000)
    assert market.batches.find("b" * 16) is not None
    market.ledger.request_cancel("f" * 16)
    later(market, 1000)
    assert market.batches.find("b" * 16) is None


def test_pruning_the_cache_leaves_what_is_shared(market, done):
    share = market.shares.make("ada", time.time() + 100 * DAY, run=done.id)
    market.results.prune(before=time.time() + DAY, keep=market.keeping.shared())
    assert market.objects.has(output(done))
    market.shares.revoke(share.id)
    market.results.prune(before=time.time() + DAY, keep=market.keeping.shared())
    assert not market.objects.has(output(done))


def test_days_are_numbers(monkeypatch):
    assert Policy.read() == Policy()
    monkeypatch.setenv("HALLES_KEEP_RUNS_DAYS", "30")
    assert Policy.read().runs == 30
    monkeypatch.setenv("HALLES_KEEP_RUNS_DAYS", "long")
    with pytest.raises(Problems, match="HALLES_KEEP_RUNS_DAYS is `long`"):
        Policy.read()
