"""Judges the routes that need no task."""

import uuid

import httpx

from halles.conform.exam import Exam

ELSEWHERE = "http://elsewhere.example"


def judge(exam: Exam) -> bool:
    """Judge the routes. False when the service does not answer at all."""
    status, said = exam.ask("GET", "/status")
    exam.report.judge("route.status", _is_status(status), said)
    if status is None:
        return False
    _root(exam)
    _cors(exam)
    unknown, said = exam.ask("GET", f"/tasks/{uuid.uuid4()}/status")
    exam.report.judge("route.unknown-task", unknown is not None and unknown.status_code == 404, said)
    rubbish = [exam.ask("POST", "/compute", **body) for body in ({"json": {"task": 1}}, {"content": b"\x00{"})]
    refused = all(answer is not None and 400 <= answer.status_code < 500 for answer, _ in rubbish)
    exam.report.judge("route.malformed", refused, "; ".join(said for _, said in rubbish))
    return True


def _is_status(answer: httpx.Response | None) -> bool:
    try:
        return answer is not None and answer.status_code == 200 and answer.json()["status"] == "Service is available"
    except (ValueError, KeyError, TypeError):
        return False


def _root(exam: Exam) -> None:
    root, said = exam.ask("GET", "/")
    target = root.headers.get("location", "") if root is not None and root.is_redirect else ""
    docs, then = exam.ask("GET", "/docs")
    there = docs is not None and docs.status_code == 200
    evidence = f"{said.partition(chr(10))[0][:80]} location `{target}`; {then[:40]}"
    exam.report.judge("route.root", target.rstrip("/").endswith("/docs") and there, evidence)


def _cors(exam: Exam) -> None:
    plain, _ = exam.ask("GET", "/status", headers={"Origin": ELSEWHERE})
    asked = {
        "Origin": ELSEWHERE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    before, _ = exam.ask("OPTIONS", "/compute", headers=asked)
    allowed = [
        each.headers.get("access-control-allow-origin", "") if each is not None else "" for each in (plain, before)
    ]
    fine = all(each in ("*", ELSEWHERE) for each in allowed) and before is not None and before.is_success
    evidence = f"access-control-allow-origin: GET `{allowed[0]}`, preflight `{allowed[1]}`"
    exam.report.judge("route.cors", fine, evidence)
