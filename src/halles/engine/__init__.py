"""The verbs: read, check, compare, upgrade, plan, execute."""

from halles.engine.check import check
from halles.engine.contracts import Cache, Caller, Catalogue, Reader, Report
from halles.engine.diff import Change, ChangeKind, diff
from halles.engine.execute import Outside, execute
from halles.engine.plan import plan
from halles.engine.read import parse, read
from halles.engine.single import CALL, single
from halles.engine.upgrade import StepUpgrade, Upgrade, pin, upgrade

__all__ = [
    "CALL",
    "Cache",
    "Caller",
    "Catalogue",
    "Change",
    "ChangeKind",
    "Outside",
    "Reader",
    "Report",
    "StepUpgrade",
    "Upgrade",
    "check",
    "diff",
    "execute",
    "parse",
    "pin",
    "plan",
    "read",
    "single",
    "upgrade",
]
