"""The verbs: read, check, plan, execute."""

from halles.engine.check import check
from halles.engine.contracts import Cache, Caller, Catalogue, Reader, Report
from halles.engine.execute import Outside, execute
from halles.engine.plan import plan
from halles.engine.read import parse, read

__all__ = ["Cache", "Caller", "Catalogue", "Outside", "Reader", "Report", "check", "execute", "parse", "plan", "read"]
