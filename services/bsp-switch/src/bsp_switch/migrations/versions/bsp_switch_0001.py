"""The tables of `bsp-switch`."""

from alembic import op

revision = "bsp_switch_0001"
down_revision = None
branch_labels = ("bsp_switch",)
depends_on = "chassis_0001"


def upgrade() -> None:
    """Create them."""
    op.execute(
        """
        CREATE TABLE own.holding (
            metering_point_id TEXT NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            valid_to TIMESTAMP WITH TIME ZONE,
            bsp TEXT NOT NULL,
            PRIMARY KEY (metering_point_id, valid_from),
            CONSTRAINT holding_one_bsp_at_a_time EXCLUDE USING gist (metering_point_id WITH =, tstzrange(valid_from, valid_to) WITH &&)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX holding_by_bsp ON own.holding (bsp)
        """
    )
    op.execute(
        """
        CREATE TABLE own.supply (
            metering_point_id TEXT NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            valid_to TIMESTAMP WITH TIME ZONE,
            supplier TEXT NOT NULL,
            brp_consumption TEXT NOT NULL,
            brp_production TEXT NOT NULL,
            end_user TEXT NOT NULL,
            PRIMARY KEY (metering_point_id, valid_from),
            CONSTRAINT supply_one_at_a_time EXCLUDE USING gist (metering_point_id WITH =, tstzrange(valid_from, valid_to) WITH &&)
        )
        """
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
