"""what a run is about"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the tables."""
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "title",
                sa.String(length=200),
                server_default="",
                nullable=False,
                comment="what it is about, in its inputs",
            )
        )
