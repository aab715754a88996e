"""The person store: who end users are, wishes of the door, lookups; and what is to be erased from it."""

from alembic import op

revision = "bsp_switch_0004_persons"
down_revision = "bsp_switch_0003_responsibility"
branch_labels = None
depends_on = "chassis_0003"


def upgrade() -> None:
    """Create them."""
    op.execute(
        """
        CREATE TABLE private.person (
            end_user uuid PRIMARY KEY,
            party text NOT NULL,
            name text NOT NULL,
            birth_date date,
            organisation_number text,
            salt bytea NOT NULL,
            sha256 text NOT NULL,
            CHECK ((birth_date IS NULL) <> (organisation_number IS NULL))
        )
        """
    )
    op.execute("CREATE TABLE private.former_person (end_user uuid NOT NULL, sha256 text PRIMARY KEY)")
    op.execute(
        """
        CREATE TABLE private.wish (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            id uuid NOT NULL UNIQUE,
            type text NOT NULL,
            subject text NOT NULL,
            said jsonb NOT NULL
        )
        """
    )
    op.execute(
        """
        CREATE TABLE private.asked (
            id uuid PRIMARY KEY,
            party text NOT NULL,
            metering_point_id text NOT NULL,
            asked_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX asked_by_party ON private.asked (party, asked_at)")
    op.execute("CREATE INDEX asked_at ON private.asked (asked_at)")
    op.execute("CREATE TABLE own.erased_person (end_user TEXT NOT NULL, PRIMARY KEY (end_user))")
    op.execute("CREATE TABLE own.erased_document (document_id TEXT NOT NULL, PRIMARY KEY (document_id))")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
