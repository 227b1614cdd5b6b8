"""What the page of a link to a run says, and whether it shows what went in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change the tables."""
    with op.batch_alter_table("shares", schema=None) as batch_op:
        batch_op.add_column(sa.Column("artist", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("inputs", sa.Boolean(), nullable=True))
