"""`halles conform`: the clauses of the contract, one after the other."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import typer

from halles.cli.guard import FAILED
from halles.conform.kit import Kit
from halles.conform.report import Finding, Verdict
from halles.model import Problem, Problems

SIGNS = {Verdict.passed: "✓", Verdict.failed: "✗", Verdict.unjudged: "–"}


def run(kit: Kit, *, as_json: bool) -> None:
    """Examine and report. Raises `Problems` for what is in the way; exits with 1 when a clause failed."""
    parts = urlsplit(kit.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"`{kit.url}` is not the URL of a service. One is `http://127.0.0.1:9000`."
        raise Problems([Problem(code="bad-url", message=message)])
    findings = kit.run()
    if as_json:
        print(json.dumps([finding.model_dump(mode="json") for finding in findings], indent=2, ensure_ascii=False))
    else:
        _show(findings)
    if any(finding.verdict is Verdict.failed for finding in findings):
        raise typer.Exit(FAILED)


def given(texts: list[str]) -> dict[str, tuple[bytes, str]]:
    """Inputs from texts such as `song=@demo.mp3`, with the extensions of the files. Raises `Problems`."""
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        file = Path(value[1:]).expanduser()
        if not name or not sign or not value.startswith("@") or not file.is_file() or not file.suffix:
            message = f"`--input {text}` is not understood. It looks like `--input song=@demo.mp3`."
            raise Problems([Problem(code="bad-input", message=message)])
        found[name] = file.read_bytes(), file.suffix
    return found


def _show(findings: list[Finding]) -> None:
    for finding in findings:
        print(f"{SIGNS[finding.verdict]} {finding.id:<20} {finding.clause}")
        if finding.verdict is not Verdict.passed:
            print(f"{'':<22} {finding.verdict.value}: {finding.evidence}")
    count = {verdict: sum(finding.verdict is verdict for finding in findings) for verdict in Verdict}
    print(", ".join(f"{number} {verdict.value}" for verdict, number in count.items()) + ".")
