"""Judges the queue of a service: inputs are held back, so that tasks wait without being computed."""

import time

import httpx

from halles.conform.exam import Exam, Generation, send, taken
from halles.csia.messages import TaskState

CLAUSES = ("queue.full", "queue.duplicate", "queue.drains")


def judge(exam: Exam, generation: Generation) -> None:
    """Fill the queue, then let everything in it end."""
    inputs = exam.inputs() or []
    place = generation.place(stalled=True)
    keys = [exam.engine.stalled_key(ending) for _, ending in inputs]
    task, first, _ = send(exam, place, keys)
    _, again, twice = send(exam, place, keys, task)
    more, refusal, said, slowest = _fill(exam, place, keys)
    tasks = [task, *more] if taken(first) else more
    evidence = f"after {len(tasks)} tasks: {said}"
    exam.report.judge("queue.full", refusal is not None and _is_full(refusal), evidence)
    exam.report.judge("task.prompt", slowest <= exam.patience.answer, f"the slowest POST /compute took {slowest:.2f} s")
    if not tasks:
        skip(exam, "no task was accepted")
        return
    exam.engine.release()
    _drained(exam, generation, keys, tasks)
    count = len(exam.callbacks(tasks[0]))
    fine = again is not None and again.status_code in (200, 409, 503)
    exam.report.judge("queue.duplicate", fine, f"the second time: {twice}; then {count} callbacks")


def skip(exam: Exam, reason: str) -> None:
    """Say why the queue is not judged."""
    for clause in CLAUSES:
        exam.report.skip(clause, reason)


def _fill(exam: Exam, place: dict[str, str], keys: list[str]) -> tuple[list[str], httpx.Response | None, str, float]:
    """Send tasks until one is refused: those accepted, the refusal and its words, the longest answer in seconds."""
    tasks: list[str] = []
    slowest = 0.0
    said = f"no task was refused of {exam.patience.flood}"
    for _ in range(exam.patience.flood):
        start = time.monotonic()
        task, answer, words = send(exam, place, keys)
        slowest = max(slowest, time.monotonic() - start if answer is not None else float("inf"))
        if not taken(answer):
            return tasks, answer, words, slowest
        tasks.append(task)
    return tasks, None, said, slowest


def _is_full(answer: httpx.Response) -> bool:
    try:
        return answer.status_code == 503 and answer.json()["detail"] == "Queue is full"
    except (ValueError, KeyError, TypeError):
        return False


def _drained(exam: Exam, generation: Generation, keys: list[str], tasks: list[str]) -> None:
    """All that was accepted ends, with an error since its inputs are not there; then there is room again."""
    end = time.monotonic() + exam.patience.fault
    left = [task for task in tasks if exam.outcome(task, max(0.0, end - time.monotonic())) is None]
    more, answer, said = send(exam, generation.place(), keys)
    ended = exam.outcome(more, exam.patience.fault) if taken(answer) else None
    states = {exam.state(task) or TaskState.unavailable.value for task in left[:3]}
    evidence = f"{len(tasks) - len(left)} of {len(tasks)} called back {states or ''}; then {said}"
    exam.report.judge("queue.drains", not left and ended is not None, evidence)
