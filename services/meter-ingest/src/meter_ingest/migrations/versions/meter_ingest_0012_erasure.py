"""Values that were erased: what is decided, and what of it has been done."""

from alembic import op

revision = "meter_ingest_0012_erasure"
down_revision = "meter_ingest_0011_exports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first follows from what was decided; the second says which rows have been let go of."""
    op.execute(
        "CREATE TABLE own.value_erased (metering_point_id BIGINT NOT NULL, first_day DATE NOT NULL,"
        " last_day DATE NOT NULL, PRIMARY KEY (metering_point_id, first_day, last_day))"
    )
    op.execute(
        "CREATE TABLE private.value_wiped (metering_point_id BIGINT NOT NULL, first_day DATE NOT NULL,"
        " last_day DATE NOT NULL, PRIMARY KEY (metering_point_id, first_day, last_day))"
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
