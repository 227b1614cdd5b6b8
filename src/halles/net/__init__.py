"""Outgoing HTTP to addresses that others named: services, callbacks, inputs."""

from halles.net.addresses import Guard
from halles.net.outgoing import Answer, Outgoing

__all__ = ["Answer", "Guard", "Outgoing"]
