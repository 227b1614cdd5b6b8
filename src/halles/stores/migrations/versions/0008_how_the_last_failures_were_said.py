"""How the last failure of each service was said, so that it can be said in other languages."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Change the tables; failures of before stay in English."""
    with op.batch_alter_table("failures", schema=None) as batch_op:
        comment = "how the message was put together, as JSON"
        batch_op.add_column(sa.Column("said", sa.Text(), nullable=True, comment=comment))
