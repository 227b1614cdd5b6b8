"""One service alone, behind the contract of the Swiss AI Center."""

import importlib
import os
import sys
from typing import Any

from halles.cli.running import overrides
from halles.main import Market
from halles.model import Problem, Problems
from halles.sdk import Service
from halles.sdk.values import sweep
from halles.serving.served import Served
from halles.serving.server import listen, serve
from halles.serving.settings import Settings, environment, log_level
from halles.serving.stand import Stand
from halles.stores.shelf import Services
from halles.telemetry import logs, traces

ANY = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
"""Where a service that listens everywhere is reached on its own machine."""


def run(name: str, host: str, port: int, settings: list[str]) -> None:
    """Serve until a signal comes."""
    level = log_level()
    services = Market().services
    service = load(name, services)
    followed = services.followed(service.slug) if service.slug == name else None
    served = Served(service, params(service, settings), followed.drawn if followed else None)
    listener = listen(host, port)
    place = ANY.get(host, f"[{host}]" if ":" in host else host)
    url = f"http://{place}:{listener.getsockname()[1]}"
    version = (lambda: followed.now().release_name) if followed else str
    stand = Stand(served, Settings.read(url), version)
    logs.configure("json" if environment() == "production" else "text", level)
    traces.configure()
    print(f"{service.slug} listens at {url}", flush=True)
    serve(stand, listener)
    traces.end()
    sweep()
    sys.stdout.flush()
    os._exit(0)  # A model may still compute in a thread, and its result is not wanted.


def load(name: str, services: Services) -> Service:
    """A service on the shelf by its slug, or any other by `package.module:name`. Raises `Problems`."""
    module, colon, attribute = name.partition(":")
    if not colon:
        return services.load(name)
    sys.path.insert(0, "")  # The author works in this folder.
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except Exception as error:
        message = f"`{module}` cannot be imported: {type(error).__name__}: {error}."
        raise Problems([Problem(code="not-importable", message=message)]) from error
    if not isinstance(found, Service):
        message = f"`{name}` is no service. Name a function or class that has the decorator `@service`."
        raise Problems([Problem(code="not-a-service", message=message)])
    return found


def params(service: Service, texts: list[str]) -> dict[str, Any]:
    """Parameters from texts such as `count=5`. Raises `Problems`."""
    for text in texts:
        if not text.partition("=")[0] or "=" not in text:
            message = f"`--set {text}` is not understood. It looks like `--set PARAM=VALUE`."
            raise Problems([Problem(code="bad-setting", message=message)])
    known = service.spec.params.get("properties", {})
    kinds = {f"service.{param}": str(schema.get("type", "")) for param, schema in known.items()}
    return overrides([f"service.{text}" for text in texts], lambda path: kinds.get(path, "")).get("service", {})
