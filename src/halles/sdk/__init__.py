"""What a service author imports."""

from halles.sdk.context import Cancelled, Context, InputRefused
from halles.sdk.ports import Port
from halles.sdk.service import Service, run_service, service
from halles.sdk.trained import Release, Trained
from halles.sdk.values import Audio, File, Image

__all__ = [
    "Audio",
    "Cancelled",
    "Context",
    "File",
    "Image",
    "InputRefused",
    "Port",
    "Release",
    "Service",
    "Trained",
    "run_service",
    "service",
]
