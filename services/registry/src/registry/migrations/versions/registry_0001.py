"""The tables of `registry`."""

from alembic import op

revision = "registry_0001"
down_revision = None
branch_labels = ("registry",)
depends_on = "chassis_0001"


def upgrade() -> None:
    """Create them."""
    op.execute(
        """
        CREATE TABLE own.device (
            resource_id TEXT NOT NULL,
            key TEXT NOT NULL,
            make TEXT NOT NULL,
            model TEXT NOT NULL,
            serial TEXT NOT NULL,
            PRIMARY KEY (resource_id, key),
            CONSTRAINT device_once UNIQUE (key)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE own.flexibility_group (
            group_id TEXT NOT NULL,
            bsp TEXT NOT NULL,
            zone TEXT NOT NULL,
            PRIMARY KEY (group_id)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX flexibility_group_by_bsp ON own.flexibility_group (bsp)
        """
    )
    op.execute(
        """
        CREATE TABLE own.membership (
            metering_point_id TEXT NOT NULL,
            group_id TEXT NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            valid_to TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (metering_point_id, group_id, valid_from),
            CONSTRAINT membership_in_one_group_at_a_time EXCLUDE USING gist (metering_point_id WITH =, tstzrange(valid_from, valid_to) WITH &&)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX membership_by_group ON own.membership (group_id)
        """
    )
    op.execute(
        """
        CREATE TABLE own.metering_point (
            metering_point_id TEXT NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            grid_area TEXT NOT NULL,
            zone TEXT,
            dso TEXT,
            substation TEXT,
            PRIMARY KEY (metering_point_id, valid_from)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX metering_point_by_dso ON own.metering_point (dso)
        """
    )
    op.execute(
        """
        CREATE TABLE own.resource (
            resource_id TEXT NOT NULL,
            metering_point_id TEXT NOT NULL,
            up_w BIGINT NOT NULL,
            down_w BIGINT NOT NULL,
            PRIMARY KEY (resource_id)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX resource_by_metering_point ON own.resource (metering_point_id)
        """
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
