"""Which event changed which own document, and when that was recorded.

What stands in the ledger already is filled in by the next writer (`chassis.history.catch_up`).
"""

from alembic import op

revision = "chassis_0002"
down_revision = "chassis_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.execute("ALTER TABLE engine.writer ADD COLUMN recorded_at timestamptz")
    op.execute(
        "CREATE TABLE engine.change (shard text NOT NULL, kind text NOT NULL, id text NOT NULL,"
        " ledger_position bigint NOT NULL, recorded_at timestamptz NOT NULL,"
        " PRIMARY KEY (shard, kind, id, ledger_position))"
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
