"""Halles: an AI marketplace whose services anyone assembles into pipelines."""

__version__ = "0.1.0"
