"""What is told of the work while it goes on: logs, traces and metrics."""

from halles.telemetry.context import about

__all__ = ["about"]
