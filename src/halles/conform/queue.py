"""Judges the queue of a service: inputs are held back, so that tasks wait without being computed."""

import time

import httpx

from halles.conform.exam import Exam, Generation, accepted, send
from halles.csia.messages import TaskState

CLAUSES = ("queue.full", "queue.duplicate", "queue.drains")


def judge(exam: Exam, generation: Generation) -> None:
    """Fill the queue, then let everything in it end."""
    inputs = exam.inputs()
    if not inputs:
        for clause in CLAUSES:
            exam.report.skip(clause, "the inputs are not known, or there are none")
        return
    place = generation.place(stalled=True)
    keys = [exam.engine.stalled_key(ending) for _, ending in inputs]
    tasks, refusal, said, slowest = _fill(exam, place, keys)
    evidence = f"after {len(tasks)} tasks: {said}"
    exam.report.judge("queue.full", refusal is not None and _is_full(refusal), evidence)
    exam.report.judge("task.prompt", slowest <= exam.patience.answer, f"the slowest POST /compute took {slowest:.2f} s")
    if not tasks:
        exam.report.skip("queue.duplicate", "no task was accepted")
        exam.report.skip("queue.drains", "no task was accepted")
        return
    _, again, twice = send(exam, place, keys, tasks[0])
    exam.engine.release()
    _drained(exam, generation, keys, tasks)
    count = len(exam.callbacks(tasks[0]))
    fine = again is not None and (accepted(again) or again.status_code in (409, 503)) and count in (1, 2)
    exam.report.judge("queue.duplicate", fine, f"the second time: {twice}; then {count} callbacks")


def _fill(exam: Exam, place: dict[str, str], keys: list[str]) -> tuple[list[str], httpx.Response | None, str, float]:
    """Send tasks until one is refused: those accepted, the refusal and its words, the longest answer in seconds."""
    tasks: list[str] = []
    slowest = 0.0
    said = f"no task was refused of {exam.patience.flood}"
    for _ in range(exam.patience.flood):
        start = time.monotonic()
        task, answer, words = send(exam, place, keys)
        slowest = max(slowest, time.monotonic() - start if answer is not None else float("inf"))
        if not accepted(answer):
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
    ended = exam.outcome(more, exam.patience.fault) if accepted(answer) else None
    states = {exam.state(task) or TaskState.unavailable.value for task in left[:3]}
    evidence = f"{len(tasks) - len(left)} of {len(tasks)} called back {states or ''}; then {said}"
    exam.report.judge("queue.drains", not left and ended is not None, evidence)
