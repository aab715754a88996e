"""The table of tasks, by party."""

from alembic import op

revision = "prequal_0001_tasks"
down_revision = None
branch_labels = ("prequal",)
depends_on = "chassis_0001"


def upgrade() -> None:
    """Create it."""
    op.execute(
        """
        CREATE TABLE own.task (
            task_id TEXT NOT NULL,
            party TEXT NOT NULL,
            due_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (task_id)
        )
        """
    )
    op.execute("CREATE INDEX task_by_party ON own.task (party, task_id)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
