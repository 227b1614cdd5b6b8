"""The command line: a door without logic."""

from halles.cli.app import app

__all__ = ["app"]
