"""Judges what a service does with tasks that cannot be done."""

import uuid

from halles.conform.exam import Exam, Field, Generation, accepted, send
from halles.conform.samples import content
from halles.conform.tasks import well_formed
from halles.csia.media import TYPES
from halles.model import extension

WORDS = ("extension", "type", "suffix", "format")
"""An error that says what was wrong with a key has one of these."""


def judge(exam: Exam, generations: list[Generation]) -> None:
    """Judge the faults: of values in each generation, of keys in the last one."""
    inputs = exam.inputs()
    if not inputs:
        for clause in ("g1.missing", "g2.missing", "fault.no-extension", "fault.wrong-type", "fault.count"):
            exam.report.skip(clause, "the inputs are not known, or there are none")
        return
    for generation in generations:
        missing = [f"{uuid.uuid4()}{ending}" for _, ending in inputs]
        _must_fail(exam, f"{generation.name}.missing", generation, missing)
    last = generations[-1]
    keys = [last.put(made, ending) for made, ending in inputs]
    bare = last.put(inputs[0][0], "")
    _must_fail(exam, "fault.no-extension", last, [bare, *keys[1:]], says=WORDS, refusable=True)
    _wrong_type(exam, last, keys)
    _must_fail(exam, "fault.count", last, keys[:-1], refusable=True)


def _wrong_type(exam: Exam, generation: Generation, keys: list[str]) -> None:
    others = [_other(each) for each in exam.fields("data_in_fields")]
    number = next((number for number, media_type in enumerate(others) if media_type), None)
    if number is None:
        exam.report.skip("fault.wrong-type", "the inputs take all types, or were not announced here")
        return
    said = (*WORDS, others[number], *exam.fields("data_in_fields")[number].types)
    wrong = generation.put(content(others[number]), extension(others[number]))
    _must_fail(
        exam, "fault.wrong-type", generation, [*keys[:number], wrong, *keys[number + 1 :]], says=said, refusable=True
    )


def _other(field: Field) -> str:
    """A type that a field does not take, or none."""
    return next((media_type for media_type in reversed(TYPES) if media_type not in field.types), "")


def _must_fail(
    exam: Exam,
    clause: str,
    generation: Generation,
    keys: list[str],
    *,
    says: tuple[str, ...] = (),
    refusable: bool = False,
) -> None:
    """Send a task that cannot be done. It must end with an error; if it may, it is refused at once."""
    task, answer, said = send(exam, generation.place(), keys)
    if refusable and answer is not None and 400 <= answer.status_code < 500:
        exam.report.judge(clause, not says or any(word in said.lower() for word in says), said)
        return
    if not accepted(answer):
        exam.report.judge(clause, False, said)
        return
    outcome = exam.outcome(task, exam.patience.fault)
    if outcome is None:
        exam.report.judge(clause, False, f"no callback in {exam.patience.fault:g} s; the task is `{exam.state(task)}`")
    elif well_formed(exam, outcome):
        message = str(outcome.body.get("error_message") or "").lower()
        clear = outcome.body["status"] == "error" and (not says or any(word in message for word in says))
        exam.report.judge(clause, clear, f"callback: {outcome.body}")
    else:
        exam.report.skip(clause, "the callback is not well formed")
