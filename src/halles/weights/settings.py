"""The settings of the weights room, read from the environment each time so that they can change while running."""

import os
import re
from pathlib import Path

import platformdirs


def root() -> Path:
    """The directory that holds all weights: HALLES_WEIGHTS, or the user's cache."""
    return Path(os.environ.get("HALLES_WEIGHTS") or platformdirs.user_cache_path("halles") / "weights").expanduser()


def local_folders() -> list[Path]:
    """Directories searched before any network: HALLES_WEIGHTS_SOURCES."""
    return [Path(p).expanduser() for p in os.environ.get("HALLES_WEIGHTS_SOURCES", "").split(os.pathsep) if p]


def offline() -> bool:
    """Whether HALLES_OFFLINE forbids the network."""
    return os.environ.get("HALLES_OFFLINE", "").lower() not in {"", "0", "false", "no"}


def index_url() -> str:
    """The Python package index, as pip and uv would find it."""
    names = ("HALLES_INDEX_URL", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
    url = _first(names, "https://pypi.org/simple")
    return re.sub(r"^[\w.-]+=(?=https?://)", "", url)  # uv allows a name before it: corporate=https://…


def npm_url() -> str:
    """The npm registry."""
    return _first(("HALLES_NPM_URL", "npm_config_registry"), "https://registry.npmjs.org")


def hub_url() -> str:
    """The model hub."""
    return _first(("HF_ENDPOINT",), "https://huggingface.co")


def _first(names: tuple[str, ...], default: str) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), default).rstrip("/")
