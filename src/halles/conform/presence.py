"""Judges how a service makes itself known, and stays known."""

from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from halles.conform.clauses import CLAUSES
from halles.conform.engine import Heard
from halles.conform.exam import Exam, is_field
from halles.csia.media import TYPES
from halles.csia.tags import ACRONYMS

SPARE = 1.15
"""How much later than every 20 s a sign of life may come: machines are busy."""


SCRIPT = {"announce": (503, 409), "ping": (404,)}
"""What the engine answers first: a fault, then that the slug is known, and later that it is forgotten."""


def first(exam: Exam) -> bool:
    """Wait for the announcement and judge it. False when none comes."""
    heard = exam.engine.wait(lambda: exam.engine.heard["announce"], exam.patience.announced)
    seconds = f"{exam.patience.announced:g} s"
    if not exam.report.judge(
        "announce.sent", bool(heard), f"{len(heard)} announcements at {exam.engine.url} in {seconds}"
    ):
        return False
    body = heard[0].body
    wrong = _wrong(body)
    exam.report.judge("announce.fields", not wrong, wrong or "all there, of the right types")
    if not isinstance(body, dict):
        return False
    exam.announcement = body
    exam.report.judge(
        "announce.reachable", heard[0].reachable, f"GET {body.get('url')}/status at the first announcement"
    )
    docs = body.get("docs_url")
    exam.report.judge("announce.docs-url", _is_url(docs), f"docs_url is {docs!r}")
    fields = exam.fields("data_in_fields") + exam.fields("data_out_fields")
    strange = sorted({kind for each in fields for kind in each.types if kind not in TYPES})
    exam.report.judge("announce.types", not strange, f"unknown: {strange}" if strange else "all known")
    tags = [(tag.get("name"), tag.get("acronym")) for tag in body.get("tags") or () if isinstance(tag, dict)]
    bad = [tag for tag in tags if ACRONYMS.get(str(tag[0])) != tag[1]]
    exam.report.judge("announce.tags", not bad, f"unknown: {bad}" if bad else f"{len(tags)} tags, all known")
    return True


def later(exam: Exam, *, slow: bool) -> None:
    """Judge what takes time: again after a fault, known by 409, pings, again when forgotten."""
    engine, patience = exam.engine, exam.patience
    heard = engine.heard["announce"]
    engine.wait(lambda: len(heard) >= 2, patience.retried)
    again = len(heard) >= 2
    evidence = (
        f"the second came {heard[1].at - heard[0].at:.1f} s after the first"
        if again
        else f"none in {patience.retried:g} s"
    )
    exam.report.judge("announce.again", again, evidence)
    if not again:
        for clause in ("announce.known", "announce.ping", "announce.forgotten", "announce.steady"):
            exam.report.skip(clause, "the service never announced itself again after a 503")
        return
    _known(exam, heard[1])
    _pings(exam, heard[1])
    if not slow:
        exam.report.skip("announce.steady", "takes a minute: judged with --slow")
    elif _forgotten(exam):
        _steady(exam)
    if not slow:
        _forgotten(exam)


def unjudged(exam: Exam) -> None:
    """Say why nothing is known of the announcement."""
    reason = "the service announces itself elsewhere: give --engine-port, or --command"
    for clause in CLAUSES:
        if clause.startswith("announce."):
            exam.report.skip(clause, reason)


def _known(exam: Exam, refused: Heard) -> None:
    slug = str((exam.announcement or {}).get("slug"))
    updates = exam.engine.heard["update"]
    done = exam.engine.wait(lambda: [each for each in updates if _describes(each.body, slug)], exam.patience.retried)
    looked = [each for each in exam.engine.heard["look"] if each.at >= refused.at]
    evidence = f"after 409: {len(looked)} × GET /services/slug/{slug}, {len(done)} × PATCH with the announcement"
    exam.report.judge("announce.known", bool(done) and bool(looked), evidence)


def _describes(body: Any, slug: str) -> bool:
    return isinstance(body, dict) and body.get("slug") == slug and "data_in_fields" in body


def _pings(exam: Exam, since: Heard) -> None:
    """The first sign of life, counted from when the engine last took something."""
    engine, limit = exam.engine, exam.patience.heartbeat * SPARE
    taken = max([since.at, *(each.at for each in engine.heard["update"])])
    pings = engine.heard["ping"]
    engine.wait(lambda: pings, limit + exam.patience.answer)
    late = pings[0].at - taken if pings else None
    evidence = f"after {late:.1f} s" if late is not None else f"none in {limit:.0f} s"
    exam.report.judge("announce.ping", late is not None and late <= limit, evidence)


def _forgotten(exam: Exam) -> bool:
    pings, announced = exam.engine.heard["ping"], exam.engine.heard["announce"]
    lost = next((each for each in pings if each.answer == 404), None)
    if lost is None:
        exam.report.skip("announce.forgotten", "the service sent no ping that could be answered 404")
        return False
    found = exam.engine.wait(lambda: [each for each in announced if each.at > lost.at], exam.patience.retried)
    evidence = f"announced {found[0].at - lost.at:.1f} s after the 404" if found else "it was not announced again"
    return exam.report.judge("announce.forgotten", bool(found), evidence)


def _steady(exam: Exam) -> None:
    pings, limit = exam.engine.heard["ping"], exam.patience.heartbeat * SPARE
    start = len(pings)
    exam.engine.wait(lambda: len(pings) >= start + 3, 3 * limit + exam.patience.answer)
    times = [each.at for each in pings[start:]]
    gaps = [after - before for before, after in pairwise(times)]
    evidence = f"pauses of {', '.join(f'{gap:.1f}' for gap in gaps) or 'no'} s"
    exam.report.judge("announce.steady", len(gaps) >= 2 and max(gaps) <= limit, evidence)


def _wrong(body: Any) -> str:
    """What is missing in an announcement, or not of its type."""
    if not isinstance(body, dict):
        return f"the body is {body!r}"
    found = [name for name in ("name", "slug", "summary") if not (isinstance(body.get(name), str) and body[name])]
    found += ["url"] if not _is_url(body.get("url")) else []
    for which in ("data_in_fields", "data_out_fields"):
        fields = body.get(which)
        if not isinstance(fields, list) or not all(is_field(each) for each in fields):
            found.append(which)
    return f"missing or wrong: {', '.join(found)}" if found else ""


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).hostname)
