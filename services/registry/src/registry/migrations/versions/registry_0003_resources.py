"""What a resource is and whether it counts stands in its row."""

from alembic import op

revision = "registry_0003_resources"
down_revision = "registry_0002_parties"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. What was registered before is active; of its technology only its document knows."""
    op.execute("ALTER TABLE own.resource ADD COLUMN status TEXT NOT NULL DEFAULT 'active'")
    op.execute("ALTER TABLE own.resource ADD COLUMN technology TEXT NOT NULL DEFAULT 'other'")
    op.execute("ALTER TABLE own.resource ADD COLUMN category TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE own.resource ADD COLUMN small BOOLEAN")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
