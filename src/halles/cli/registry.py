"""Trained models, from the command line."""

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from halles.main import Market
from halles.model import LOCAL, AliasChange, Figures, Finding, GateReport, Origin, Problem, Problems
from halles.registry.evaluation import figures
from halles.registry.models import number_of
from halles.registry.store import BASELINE, CARD, METRICS, MODEL, PARAMS, PREDICTIONS
from halles.sdk.trained import BUILT_IN


def show_all(*, as_json: bool) -> None:
    """All models, a line each."""
    market = Market()
    rows = []
    for name in market.models.names():
        standing, versions = market.models.standing(name), market.models.registry.versions(name)
        rows.append({"model": name, **standing.model_dump(), "versions": len(versions)})
    if as_json:
        return _print(rows)
    lines = [[r["model"], _named(r["production"]), _named(r["candidate"], "–"), str(r["versions"])] for r in rows]
    _table(("model", "production", "candidate", "versions"), lines)


def parted(market: Market, name: str) -> tuple[str, str]:
    """The model that `music-style@3` names, and the version, which may be empty. Raises `Problems`."""
    model, _, version = name.partition("@")
    return market.models.known(model), version


def show(name: str, *, as_json: bool) -> None:
    """A model, or a version of it."""
    market = Market()
    model, version = parted(market, name)
    if version:
        _show_version(market, model, version, as_json=as_json)
    else:
        _show_model(market, model, as_json=as_json)


def _show_model(market: Market, model: str, *, as_json: bool) -> None:
    """Versions and history."""
    registry, standing = market.models.registry, market.models.standing(model)
    versions, changes = registry.versions(model), registry.changes(model)
    if as_json:
        return _print({
            "model": model, "standing": standing.model_dump(),
            "versions": [each.model_dump(mode="json") for each in versions],
            "history": [each.model_dump(mode="json", exclude={"token"}) for each in changes],
        })  # fmt: skip
    marks = {standing.candidate: "candidate"} if standing.candidate else {}
    marks[standing.production] = "production"
    lines = [
        [
            each.name, marks.get(each.number, ""), _time(each.created), *_figures(each.figures),
            f"{each.files[MODEL].size / 1e6:.1f} MB", each.note,
        ]
        for each in reversed(versions)
    ]  # fmt: skip
    if own := next((user.trained for user in market.models.users() if user.model == model), None):
        known = market.models.own(model)
        measured = _figures(figures(known)) if known else [""] * 4
        size = f"{own.file.stat().st_size / 1e6:.1f} MB"
        lines.append([f"{model}@{BUILT_IN}", marks.get(0, ""), "", *measured, size, "came with the service"])
    _table(("version", "alias", "made", "accuracy", "macro-F1", "ECE", "clips", "size", "note"), lines)
    if changes:
        print("\nHistory")
        _table((), [_told(each) for each in reversed(changes)])


def _show_version(market: Market, model: str, version: str, *, as_json: bool) -> None:
    """Figures, origin, card."""
    found = market.models.registry.version(model, number_of(model, version, market.models.standing(model)))
    if as_json:
        return _print(found.model_dump(mode="json"))
    measured = found.figures
    print(f"{found.name}, made {_time(found.created)} by {found.author}{f': {found.note}' if found.note else ''}")
    print(f"Identity {found.identity}")
    for name, value in found.origin.model_dump().items():
        print(f"{name.capitalize():<8} {value or 'not known'}")
    print(f"On {measured.clips} clips: accuracy {measured.accuracy:.1%}, macro-F1 {measured.macro_f1:.3f}, ", end="")
    print(f"ECE {measured.ece:.3f}")
    _table(("class", "recall"), [[name, f"{recall:.0%}"] for name, recall in measured.recall.items()])
    print("Files")
    _table((), [[f"  {name}", f"{file.size:>10,} bytes", file.sha256] for name, file in found.files.items()])
    if card := market.models.registry.text(found, CARD):
        print(f"\n{card.strip()}")


def push(
    model: str, file: Path, evaluation: Path, *, card: Path | None, params: Path | None, data: str, code: str,
    note: str, candidate: bool, as_json: bool,
) -> None:  # fmt: skip
    """Keep a version."""
    market = Market()
    market.models.known(model)
    predictions = evaluation / PREDICTIONS
    if not predictions.is_file():
        message = f"`{evaluation}` has no `{PREDICTIONS}`, without which no version can be compared with another one."
        raise Problems([Problem(code="no-predictions", message=message)])
    beside = {name: evaluation / name for name in (METRICS, BASELINE)}
    optional = {CARD: card, PARAMS: params, **beside}
    files = {MODEL: file, PREDICTIONS: predictions}
    files |= {name: path for name, path in optional.items() if path is not None and path.is_file()}
    made = Origin(data=_hash(data), code=_hash(code), params=_hash(str(params)) if params else "")
    pushed = market.models.push(model, files, made, who=LOCAL, note=note, candidate=candidate)
    market.audit.append(LOCAL, "halles models push", pushed.name, outcome=0, address="command line")
    if as_json:
        return _print(pushed.model_dump(mode="json"))
    measured = pushed.figures
    print(f"{pushed.name}: accuracy {measured.accuracy:.1%} on {measured.clips} clips, ECE {measured.ece:.3f}.")


def promote(model: str, version: str, reason: str, *, force: bool, as_json: bool) -> None:
    """Put a version into production."""
    market = Market()
    market.models.known(model)
    standing = market.models.standing(model)
    number = None if version == "candidate" else number_of(model, version, standing)
    try:
        change = market.models.promote(model, number, who=LOCAL, why=reason, force=force)
    except Problems as problems:
        code = problems.problems[0].code
        market.audit.append(LOCAL, "halles models promote", f"{model}: {code}", outcome=3, address="command line")
        raise
    forced = " by force" if change.forced else ""
    market.audit.append(
        LOCAL, f"halles models promote{forced}", f"{model}@{change.version}", outcome=0, address="command line"
    )
    if as_json:
        return _print(change.model_dump(mode="json", exclude={"token"}))
    if change.report:
        _report(change.report)
    print(f"{model}@{change.version} is in production{forced}; {_full(model, change.before.production)} was before.")


def rollback(model: str, reason: str, *, as_json: bool) -> None:
    """Put back what was before."""
    market = Market()
    market.models.known(model)
    change = market.models.rollback(model, who=LOCAL, why=reason)
    after = _full(model, change.after.production)
    market.audit.append(LOCAL, "halles models rollback", after, outcome=0, address="command line")
    if as_json:
        return _print(change.model_dump(mode="json", exclude={"token"}))
    print(f"{after} is in production again, in the place of {_full(model, change.before.production)}.")


def diff(model: str, old: str, new: str, *, as_json: bool) -> None:
    """Compare two versions."""
    market = Market()
    market.models.known(model)
    standing = market.models.standing(model)
    found = market.models.diff(model, number_of(model, old, standing), number_of(model, new, standing))
    if as_json:
        return _print(found.model_dump(mode="json"))
    rows = {**found.figures, **{f"recall of {name}": pair for name, pair in found.recall.items()}}
    lines = [
        [name.replace("_", "-"), f"{pair.old:.4g}", f"{pair.new:.4g}", f"{pair.new - pair.old:+.4g}"]
        for name, pair in rows.items()
    ]
    _table(("", found.old.name, found.new.name, "change"), lines)
    print(f"Other {', '.join(found.changed)}." if found.changed else "The same data, code and parameters.")
    _report(found.report)


def _report(report: GateReport) -> None:
    for each in report.findings:
        print(f"{_mark(each)} {each.message}", file=sys.stderr)


def _mark(finding: Finding) -> str:
    return "✓" if finding.passed else "✗"


def _told(change: AliasChange) -> list[str]:
    verb = {"push": "candidate", "promote": "promoted", "rollback": "rolled back"}[change.action]
    way = f"{_named(change.before.production)} → {_named(change.after.production)}"
    way = str(change.version) if change.action == "push" else way
    return [_time(change.at), change.who, verb + (" by force" if change.forced else ""), way, change.why]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [list(head), *map(list, rows)] if head else list(map(list, rows))
    widths = [max(len(line[column]) for line in lines if column < len(line)) for column in range(max(map(len, lines)))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=False)).rstrip())


def _hash(said: str) -> str:
    path = Path(said)
    return hashlib.sha256(path.read_bytes()).hexdigest() if said and path.is_file() else said


def _named(number: int, none: str = BUILT_IN) -> str:
    return str(number) if number else none


def _full(model: str, number: int) -> str:
    return f"{model}@{_named(number)}"


def _figures(found: Figures) -> list[str]:
    return [f"{found.accuracy:.1%}", f"{found.macro_f1:.3f}", f"{found.ece:.3f}", str(found.clips)]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def _print(content: Any) -> None:
    print(json.dumps(content, indent=2, ensure_ascii=False))
