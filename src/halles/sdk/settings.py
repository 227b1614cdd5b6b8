"""Settings of the environment, read each time so that they can change while running."""

import os

from halles.model import Problem, Problems


def number(name: str, default: float) -> float:
    """A positive number, `inf` for no limit. Raises `Problems` when it is something else."""
    text = os.environ.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:  # NaN is not.
        message = f"The environment variable {name} is `{text}`; it must be a number above 0, such as {default:g}."
        raise Problems([Problem(code="bad-setting", message=message)])
    return value
