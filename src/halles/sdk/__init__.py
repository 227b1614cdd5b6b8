"""What a service author imports."""

from halles.model.saying import Said, Saying, Word, remembers, said_of, say
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
    "Said",
    "Saying",
    "Service",
    "Trained",
    "Word",
    "remembers",
    "run_service",
    "said_of",
    "say",
    "service",
]
