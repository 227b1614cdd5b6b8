"""What the kit found, clause by clause."""

from enum import StrEnum

from halles.conform.clauses import CLAUSES
from halles.model import Model


class Verdict(StrEnum):
    """How a clause stands."""

    passed = "passed"
    failed = "failed"
    unjudged = "not judged"


class Finding(Model):
    """A clause of the contract, and what was seen of it."""

    id: str
    clause: str
    verdict: Verdict
    evidence: str


class Report:
    """Findings as they come. What fails once stays failed; what nobody judged is listed with the reason."""

    def __init__(self) -> None:
        self._found: dict[str, Finding] = {}

    def judge(self, clause: str, holds: bool, evidence: str) -> bool:
        """Note whether a clause holds, and what showed it. Gives whether it does."""
        known = self._found.get(clause)
        if known is None or known.verdict is not Verdict.failed:
            self._note(clause, Verdict.passed if holds else Verdict.failed, evidence)
        return holds

    def skip(self, clause: str, reason: str) -> None:
        """Say why a clause cannot be judged, unless it was."""
        if clause not in self._found:
            self._note(clause, Verdict.unjudged, reason)

    def findings(self) -> list[Finding]:
        """All clauses, in the order of the contract."""
        for clause in CLAUSES:
            self.skip(clause, "the kit did not come that far")
        return [self._found[clause] for clause in CLAUSES]

    def _note(self, clause: str, verdict: Verdict, evidence: str) -> None:
        evidence = " ".join(evidence.split())[:400]
        self._found[clause] = Finding(id=clause, clause=CLAUSES[clause], verdict=verdict, evidence=evidence)
