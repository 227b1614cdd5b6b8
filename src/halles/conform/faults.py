"""Judges what a service does with tasks that cannot be done, and whether it works after them."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from halles.conform.exam import Exam, Field, Generation, send, taken
from halles.conform.samples import content
from halles.conform.tasks import well_formed
from halles.csia.media import TYPES
from halles.model import extension

CLAUSES = ("g1.missing", "g2.missing", "fault.no-extension", "fault.wrong-type", "fault.count", "fault.survives")
WORDS = ("extension", "type", "suffix", "format")
"""An error that says what was wrong with a key has one of these."""


@dataclass(frozen=True)
class Fault:
    """A task that cannot be done."""

    clause: str
    generation: Generation
    keys: list[str]
    says: tuple[str, ...] = ()
    """Words of which its error has one."""
    refusable: bool = True
    """Whether it may be refused at once."""


def judge(exam: Exam, generations: list[Generation]) -> bool:
    """Judge the faults: of values in each generation, of keys in the last. Gives whether the service still works."""
    inputs = exam.inputs()
    if not inputs:
        for clause in CLAUSES:
            exam.report.skip(clause, "the inputs are not known, or there are none")
        return False
    last = "none"
    for fault in _faults(exam, generations, inputs):
        last = fault.clause
        if not _called_back(exam, fault):
            break
    task, answer, said = send(exam, generations[-1].place(), _missing(inputs))
    works = taken(answer) and exam.outcome(task, exam.patience.fault) is not None
    for clause in CLAUSES[:-1]:
        exam.report.skip(clause, f"the service did not call back after the fault of `{last}`")
    return exam.report.judge("fault.survives", works, f"after `{last}`: {said}, {'' if works else 'not '}called back")


def _faults(exam: Exam, generations: list[Generation], inputs: list[tuple[bytes, str]]) -> Iterator[Fault]:
    for generation in generations:
        yield Fault(f"{generation.name}.missing", generation, _missing(inputs), refusable=False)
    last = generations[-1]
    keys = [last.put(made, ending) for made, ending in inputs]
    yield Fault("fault.no-extension", last, [last.put(inputs[0][0], ""), *keys[1:]], WORDS)
    fields = exam.fields("data_in_fields")
    others = [(number, field, _other(field)) for number, field in enumerate(fields) if _other(field)]
    if others:
        number, field, other = others[0]
        wrong = last.put(content(other), extension(other))
        said = (*WORDS, other, *field.types)
        yield Fault("fault.wrong-type", last, [*keys[:number], wrong, *keys[number + 1 :]], said)
    else:
        exam.report.skip("fault.wrong-type", "the inputs take all types, or were not announced here")
    yield Fault("fault.count", last, [])


def _missing(inputs: list[tuple[bytes, str]]) -> list[str]:
    return [f"{uuid.uuid4()}{ending}" for _, ending in inputs]


def _other(field: Field) -> str:
    """A type that a field does not take, or none."""
    return next((media_type for media_type in reversed(TYPES) if media_type not in field.types), "")


def _called_back(exam: Exam, fault: Fault) -> bool:
    """Send the task, and judge how it ends. False when nothing is heard of it."""
    task, answer, said = send(exam, fault.generation.place(), fault.keys)
    if not taken(answer):
        refused = fault.refusable and answer is not None and 400 <= answer.status_code < 500
        exam.report.judge(fault.clause, refused and _says(fault, said), said)
        return True
    outcome = exam.outcome(task, exam.patience.fault)
    if outcome is None:
        evidence = f"no callback in {exam.patience.fault:g} s; the task is `{exam.state(task)}`"
        return exam.report.judge(fault.clause, False, evidence)
    if well_formed(exam, outcome):
        clear = outcome.body["status"] == "error" and _says(fault, outcome.body["error_message"])
        exam.report.judge(fault.clause, clear, f"callback: {outcome.body}")
    else:
        exam.report.skip(fault.clause, "the callback is not well formed")
    return True


def _says(fault: Fault, message: str) -> bool:
    return not fault.says or any(word in message.lower() for word in fault.says)
