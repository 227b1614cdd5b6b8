"""Credentials that services get for the exchange bucket: they reach nothing else, and end."""

import json
import re
import secrets
import threading
import time
from datetime import UTC, datetime
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

import httpx

from halles.model import CallFailed, Problem
from halles.stores.s3 import Bucket

GRACE = 60.0
"""Seconds after which an identity that has ended is deleted."""
USER = re.compile(r"<UserName>(halles-exchange-(\d+)-\w+)</UserName>")


class Key(NamedTuple):
    """A key of an S3 server."""

    access_key_id: str
    secret_access_key: str


class Keys(Protocol):
    """Where the keys come from that go out to services."""

    def current(self) -> Key:
        """A key that is good for a while. Raises `CallFailed`."""
        ...


class FixedKeys:
    """The key of an identity that an operator made, and lets end: for S3 servers without the IAM API, such as MinIO."""

    def __init__(self, key: Key) -> None:
        self._key = key

    def current(self) -> Key:
        """The key."""
        return self._key


class IamKeys:
    """Keys made by the IAM API of the S3 server itself, as SeaweedFS has it.

    Each belongs to an identity of its own, whose policy allows objects of one bucket to be read and written until a
    time; the server refuses it afterwards, whether this process lives or not. A key is handed out for half of its
    life, so each message carries one that is good for the other half at least. The temporary credentials of STS would
    be simpler, but need a session token, for which the contract has no field.
    """

    def __init__(self, bucket: Bucket, seconds: float) -> None:
        self._bucket = bucket
        self._seconds = seconds
        self._lock = threading.Lock()
        self._key: Key | None = None
        self._renew = 0.0

    def current(self) -> Key:
        """The key of now; a new one is made when half of the life of the last is over."""
        with self._lock:
            now = time.time()
            if self._key is None or now >= self._renew:
                self._key = self._make(now + self._seconds)
                self._renew = now + self._seconds / 2
                self._forget_ended(now)
            return self._key

    def _make(self, end: float) -> Key:
        user = f"halles-exchange-{end:.0f}-{secrets.token_hex(4)}"
        self._ask("CreateUser", UserName=user)
        self._ask("PutUserPolicy", UserName=user, PolicyName="exchange", PolicyDocument=json.dumps(self._policy(end)))
        answer = self._ask("CreateAccessKey", UserName=user)
        found = [re.search(f"<{name}>(.*?)</{name}>", answer) for name in ("AccessKeyId", "SecretAccessKey")]
        key = Key(*(match[1] for match in found if match))
        self._wait_until_known(key)
        return key

    def _policy(self, end: float) -> dict[str, object]:
        statement = {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "s3:AbortMultipartUpload"],
            "Resource": [f"arn:aws:s3:::{self._bucket.name}/*"],
            "Condition": {
                "DateLessThan": {"aws:CurrentTime": f"{datetime.fromtimestamp(end, UTC):%Y-%m-%dT%H:%M:%SZ}"}
            },
        }
        return {"Version": "2012-10-17", "Statement": [statement]}

    def _wait_until_known(self, key: Key) -> None:
        """The server hears of its own identities with a delay."""
        bucket = Bucket(self._bucket.name, self._bucket.endpoint, *key, region=self._bucket.region)
        for _ in range(50):
            try:
                bucket.head("none")
            except CallFailed as error:
                last = error
                time.sleep(0.1)
            else:
                return
        raise last

    def _forget_ended(self, now: float) -> None:
        for user, end in set(USER.findall(self._ask("ListUsers"))):
            if float(end) + GRACE < now:
                self._ask("DeleteUser", UserName=user)

    def _ask(self, action: str, **parameters: str) -> str:
        content = urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
        form = "application/x-www-form-urlencoded"
        try:
            answer = self._bucket.signer.send(
                "POST", f"{self._bucket.endpoint}/", content, service="iam", media_type=form
            )
        except httpx.HTTPError as error:
            raise self._bucket.failure(str(error)) from error
        if answer.status_code == 200 or (action, answer.status_code) == (
            "DeleteUser",
            404,
        ):  # Another process was first.
            return answer.text
        message = f"The S3 server {self._bucket.endpoint} makes no keys for services ({action}: {answer.status_code}). "
        message += "Set HALLES_EXCHANGE_ACCESS_KEY_ID and HALLES_EXCHANGE_SECRET_ACCESS_KEY to those of an identity "
        message += f"that may only read and write objects of `{self._bucket.name}`."
        raise CallFailed(Problem(code="no-exchange-keys", message=message), retry=answer.status_code >= 500)
