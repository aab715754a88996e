"""Whether a metering point is in operation."""

from alembic import op

revision = "registry_0002_point_active"
down_revision = "registry_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every point that is known is."""
    op.execute("ALTER TABLE own.metering_point ADD COLUMN active BOOLEAN NOT NULL DEFAULT true")
    op.execute("ALTER TABLE own.metering_point ALTER COLUMN active DROP DEFAULT")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
