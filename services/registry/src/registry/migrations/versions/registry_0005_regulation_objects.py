"""The table of regulation objects that are one metering point."""

from alembic import op

revision = "registry_0005_regulation_objects"
down_revision = "registry_0004_points"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create it."""
    op.execute(
        """
        CREATE TABLE own.regulation_object (
            object_id TEXT NOT NULL,
            metering_point_id TEXT NOT NULL,
            bsp TEXT NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            valid_to TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (object_id),
            CONSTRAINT regulation_object_one_at_a_time EXCLUDE USING gist (metering_point_id WITH =, tstzrange(valid_from, valid_to) WITH &&)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX regulation_object_by_bsp ON own.regulation_object (bsp)
        """
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
