"""The verbs: read, check, plan, execute."""

from halles.engine.check import check
from halles.engine.contracts import Cache, Caller, Catalogue, Reader, Report
from halles.engine.execute import Outside, execute
from halles.engine.plan import plan
from halles.engine.read import parse, read
from halles.engine.single import CALL, single

__all__ = [
    "CALL",
    "Cache",
    "Caller",
    "Catalogue",
    "Outside",
    "Reader",
    "Report",
    "check",
    "execute",
    "parse",
    "plan",
    "read",
    "single",
]
