"""What Alembic runs: on the connection that is given to it, in the transaction that is open there."""

from alembic import context

from halles.stores.database import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables,
    render_as_batch=True,  # SQLite changes a table by making it anew.
    compare_server_default=True,
)
context.run_migrations()
