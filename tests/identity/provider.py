"""A small OpenID Connect provider over HTTP: discovery, keys that change, the code flow with PKCE."""

import base64
import hashlib
import json
import secrets
import threading
import time
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT, SECRET = "halles", "shared secret"


class Provider:
    """Everybody who comes is signed in as `person`, whose claims a test may change."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "42", "preferred_username": "ada"}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.change_keys()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def change_keys(self) -> None:
        """As providers do from time to time: tokens are signed with a new key, under a new name."""
        self.key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig"})

    def token(self, *, key: Any = None, alg: str = "ES256", **claims: Any) -> str:
        """A token for `person`; claims may be changed, and left out with None."""
        now = int(time.time())
        whole = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, **self.person, **claims}
        whole = {name: value for name, value in whole.items() if value is not None}
        key = key or self.key
        return jwt.encode({"alg": alg, "kid": key.kid}, whole, key, algorithms=[alg])

    def authorise(self, url: str) -> str:
        """What the person's browser does: sign in, and be sent back. Gives the URL that it is sent to."""
        asked = _asked(url)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def ask(self, url: str) -> str:
        """The page on which the person's browser is asked."""
        yes = self.authorise(url)
        no = f"{yes.partition('?')[0]}?{urlencode({'error': 'access_denied', 'state': _asked(url)['state']})}"
        links = f'<a href="{escape(yes)}">I am Ada</a> <a href="{escape(no)}">I would rather not</a>'
        return f'<!doctype html><html lang="en"><title>Who are you?</title><h1>Who are you?</h1>{links}'

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        right = (
            asked
            and form["client_secret"] == SECRET
            and form["redirect_uri"] == asked["redirect_uri"]
            and asked["code_challenge_method"] == "S256"
            and base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        )
        if not asked or not right:
            return 400, {"error": "invalid_grant"}
        return 200, {"token_type": "Bearer", "id_token": self.token(nonce=asked["nonce"])}

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorise",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def _handler(provider) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                pages = {
                    "/.well-known/openid-configuration": provider.describe,
                    "/keys": lambda: KeySet([provider.key]).as_dict(private=False),
                }
                if self.path.startswith("/authorise?"):
                    return self._write(200, "text/html; charset=utf-8", provider.ask(self.path).encode())
                page = pages.get(self.path)
                self._answer(200, page()) if page else self._write(404, "text/plain", b"")

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
                self._answer(*provider.exchange(form))

            def _answer(self, status: int, content: dict[str, Any]) -> None:
                self._write(status, "application/json", json.dumps(content).encode())

            def _write(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def stranger(kid: str) -> RSAKey:
    """A key that calls itself like one of the provider's, and is not."""
    return RSAKey.generate_key(2048, {"kid": kid})


if __name__ == "__main__":  # For tests in a browser: it says the settings of a server whose people it knows.
    running = Provider()
    settings = {"ISSUER": running.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET}
    print(json.dumps({f"HALLES_OIDC_{name}": value for name, value in settings.items()}), flush=True)
    threading.Event().wait()
