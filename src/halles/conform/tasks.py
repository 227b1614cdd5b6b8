"""Judges what a service does with tasks that can be done."""

import re
import threading
import time
import uuid

from halles.conform.engine import CUT, Heard
from halles.conform.exam import Exam, Generation, accepted, send, suffix, taken
from halles.csia.messages import TaskState
from halles.model import media_type

KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\w+", re.IGNORECASE)
STATES = {state.value for state in TaskState}
DEAF = (CUT, 500, 503)
"""What a callback meets before it is heard."""


def judge(exam: Exam, generation: Generation) -> bool:
    """Send a task with valid inputs and judge how it goes. Gives whether the generation is taken at all."""
    name, report = generation.name, exam.report
    inputs, task = exam.inputs(), str(uuid.uuid4())
    if inputs is None:
        reason = "the inputs are not known: give --input FIELD=@FILE for each, in order"
        _skip(exam, [f"{name}.{each}" for each in ("accepted", "finished", "outputs", "keys")], reason)
        return False
    exam.engine.answers[f"callback {task}"].extend(DEAF)
    keys = [generation.put(content, extension) for content, extension in inputs]
    _, answer, said = send(exam, generation.place(), keys, task)
    report.judge(f"{name}.accepted", accepted(answer), said)
    if not taken(answer):
        _skip(exam, [f"{name}.{each}" for each in ("finished", "outputs", "keys", "missing")], "the task was not taken")
        return False
    outcome = _watched(exam, task)
    _retried(exam, task)
    if _finished(exam, generation, outcome) and outcome is not None:
        _state(exam, task)
        _outputs(exam, generation, outcome.body["data_out"])
    return True


def well_formed(exam: Exam, outcome: Heard) -> bool:
    """Judge the form of a callback."""
    said = outcome.body
    fine = isinstance(said, dict) and said.get("status") in ("finished", "error")
    fine = fine and isinstance(said.get("data_out"), list) and all(isinstance(key, str) for key in said["data_out"])
    message = said.get("error_message") if isinstance(said, dict) else None
    if fine and said["status"] == "error":
        fine = said["data_out"] == [] and isinstance(message, str) and bool(message)
    fine = fine and (message is None or isinstance(message, str))
    return exam.report.judge("callback.body", fine, f"PATCH {outcome.path}: {said}")


def _watched(exam: Exam, task: str) -> Heard | None:
    """The outcome of a task: the callback that was accepted, else the first that came.

    While it is worked on, the service is asked whether it still answers.
    """
    took: list[tuple[float, str]] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.2):
            start = time.monotonic()
            answer, said = exam.ask("GET", "/status")
            took.append((time.monotonic() - start if answer is not None else float("inf"), said))

    asker = threading.Thread(target=ask, daemon=True)
    asker.start()
    exam.engine.wait(lambda: exam.callbacks(task), exam.patience.task)
    heard = exam.callbacks(task)
    outcome = exam.outcome(task, exam.patience.retried) or (heard[0] if heard else None)
    over.set()
    asker.join(2 * exam.patience.answer)
    slowest, said = max(took, default=(0.0, "it was done at once"))
    evidence = f"the slowest of {len(took)} answers while it worked took {slowest:.2f} s: {said}"
    exam.report.judge("task.prompt", slowest <= exam.patience.answer, evidence)
    return outcome


def _retried(exam: Exam, task: str) -> None:
    heard = exam.callbacks(task)
    tries = ", ".join("cut off" if each.answer == CUT else str(each.answer) for each in heard) or "none came"
    ended = any(each.answer == 200 for each in heard)
    if not heard:
        exam.report.skip("callback.retried", "no callback came at all")
        return
    exam.report.judge("callback.retried", ended, f"callbacks were answered: {tries}")
    if ended:
        time.sleep(exam.patience.quiet)
        count = sum(each.answer == 200 for each in exam.callbacks(task))
        evidence = f"{count} accepted, in {exam.patience.quiet:g} s after the first"
        exam.report.judge("callback.once", count == 1, evidence)


def _finished(exam: Exam, generation: Generation, outcome: Heard | None) -> bool:
    """Judge whether the task was done. A service may refuse what the kit made up."""
    clause = f"{generation.name}.finished"
    rest = [f"{generation.name}.outputs", f"{generation.name}.keys"]
    if outcome is None:
        exam.report.judge(clause, False, f"no callback that could be accepted in {exam.patience.task:g} s")
        _skip(exam, rest, "the task did not end")
        return False
    if not well_formed(exam, outcome):
        _skip(exam, [clause, *rest], "the callback is not well formed")
        return False
    if outcome.body["status"] == "finished":
        return exam.report.judge(clause, True, f"callback: {outcome.body}")
    refusal = f"`{outcome.body.get('error_message')}`"
    if exam.given:
        exam.report.judge(clause, False, refusal)
    else:
        exam.report.skip(clause, f"the service refused the kit's sample: {refusal}. Give --input FIELD=@FILE")
    _skip(exam, rest, "the task did not finish")
    return False


def _state(exam: Exam, task: str) -> None:
    """The state may follow the callback by a moment."""
    for _ in range(20):
        state = exam.state(task)
        if state == TaskState.finished.value or state not in STATES:
            break
        time.sleep(0.1)
    exam.report.judge("task.state", state == TaskState.finished.value, f"GET /tasks/{task}/status: `{state}`")


def _outputs(exam: Exam, generation: Generation, keys: list[str]) -> None:
    fields = exam.fields("data_out_fields")
    sizes = {key: generation.size(key) for key in keys}
    stored = all(size is not None for size in sizes.values())
    if exam.announcement is None:
        reason = "the service did not announce its outputs here"
        _skip(exam, [f"{generation.name}.outputs", f"{generation.name}.keys"], reason)
        return
    evidence = f"{len(keys)} keys for {len(fields)} fields; bytes: {sizes}"
    exam.report.judge(f"{generation.name}.outputs", stored and len(keys) == len(fields), evidence)
    strange = [key for key, field in zip(keys, fields, strict=False) if media_type(key) not in field.types]
    flat = generation.name == "g2" or all(KEY.fullmatch(key) for key in keys)  # In generation 2 the engine makes keys.
    wanted = "; ".join(f"{field.name}: {' or '.join(field.types)}" for field in fields)
    evidence = f"{[suffix(key) for key in keys]} for {wanted}" if strange or flat else f"keys: {keys}"
    exam.report.judge(f"{generation.name}.keys", flat and not strange, evidence)


def _skip(exam: Exam, clauses: list[str], reason: str) -> None:
    for clause in clauses:
        exam.report.skip(clause, reason)
