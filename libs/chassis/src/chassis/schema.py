"""The chassis' tables. Schemas: `engine` (inbox, ledger, parked), `own` and `known` (folds), `private` (neither).

Every table of `engine` carries the shard, because a service with several writers keeps them in one database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, UUID

METADATA = MetaData()
TIME = DateTime(timezone=True)

WRITER = Table(
    "writer",
    METADATA,
    Column("shard", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    Column("holder", Text, nullable=False, server_default=""),
    Column("clean", Integer, nullable=False, server_default="1"),
    Column("position", BigInteger, nullable=False, server_default="0"),
    Column("ledger_position", BigInteger, nullable=False, server_default="0"),
    Column("passed_until", TIME),
    Column("recorded_at", TIME),
    schema="engine",
)
"""One row a shard. Locked in every transaction of the writer: a writer whose epoch is not the row's has been
replaced. `recorded_at`: the latest moment that anything was decided at."""

RELAY = Table(
    "relay",
    METADATA,
    Column("shard", Text, primary_key=True),
    Column("published_to", BigInteger, nullable=False, server_default="0"),
    schema="engine",
)

INBOX = Table(
    "inbox",
    METADATA,
    Column("shard", Text, primary_key=True),
    Column("key", UUID(as_uuid=False), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("at", TIME, nullable=False),
    Column("body", LargeBinary),
    UniqueConstraint("shard", "position"),
    schema="engine",
)
"""What was decided, in the order of decisions. `body`: an input that stands in no topic, or `Decision.beside`."""

LEDGER = Table(
    "ledger",
    METADATA,
    Column("shard", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("part", Integer),
    Column("key", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    schema="engine",
)

CHANGE = Table(
    "change",
    METADATA,
    Column("shard", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("ledger_position", BigInteger, primary_key=True),
    Column("recorded_at", TIME, nullable=False),
    schema="engine",
)
"""Which event changed which own document. In the order of the ledger `recorded_at` never goes back: what was recorded
by a moment is what stood when the service had come so far."""

ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("shard", Text, primary_key=True),
    Column("key", UUID(as_uuid=False), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    schema="engine",
)

PARKED = Table(
    "parked",
    METADATA,
    Column("shard", Text, primary_key=True),
    Column("key", UUID(as_uuid=False), primary_key=True),
    Column("arrival", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("held", ARRAY(Text), nullable=False),
    Column("what", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("stamp", BigInteger, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("since", TIME, nullable=False),
    Column("action", Text, nullable=False, server_default=""),
    schema="engine",
)
"""Inputs without a position: `failed` (an operator decides), `behind` one of those, or waiting for a `deadline`."""


def document(schema: str, name: str, metadata: MetaData = METADATA) -> Table:
    """A table of documents: states by kind and id."""
    return Table(
        name,
        metadata,
        Column("kind", Text, primary_key=True),
        Column("id", Text, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("state", JSON, nullable=False),
        schema=schema,
    )


OWN = document("own", "document")
PRIVATE = document("private", "document")

DEADLINE = Table(
    "deadline",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("due_at", TIME, primary_key=True),
    Index("deadline_due", "due_at"),
    schema="own",
)

SCHEMAS = ("engine", "own", "known", "private")


def known_table(source: str) -> str:
    """The name of the table that holds what is known from a service: `bsp-switch` → `bsp_switch`."""
    return source.replace("-", "_").replace("/", "_")
