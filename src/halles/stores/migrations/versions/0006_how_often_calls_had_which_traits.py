"""What models are asked and answer is counted, beside what they were trained on."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change the tables."""
    op.create_table(
        "observations",
        sa.Column("version", sa.String(length=200), nullable=False, comment="of the model"),
        sa.Column(
            "subject", sa.String(length=64), nullable=False, comment="what the places of the numbers are counted by"
        ),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False, comment="since the epoch"),
        sa.Column("trait", sa.String(length=100), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version", "subject", "hour", "trait", "place"),
    )
