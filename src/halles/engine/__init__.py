"""The verbs: read, check, compare, upgrade, plan, execute."""

from halles.engine.calls import Outside
from halles.engine.check import check
from halles.engine.contracts import Cache, Caller, Catalogue, Reader, Report
from halles.engine.diff import Change, ChangeKind, diff
from halles.engine.execute import execute
from halles.engine.plan import SEED, plan
from halles.engine.read import parse, read, read_data
from halles.engine.schema import inlined, schema_fault
from halles.engine.single import CALL, single
from halles.engine.upgrade import StepUpgrade, Upgrade, pin, upgrade
from halles.engine.wiring import Wire, wires
from halles.engine.write import as_yaml, plain

__all__ = [
    "CALL",
    "SEED",
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
    "Wire",
    "as_yaml",
    "check",
    "diff",
    "execute",
    "inlined",
    "parse",
    "pin",
    "plain",
    "plan",
    "read",
    "read_data",
    "schema_fault",
    "single",
    "upgrade",
    "wires",
]
