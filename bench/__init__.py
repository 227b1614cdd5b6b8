"""Measurements of Halles: `python -m bench` runs all, `python -m bench.engine` one; each takes `--quick`."""
