"""A run as a bundle: verified elsewhere, run again there, and what was tampered with found."""

import hashlib
import json
import zipfile

import pytest

from halles.engine import again as anew
from halles.main import Market
from halles.model import Problems, Result, Status
from halles.runners import bundle, replay, zipped
from halles.runners.verify import verify
from halles.sdk import service
from tests import shelf
from tests.running import follow, pipeline, run

SPLIT = {"id": "s", "service": "split", "inputs": {"text": "inputs.text"}}
EACH = {"id": "m", "service": "shout", "map": "text", "inputs": {"text": "s.words"}}
SKIP = {"id": "k", "service": "shout", "when": "s.mood.happy", "inputs": {"text": "inputs.text"}}
JOIN = {"id": "j", "service": "join", "inputs": {"texts": "m.output", "other": "k.output"}}
WHAT = pipeline([SPLIT, EACH, SKIP, JOIN], out="j.output")
KEY = "11" * 32


def export(market, done, file, key=None):
    log = market.ledger.events(done.id)
    entries = bundle.entries(market.ledger.load(done.id), log, market.objects, market.results, key)
    file.write_bytes(b"".join(zipped.stream(entries)))
    return file


@pytest.fixture
def done(market):
    return run(market, WHAT, text="so sad")


@pytest.fixture
def file(market, done, tmp_path):
    return export(market, done, tmp_path / "run.zip")


def tamper(file, changes, *, honest=()):
    """A bundle with other content; the manifest is brought up to date for the `honest` names."""
    with zipfile.ZipFile(file) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    contents |= {name: change(contents.get(name, b"")) for name, change in changes.items()}
    manifest = json.loads(contents["bundle.json"])
    for name in honest:
        manifest["files"][name] = {"sha256": hashlib.sha256(contents[name]).hexdigest(), "size": len(contents[name])}
    contents["bundle.json"] = json.dumps(manifest).encode() if honest else contents["bundle.json"]
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in contents.items():
            if content is not None:
                archive.writestr(name, content)
    return file


def codes(file):
    verdict = verify(file)
    assert not verdict.ok
    return {problem.code for problem in verdict.problems}


def test_a_bundle_is_verified(file, done):
    verdict = verify(file)
    assert verdict.problems == ()
    assert (verdict.ok, verdict.run, verdict.status, verdict.calls) == (True, done.id, Status.finished, 4)
    assert verdict.unrecorded == verdict.missing == ()


def test_it_holds_the_run_the_pipeline_and_every_artifact(file, done):
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        assert {"bundle.json", "run.json", "pipeline.yaml", "plan.json", "events.jsonl", "results.json"} < names
        for artifact in bundle.used(done):
            assert hashlib.sha256(archive.read(f"artifacts/{artifact.sha256}")).hexdigest() == artifact.sha256


def test_the_same_run_gives_the_same_files(market, done, file, tmp_path):
    def files(path):
        return json.loads(zipfile.ZipFile(path).read("bundle.json"))["files"]

    assert files(export(market, done, tmp_path / "again.zip")) == files(file)


def test_a_changed_file_is_found(file, done):
    name = f"artifacts/{done.outputs['out'].sha256}"
    assert codes(tamper(file, {name: lambda _: b"SO GLAD"})) == {"changed"}


def test_a_file_more_or_less_is_found(file, done):
    assert codes(tamper(file, {"run.json": lambda _: None})) == {"missing-file"}
    assert "unknown-file" in codes(tamper(file, {"../evil": lambda _: b"x"}))


def test_an_output_that_was_exchanged_with_its_manifest_is_found(file, done):
    name = f"artifacts/{done.outputs['out'].sha256}"
    assert codes(tamper(file, {name: lambda _: b"SO GLAD"}, honest=[name])) == {"changed"}


def test_a_record_that_the_log_does_not_tell_is_found(file):
    change = {"run.json": lambda body: body.replace(b'"finished"', b'"failed"')}
    assert codes(tamper(file, change, honest=["run.json"])) == {"other-record"}


def test_another_plan_is_found(file):
    change = {"plan.json": lambda body: body.replace(b'"times": 1', b'"times": 2')}
    assert codes(tamper(file, change, honest=["plan.json"])) == {"other-plan"}


def test_a_call_that_was_made_up_is_found(file):
    def other(body):
        results = json.loads(body)
        results[0]["params"] = {"x": 1}
        return json.dumps(results).encode()

    assert codes(tamper(file, {"results.json": other}, honest=["results.json"])) == {"wrong-key"}


def test_a_call_with_other_outputs_is_found(file, done):
    def other(body):
        results = [Result.model_validate(each) for each in json.loads(body)]
        changed = results[-1].model_copy(update={"outputs": {"output": done.inputs["text"]}})
        return bundle.calls.dump_json((*results[:-1], changed))

    assert codes(tamper(file, {"results.json": other}, honest=["results.json"])) == {"other-outputs"}


def test_a_step_that_had_other_parameters_is_found(file):
    def other(body):
        return body.replace(b'"times":1', b'"times":3')

    found = codes(tamper(file, {"events.jsonl": other}, honest=["events.jsonl"]))
    assert {"other-plan", "wrong-key"} <= found


def test_a_signature_says_whose_it_is(market, done, tmp_path):
    signed = export(market, done, tmp_path / "signed.zip", KEY)
    verdict = verify(signed)
    assert verdict.ok and verdict.signer and len(verdict.signer) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"bundle.sig": lambda _: b"00" * 64},
        {"bundle.sig": lambda _: None},
        {"bundle.sig": lambda _: b"no hex"},
        {"bundle.json": lambda body: body.replace(b'"halles": "', b'"halles": "9')},
    ],
)
def test_a_signature_that_is_none_is_found(market, done, tmp_path, change):
    assert codes(tamper(export(market, done, tmp_path / "signed.zip", KEY), change)) == {"bad-signature"}


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"no zip"])
def test_what_is_no_bundle_is_refused(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    assert codes(tmp_path / "x.zip") <= {"unreadable", "missing-file"}


def test_an_artifact_that_was_pruned_is_named(market, done, tmp_path):
    market.objects.delete(done.outputs["out"].sha256)
    verdict = verify(export(market, done, tmp_path / "run.zip"))
    assert (verdict.ok, verdict.missing) == (True, (done.outputs["out"].sha256,))
    assert verdict.unrecorded == ("j",)


def again(market, file):
    known, plan, given = replay.prepare(file, market.catalogue, market.objects)
    return replay.compare(known, follow(market.runner.start(plan, known.inputs, given=given)))


def test_another_server_runs_it_again_and_finds_the_same(file, tmp_path):
    elsewhere = Market(tmp_path / "elsewhere", services=shelf.SERVICES)
    shelf.calls.clear()
    comparison = again(elsewhere, file)
    assert (comparison.same, comparison.compared) == (True, 4)
    assert shelf.calls["shout"] == 2, "nothing was taken from a cache"


def test_what_differs_is_said(file, market, tmp_path):
    done = run(
        market,
        pipeline(
            [{"id": "f", "service": "flaky", "params": {"failures": 0}, "inputs": {"text": "inputs.text"}}],
            out="f.output",
        ),
        text="x",
    )
    fresh = export(market, done, tmp_path / "flaky.zip")
    known, plan, given = replay.prepare(fresh, market.catalogue, market.objects)
    other = follow(market.runner.start(plan, {"text": market.objects.put(b"y", "text/plain")}, given=given))
    (difference,) = replay.compare(known, other).differences
    assert (difference.step, difference.port) == ("f", "output")
    assert "text/plain" in difference.was and difference.was != difference.now


def test_where_a_service_is_another_one_nothing_is_run(file, tmp_path):
    @service("shout", version="2.0", licence="Apache-2.0")
    def shout(text: str, *, times: int = 1) -> str:
        """Say it."""
        return text * times

    others = [s for s in shelf.SERVICES if s.slug not in ("shout", "join")]
    elsewhere = Market(tmp_path / "elsewhere", services=[*others, shout])
    with pytest.raises(Problems) as found:
        again(elsewhere, file)
    assert sorted({(p.code, p.step) for p in found.value.problems}) == [
        ("service-changed", "k"), ("service-changed", "m"), ("unknown-service", "j"),
    ]  # fmt: skip


def test_what_was_edited_by_hand_is_taken_over(market, done, tmp_path):
    words = tuple(market.objects.put(word, "text/plain") for word in (b"very", b"glad"))
    plan, given = anew.edit(market.ledger.load(done.id), {"s.words": words}, market.catalogue)
    edited = follow(market.runner.start(plan, done.inputs, given=given))
    file = export(market, edited, tmp_path / "edited.zip")
    assert verify(file).problems == ()
    elsewhere = Market(tmp_path / "elsewhere", services=shelf.SERVICES)
    assert again(elsewhere, file).same
