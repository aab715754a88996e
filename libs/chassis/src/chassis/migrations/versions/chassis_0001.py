"""The chassis' tables: writer, inbox, ledger, parked, documents."""

from alembic import op

revision = "chassis_0001"
down_revision = None
branch_labels = ("chassis",)
depends_on = None

_DOCUMENT = (
    "(kind text NOT NULL, id text NOT NULL, version bigint NOT NULL, state json NOT NULL, PRIMARY KEY (kind, id))"
)


def upgrade() -> None:
    """Create them."""
    for schema in ("engine", "own", "known", "private"):
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(
        "CREATE TABLE engine.writer (shard text PRIMARY KEY, epoch bigint NOT NULL DEFAULT 0,"
        " holder text NOT NULL DEFAULT '', clean int NOT NULL DEFAULT 1, position bigint NOT NULL DEFAULT 0,"
        " ledger_position bigint NOT NULL DEFAULT 0, passed_until timestamptz)"
    )
    op.execute("CREATE TABLE engine.relay (shard text PRIMARY KEY, published_to bigint NOT NULL DEFAULT 0)")
    op.execute(
        "CREATE TABLE engine.inbox (shard text NOT NULL, key uuid NOT NULL, position bigint NOT NULL,"
        " kind text NOT NULL, topic text NOT NULL, part int NOT NULL, off bigint NOT NULL, at timestamptz NOT NULL,"
        " body bytea, PRIMARY KEY (shard, key), UNIQUE (shard, position))"
    )
    op.execute(
        "CREATE TABLE engine.ledger (shard text NOT NULL, position bigint NOT NULL, topic text NOT NULL, part int,"
        " key text NOT NULL, id text NOT NULL, type text NOT NULL, version bigint NOT NULL, body bytea NOT NULL,"
        " PRIMARY KEY (shard, position))"
    )
    op.execute(
        "CREATE TABLE engine.attempt (shard text NOT NULL, key uuid NOT NULL, count int NOT NULL,"
        " error text NOT NULL DEFAULT '', PRIMARY KEY (shard, key))"
    )
    op.execute("CREATE SEQUENCE engine.arrival")
    op.execute(
        "CREATE TABLE engine.parked (shard text NOT NULL, key uuid NOT NULL, arrival bigint NOT NULL,"
        " reason text NOT NULL CHECK (reason IN ('failed', 'behind', 'deadline')), held text[] NOT NULL,"
        " what text NOT NULL, id text NOT NULL, topic text NOT NULL, part int NOT NULL, off bigint NOT NULL,"
        " stamp bigint NOT NULL, headers json NOT NULL, body bytea NOT NULL, error text NOT NULL, since timestamptz NOT NULL,"
        " action text NOT NULL DEFAULT '' CHECK (action IN ('', 'retry', 'drop')), PRIMARY KEY (shard, key))"
    )
    op.execute(f"CREATE TABLE own.document {_DOCUMENT}")
    op.execute(f"CREATE TABLE private.document {_DOCUMENT}")
    op.execute(
        "CREATE TABLE own.deadline (kind text NOT NULL, id text NOT NULL, name text NOT NULL,"
        " due_at timestamptz NOT NULL, PRIMARY KEY (kind, id, name, due_at))"
    )
    op.execute("CREATE INDEX deadline_due ON own.deadline (due_at)")


def downgrade() -> None:
    """There is no way back: a database is made anew from the log."""
    raise RuntimeError
