"""The tables of what ends control, of consents, and of objections."""

from alembic import op

revision = "bsp_switch_0002_control"
down_revision = "bsp_switch_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.execute(
        """
        CREATE TABLE own.control_end (
            metering_point_id TEXT NOT NULL,
            bsp TEXT NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            because TEXT NOT NULL,
            valid_to TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (metering_point_id, bsp, valid_from, because)
        )
        """
    )
    op.execute("CREATE INDEX control_end_by_bsp ON own.control_end (bsp, valid_to)")
    op.execute(
        """
        CREATE TABLE own.consent (
            consent_id TEXT NOT NULL,
            metering_point_id TEXT NOT NULL,
            bsp TEXT NOT NULL,
            end_user TEXT NOT NULL,
            valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
            valid_to TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (consent_id)
        )
        """
    )
    op.execute("CREATE INDEX consent_by_end_user ON own.consent (end_user)")
    op.execute("CREATE INDEX consent_by_bsp ON own.consent (bsp)")
    op.execute(
        """
        CREATE TABLE own.objection (
            objection_id TEXT NOT NULL,
            switch_id TEXT NOT NULL,
            by TEXT NOT NULL,
            state TEXT NOT NULL,
            start TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (objection_id)
        )
        """
    )
    op.execute("CREATE INDEX objection_by_state ON own.objection (state, start)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
