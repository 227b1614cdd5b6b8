"""Sessions that were begun with an API key end with it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the tables."""
    op.add_column("sessions", sa.Column("key", sa.String(length=32), nullable=True))
