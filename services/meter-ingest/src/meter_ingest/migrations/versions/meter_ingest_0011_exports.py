"""Exports: what was ordered, what each may contain, and its files in parts until they expire."""

from alembic import op

revision = "meter_ingest_0011_exports"
down_revision = "meter_ingest_0010_data_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables. All in them can be made again from what they name."""
    op.execute(
        """
        CREATE TABLE private.export_job (
            id uuid PRIMARY KEY,
            party text NOT NULL,
            roles text[] NOT NULL,
            asked jsonb NOT NULL,
            asked_at timestamptz NOT NULL,
            as_of timestamptz NOT NULL,
            positions jsonb NOT NULL,
            points integer NOT NULL,
            expires_at timestamptz NOT NULL,
            state text NOT NULL DEFAULT 'making' CHECK (state IN ('making', 'ready', 'revoked'))
        )
        """
    )
    op.execute("CREATE INDEX export_job_party ON private.export_job (party, asked_at)")
    op.execute(
        """
        CREATE TABLE private.export_point (
            job uuid NOT NULL REFERENCES private.export_job ON DELETE CASCADE,
            line smallint NOT NULL,
            metering_point_id bigint NOT NULL,
            starts timestamptz[] NOT NULL,
            ends timestamptz[] NOT NULL,
            PRIMARY KEY (job, line, metering_point_id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE private.export_file (
            job uuid NOT NULL REFERENCES private.export_job ON DELETE CASCADE,
            name text NOT NULL,
            rows bigint NOT NULL,
            bytes bigint NOT NULL,
            sha256 text NOT NULL,
            noted boolean NOT NULL DEFAULT false,
            PRIMARY KEY (job, name)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE private.export_part (
            job uuid NOT NULL REFERENCES private.export_job ON DELETE CASCADE,
            name text NOT NULL,
            number integer NOT NULL,
            bytes bytea STORAGE EXTERNAL NOT NULL,
            PRIMARY KEY (job, name, number)
        )
        """
    )


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
