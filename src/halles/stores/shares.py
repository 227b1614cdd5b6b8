"""Links by which others may see one artifact or one run, for a while."""

import hashlib
import secrets
import time

import sqlalchemy as sql
from itsdangerous import BadSignature, URLSafeSerializer

from halles.model import Artifact
from halles.model.base import Model
from halles.stores.database import tables
from halles.stores.signing import signing_key

SALT = "halles-share"

shares = sql.Table(
    "shares",
    tables,
    sql.Column("id", sql.String(32), primary_key=True),
    sql.Column("owner", sql.String(200), nullable=False),
    sql.Column("run", sql.String(64)),
    sql.Column("sha256", sql.String(64)),
    sql.Column("media_type", sql.String(200)),
    sql.Column("size", sql.BigInteger),
    sql.Column("name", sql.String(200), nullable=False),
    sql.Column("created", sql.Float, nullable=False),
    sql.Column("expires", sql.Float, nullable=False),
    sql.Column("revoked", sql.Float),
    sql.Column("artist", sql.String(200)),
    sql.Column("inputs", sql.Boolean),
    sql.Index("shares_of_owner", "owner", "created"),
    sql.Index("shares_by_end", "expires"),
)


class Share(Model):
    """What is shared: an artifact, or a run, then perhaps with what went into it. Times are seconds since the epoch."""

    id: str
    owner: str
    run: str | None = None
    artifact: Artifact | None = None
    name: str = ""
    artist: str | None = None
    inputs: bool | None = None
    created: float
    expires: float
    revoked: float | None = None

    @property
    def live(self) -> bool:
        """Whether the link still works."""
        return self.revoked is None and time.time() < self.expires


class Shares:
    """Links are signed, so that none can be guessed, and on record, so that each can be revoked."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine
        self._serializer: URLSafeSerializer | None = None

    def make(
        self, owner: str, expires: float, *, run: str | None = None, artifact: Artifact | None = None, name: str = "",
        artist: str | None = None, inputs: bool = False,
    ) -> Share:  # fmt: skip
        """Share a run or an artifact until a time."""
        share = Share(
            id=secrets.token_hex(12), owner=owner, run=run, artifact=artifact, name=name[:200],
            artist=artist and artist[:200], inputs=inputs, created=time.time(),
            expires=expires,
        )  # fmt: skip
        content = artifact.model_dump() if artifact else {}
        row = {**share.model_dump(exclude={"artifact"}), **content}
        with self._engine.begin() as connection:
            connection.execute(shares.insert(), row)
        return share

    def token(self, share: Share) -> str:
        """What the link says."""
        return str(self._signer().dumps(share.id))

    def open(self, token: str) -> Share | None:
        """The share that a link leads to, or None when it was made up, has expired or was revoked."""
        try:
            name = self._signer().loads(token)
        except BadSignature:
            return None
        share = self.find(name) if isinstance(name, str) else None
        return share if share and share.live else None

    def find(self, name: str) -> Share | None:
        """A share by id."""
        with self._engine.connect() as connection:
            row = connection.execute(sql.select(shares).where(shares.c.id == name)).mappings().first()
        return _share(row) if row else None

    def list(self, owner: str, limit: int = 100) -> list[Share]:
        """The links of somebody that work, the newest first."""
        query = sql.select(shares).where(shares.c.owner == owner, live()).order_by(shares.c.created.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [_share(row) for row in connection.execute(query).mappings()]

    def of_run(self, run: str) -> bool:
        """Whether a link to a run works."""
        with self._engine.connect() as connection:
            return connection.execute(sql.select(shares.c.id).where(shares.c.run == run, live())).first() is not None

    def revoke(self, name: str) -> None:
        """Let a link work no more."""
        with self._engine.begin() as connection:
            connection.execute(shares.update().where(shares.c.id == name).values(revoked=time.time()))

    def _signer(self) -> URLSafeSerializer:
        if self._serializer is None:
            key = signing_key(self._engine, SALT)
            self._serializer = URLSafeSerializer(key, salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})
        return self._serializer


def live() -> sql.ColumnElement[bool]:
    """Links that work."""
    return shares.c.revoked.is_(None) & (shares.c.expires > time.time())


def _share(row: sql.RowMapping) -> Share:
    artifact = None
    if row["sha256"]:
        artifact = Artifact(sha256=row["sha256"], media_type=row["media_type"], size=row["size"])
    known = {name: row[name] for name in Share.model_fields if name != "artifact"}
    return Share(**known, artifact=artifact)
