"""What owners say of what came out of their runs, and a picture to know each run by."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Change the tables; the pictures of runs of before are found in their logs."""
    said = {"work": "what its owner calls what came out", "artist": "by whom that is"}
    with op.batch_alter_table("runs", schema=None) as batch_op:
        for name, comment in said.items():
            batch_op.add_column(sa.Column(name, sa.String(200), server_default="", nullable=False, comment=comment))
        comment = "what its owner likes of it, as JSON"
        batch_op.add_column(sa.Column("liked", sa.Text(), server_default="[]", nullable=False, comment=comment))
        comment = "the first picture that came out"
        batch_op.add_column(sa.Column("picture", sa.String(64), nullable=True, comment=comment))
    connection = op.get_bind()
    ends = sa.text("SELECT run, body FROM events WHERE body LIKE '%run-finished%image/%' ORDER BY position")
    known = sa.text("UPDATE runs SET picture = :sha256 WHERE id = :run")
    for run, body in connection.execute(ends).all():
        if found := next(_pictures(json.loads(body).get("outputs", {})), None):
            connection.execute(known, {"run": run, "sha256": found})


def _pictures(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value.keys() == {"sha256", "media_type", "size"}:
        if value["media_type"].startswith("image/"):
            yield value["sha256"]
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _pictures(each)
