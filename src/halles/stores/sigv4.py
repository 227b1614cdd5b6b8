"""Requests signed with AWS Signature Version 4, for what the object-store client has no method for."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import httpx


@dataclass(frozen=True)
class Signer:
    """Signs requests with one identity's key, for one region."""

    access_key_id: str
    secret_access_key: str
    region: str

    def send(
        self, method: str, url: str, content: bytes = b"", *, service: str = "s3", media_type: str = ""
    ) -> httpx.Response:
        """Send a signed request and give the answer, whatever its status. Raises `httpx.HTTPError`."""
        headers = self._headers(method, url, content, service) | ({"content-type": media_type} if media_type else {})
        return httpx.request(method, url, content=content, headers=headers, timeout=30)

    def _headers(self, method: str, url: str, content: bytes, service: str) -> dict[str, str]:
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{now[:8]}/{self.region}/{service}/aws4_request"
        parts = urlsplit(url)
        headers = {
            "host": parts.netloc,
            "x-amz-content-sha256": hashlib.sha256(content).hexdigest(),
            "x-amz-date": now,
        }
        names = ";".join(headers)  # In alphabetical order, as they must be.
        query = sorted(
            (_encoded(key), _encoded(value)) for key, value in parse_qsl(parts.query, keep_blank_values=True)
        )
        request = [
            method,
            quote(unquote(parts.path) or "/", safe="/-_.~"),
            "&".join(f"{key}={value}" for key, value in query),
            *(f"{key}:{value}" for key, value in headers.items()),
            "",
            names,
            headers["x-amz-content-sha256"],
        ]
        hashed = hashlib.sha256("\n".join(request).encode()).hexdigest()
        signature = self._key(now[:8], service, f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashed}").hex()
        credential = f"Credential={self.access_key_id}/{scope}"
        headers["authorization"] = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"
        return headers

    def _key(self, day: str, service: str, text: str) -> bytes:
        key = f"AWS4{self.secret_access_key}".encode()
        for part in (day, self.region, service, "aws4_request", text):
            key = hmac.digest(key, part.encode(), "sha256")
        return key


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
