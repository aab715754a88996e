"""Who is balance responsible for a supplier in a grid area; a point's BRP may be unknown."""

from alembic import op

revision = "bsp_switch_0003_responsibility"
down_revision = "bsp_switch_0002_control"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what is new."""
    op.execute("ALTER TABLE own.supply ALTER COLUMN brp_consumption DROP NOT NULL")
    op.execute("ALTER TABLE own.supply ALTER COLUMN brp_production DROP NOT NULL")
    op.execute(
        """
        CREATE TABLE own.responsibility (
            supplier TEXT NOT NULL,
            grid_area TEXT NOT NULL,
            direction TEXT NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            valid_to TIMESTAMP WITH TIME ZONE,
            brp TEXT NOT NULL,
            PRIMARY KEY (supplier, grid_area, direction, valid_from),
            CONSTRAINT responsibility_one_at_a_time EXCLUDE USING gist (
                supplier WITH =, grid_area WITH =, direction WITH =, tstzrange(valid_from, valid_to) WITH &&
            )
        )
        """
    )
    op.execute("CREATE INDEX responsibility_by_brp ON own.responsibility (brp)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
