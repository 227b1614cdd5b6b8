"""Sign-in at an OpenID Connect provider: the code flow with PKCE, and tokens that are checked with its keys."""

import base64
import hashlib
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, InvalidKeyIdError, JoseError, MissingClaimError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from halles.api.protection import Protection
from halles.model import CallFailed, Problem, Problems, Role, say
from halles.stores.sessions import Login

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures with a key pair. `none`, and signatures with a secret that both sides share, are never taken."""
TIMEOUT = 10.0
"""Seconds for an answer of the provider."""
KEPT = 3600.0
"""Seconds that its description and its keys are taken as they are."""
PAUSE = 5.0
"""Seconds between two looks for a key that is unknown, so that forged tokens do not make us ask all the time."""
LEEWAY = 30
"""Seconds that clocks may differ."""
ANSWER = 1 << 20
"""The most bytes of an answer of the provider."""


class Provider:
    """The provider that the settings name. Its methods wait for the network: call them in a thread."""

    def __init__(self, settings: Protection, client: httpx.Client | None = None) -> None:
        self._settings = settings
        self._client = client or httpx.Client(timeout=TIMEOUT, follow_redirects=False)
        self._lock = threading.Lock()
        self._about: tuple[float, dict[str, Any]] = (-KEPT, {})
        self._keys: tuple[float, KeySet] = (-KEPT, KeySet([]))
        self._registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)

    def departure(self, login: Login, back: str) -> str:
        """The URL where the browser signs in; it comes back to `back`."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(login.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": back,
            "scope": "openid profile email",
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str(self._metadata()["authorization_endpoint"])
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def exchange(self, code: str, login: Login, back: str) -> dict[str, Any]:
        """Who signed in: the claims of the ID token for a code. Raises `Problems` (`bad-credentials`)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self._settings.oidc_client_id,
            "code_verifier": login.verifier,
        }
        if self._settings.oidc_client_secret:
            form["client_secret"] = self._settings.oidc_client_secret
        answer = self._ask("POST", str(self._metadata()["token_endpoint"]), form)
        if "id_token" not in answer:
            raise _refused(
                say("the provider gave no token ({error})", error=str(answer.get("error", "no reason given"))[:100])
            )
        return self.verify(str(answer["id_token"]), nonce=login.nonce)

    def verify(self, token: str, *, nonce: str | None = None) -> dict[str, Any]:
        """The claims of a token that the provider made for us. Raises `Problems` (`bad-credentials`)."""
        client = self._settings.oidc_client_id
        rules: dict[str, Any] = {
            "iss": {"essential": True, "value": self._settings.oidc_issuer},
            "aud": {"essential": True, "value": client},
            "exp": {"essential": True},
            "sub": {"essential": True},
        }
        if nonce is not None:
            rules["nonce"] = {"essential": True, "value": nonce}
        try:
            claims = self._decode(token).claims
            jwt.JWTClaimsRegistry(leeway=LEEWAY, **rules).validate(claims)
        except ExpiredTokenError:
            raise _refused(say("the token has expired")) from None
        except (InvalidClaimError, MissingClaimError) as error:
            raise _refused(say("the token's {error}", error=error)) from None
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise _refused(say("the token is not signed by the provider")) from None
        if claims.get("azp", client) != client:
            raise _refused(say("the token was made for somebody else"))
        return claims

    def role(self, claims: Mapping[str, Any]) -> Role | None:
        """The role that the claims give; None when the settings do not take roles from them."""
        if not self._settings.oidc_role_claim:
            return None
        value: Any = claims
        for part in self._settings.oidc_role_claim.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        names = value if isinstance(value, list) else [value]
        given = [self._settings.roles[name] for name in names if isinstance(name, str) and name in self._settings.roles]
        return max(given, key=list(Role).index, default=self._settings.default_role)

    def _decode(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._key_set(KEPT), registry=self._registry)
        except InvalidKeyIdError:  # The provider changes its keys from time to time.
            return jwt.decode(token, self._key_set(PAUSE), registry=self._registry)

    def _key_set(self, age: float) -> KeySet:
        """The provider's keys, asked for again when they are older than an age."""
        with self._lock:
            fetched, keys = self._keys
            if time.monotonic() - fetched > age:
                keys = _imported(self._ask("GET", str(self._metadata()["jwks_uri"])))
                self._keys = (time.monotonic(), keys)
            return keys

    def _metadata(self) -> dict[str, Any]:
        fetched, about = self._about
        if time.monotonic() - fetched > KEPT:
            issuer = self._settings.oidc_issuer
            about = self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if about.get("issuer") != issuer:
                raise _failed(issuer, say("it calls itself `{issuer}`", issuer=about.get("issuer")))
            if missing := {"authorization_endpoint", "token_endpoint", "jwks_uri"} - about.keys():
                raise _failed(issuer, say("its description lacks {missing:, }", missing=sorted(missing)))
            self._about = (time.monotonic(), about)
        return about

    def _ask(self, method: str, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            with self._client.stream(method, url, data=form) as response:
                content = b""
                for part in response.iter_bytes():
                    content += part
                    if len(content) > ANSWER:
                        raise _failed(url, say("it answered more than {most:,} bytes", most=ANSWER))
            if response.status_code >= (500 if form else 300):  # A refused code is answered with 400 and a reason.
                raise _failed(url, say("it answered {status_code}", status_code=response.status_code))
            answer = httpx.Response(200, content=content).json()
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise _failed(url, str(error) or type(error).__name__) from error
        if not isinstance(answer, dict):
            raise _failed(url, say("it answered something else than a JSON object"))
        return answer


def _imported(answer: dict[str, Any]) -> KeySet:
    """The keys of a key set that can verify; kinds that are unknown here are left out, as RFC 7517 wants it."""
    keys = []
    for data in answer.get("keys", []):
        if isinstance(data, dict) and data.get("kty") in ("RSA", "EC", "OKP") and data.get("use", "sig") == "sig":
            try:
                keys += KeySet.import_key_set({"keys": [data]}).keys
            except (JoseError, ValueError):
                continue
    return KeySet(keys)


def _refused(why: str) -> Problems:
    return Problems([Problem(code="bad-credentials", message=say("You are not signed in: {why}.", why=why))])


def _failed(where: str, why: str) -> CallFailed:
    message = say("The sign-in provider at {where} cannot be used: {why}.", where=where, why=why)
    return CallFailed(Problem(code="provider-failed", message=message), retry=True)
