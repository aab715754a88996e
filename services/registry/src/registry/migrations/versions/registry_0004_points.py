"""Whether a metering point is in operation; and whose points, and which area's, are found at once."""

from alembic import op

revision = "registry_0004_points"
down_revision = "registry_0003_resources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every point that is known is."""
    op.execute("ALTER TABLE own.metering_point ADD COLUMN active BOOLEAN NOT NULL DEFAULT true")
    op.execute("ALTER TABLE own.metering_point ALTER COLUMN active DROP DEFAULT")
    # A list of a DSO's points, or of an area's, reads those alone.
    op.execute("DROP INDEX own.metering_point_by_dso")
    op.execute("CREATE INDEX metering_point_by_dso ON own.metering_point (dso, metering_point_id)")
    op.execute("CREATE INDEX metering_point_by_grid_area ON own.metering_point (grid_area, metering_point_id)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
