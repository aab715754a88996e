"""Third parties' access, for the lists of one's own; and what was read, for the end user."""

from alembic import op

revision = "meter_ingest_0010_data_access"
down_revision = "meter_ingest_0009_own_meters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first follows from what was decided. The second is by month; what is older than it is kept is dropped."""
    op.execute(
        "CREATE TABLE own.data_access (data_access_id TEXT PRIMARY KEY, third_party TEXT NOT NULL,"
        " metering_point_id TEXT NOT NULL, end_user TEXT NOT NULL, valid_from TIMESTAMPTZ NOT NULL, until TIMESTAMPTZ)"
    )
    op.execute("CREATE INDEX data_access_by_third_party ON own.data_access (third_party, data_access_id)")
    op.execute("CREATE INDEX data_access_by_end_user ON own.data_access (end_user, data_access_id)")
    op.execute(
        "CREATE TABLE private.read_log (at TIMESTAMPTZ NOT NULL, metering_point_id BIGINT NOT NULL,"
        ' line SMALLINT NOT NULL, start TIMESTAMPTZ NOT NULL, "end" TIMESTAMPTZ NOT NULL, party TEXT NOT NULL,'
        " role TEXT NOT NULL, ground TEXT NOT NULL, about TEXT NOT NULL) PARTITION BY RANGE (at)"
    )
    op.execute("CREATE INDEX read_log_by_point ON private.read_log (metering_point_id, at)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
