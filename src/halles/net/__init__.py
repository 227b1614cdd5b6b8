"""Outgoing HTTP to addresses that others named: services, callbacks, inputs."""

from halles.net.addresses import Guard
from halles.net.background import Background
from halles.net.outgoing import Answer, Outgoing, Transport

__all__ = ["Answer", "Background", "Guard", "Outgoing", "Transport"]
