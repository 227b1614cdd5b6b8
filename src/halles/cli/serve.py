"""`halles serve`: the marketplace as a server."""

import asyncio
import os
import sys
from ipaddress import ip_address

from halles import __version__
from halles.api.app import create_app
from halles.api.guard import require_login
from halles.api.server import bind, serve
from halles.api.settings import Settings
from halles.main import Market
from halles.model import Problem, Problems
from halles.sdk.values import sweep
from halles.telemetry import logs, traces


def run(settings: Settings) -> None:
    """Serve until a signal comes. Raises `Problems` or `CallFailed` for what is in the way."""
    logs.configure(settings.log_format, settings.log_level)
    traces.configure()
    market = Market()
    market.ledger  # noqa: B018 - a database that is not there is said before anything listens,
    market.models  # noqa: B018 - and a wrong setting of models.
    app = create_app(market, settings)
    require_login(market, settings)
    listener = bind(settings.host, settings.port)
    host, port = listener.getsockname()[:2]
    if not settings.login_required and not ip_address(host).is_loopback:
        message = f"`{settings.host}` is {host} here, which others can reach, and there is no login. "
        message += "Listen on 127.0.0.1, or set HALLES_LOGIN=required."
        raise Problems([Problem(code="login-needed", message=message)])
    place = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    market.address = settings.public_url or place

    def started() -> None:
        print(f"Halles {__version__} listens on {place} (its API: {place}/docs). Ctrl-C stops it.", flush=True)

    asyncio.run(serve(app, listener, settings, started))
    traces.end()
    sweep()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # A model may still compute in a thread, for a run that another worker goes on with.
