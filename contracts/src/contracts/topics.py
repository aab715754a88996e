"""Every topic of the register, declared once: who writes it, who reads it, its key, partitions and retention.

Nothing here talks to a broker; `config` gives the settings that a topic is made with, and the chassis applies them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from contracts.values import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

Retention = Literal["for-ever", "35-days", "compacted"]

MIB: Final = 1024 * 1024
INGRESS_MAX_BYTES: Final = 12 * MIB
"""More than a sender may send (1 MiB), so that the gateway can refuse what is too large with a receipt."""
MAX_BYTES: Final = 4 * MIB

DECIDING: Final = ("registry", "prequal", "bsp-switch", "meter-ingest")
"""The services that take commands."""

CASE_SHARD: Final = 0
"""The partition of `events.meter-ingest.v1` that its case shard writes."""
VALUE_SHARD: Final = 1
"""The partition that its value shard 0 writes."""

CLOCK: Final = "control.clock.v1"

_LEGAL: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*").fullmatch
_CONFIG: Final[dict[Retention, dict[str, str]]] = {
    "for-ever": {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"},
    # The broker lets go of a whole segment, a day's at most: what has come is gone on the 37th day.
    "35-days": {
        "cleanup.policy": "delete",
        "retention.ms": str(35 * 86_400_000),
        "retention.bytes": "-1",
        "segment.ms": "86400000",
    },
    "compacted": {"cleanup.policy": "compact"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic, or (with `<gln>` in its name) the pattern of one topic per party."""

    name: str
    what: str
    owner: str
    """Who alone may write: a service, or `party`: the party whose GLN is in the name."""
    consumers: tuple[str, ...]
    key: str
    partitions: int = 1
    retention: Retention = "for-ever"
    max_message_bytes: int = MAX_BYTES
    roles: frozenset[Role] | None = None
    """Of a pattern: the roles whose parties get one; `None` is every party."""

    def config(self, replication_factor: int) -> dict[str, str]:
        """The broker's settings of the topic. With three replicas two must have a record before it is acknowledged."""
        return {
            **_CONFIG[self.retention],
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": str(self.max_message_bytes),
            "compression.type": "producer",
            "min.insync.replicas": str(max(1, replication_factor - 1)),
            "unclean.leader.election.enable": "false",
        }

    def of(self, gln: str) -> Topic:
        """The party's own topic of this pattern."""
        return replace(self, name=self.name.replace("<gln>", gln))


def commands(service: str) -> str:
    """The topic of the commands to a service."""
    return f"commands.{service}.v1"


def events(service: str) -> str:
    """The topic of a service's events and receipts."""
    return f"events.{service}.v1"


def ingress(gln: str) -> str:
    """The topic that a party sends commands on."""
    return f"ingress.{gln}.v1"


def ingress_values(gln: str) -> str:
    """The topic that a DSO, or a BSP of its own meters, sends meter values on."""
    return f"ingress.{gln}.meter-values.v1"


def egress(gln: str) -> str:
    """The topic that a party is sent receipts and events on."""
    return f"egress.{gln}.v1"


def egress_activation(gln: str) -> str:
    """The topic that a DSO or the TSO is told on what activations mean in its grid; the latest of each key is kept."""
    return f"egress.{gln}.activation.v1"


_EVENT_READERS: Final = {
    "registry": ("bsp-switch", "prequal", "meter-ingest", "gateway"),
    "bsp-switch": ("registry", "gateway"),
    "prequal": ("meter-ingest", "gateway"),
    "meter-ingest": ("meter-ingest", "gateway"),
    "gateway": ("gateway",),
}
"""Who listens to whom today. `registry` never listens to `prequal`."""

FIXED: Final = (
    *(
        Topic(
            name=commands(service),
            what=f"Commands that the gateway let in for {service}, and the control messages that pace it.",
            owner="gateway",
            consumers=(service,),
            key="the subject",
        )
        for service in DECIDING
    ),
    *(
        Topic(
            name=events(service),
            what=f"What {service} decided, each receipt behind the events it names.",
            owner=service,
            consumers=readers,
            key="the subject",
            partitions=2 if service == "meter-ingest" else 1,
        )
        for service, readers in _EVENT_READERS.items()
    ),
    Topic(
        name=CLOCK,
        what="The clock: the moves of a sandbox's, or the gateway's ticks where time is real.",
        owner="gateway",
        consumers=("gateway", "meter-ingest"),
        key="none",
    ),
)

PER_PARTY: Final = (
    Topic(
        name=ingress("<gln>"),
        what="What a party sends: commands, one envelope or one parcel a record.",
        owner="party",
        consumers=("gateway",),
        key="free",
        retention="35-days",
        max_message_bytes=INGRESS_MAX_BYTES,
    ),
    Topic(
        name=ingress_values("<gln>"),
        what="Meter values: a DSO's, and those of a BSP's own meters.",
        owner="party",
        consumers=("meter-ingest",),
        key="free",
        retention="35-days",
        max_message_bytes=INGRESS_MAX_BYTES,
        roles=frozenset({Role.DSO, Role.BSP}),
    ),
    Topic(
        name=egress("<gln>"),
        what="What a party is sent: its receipts, and the events it may see.",
        owner="gateway",
        consumers=("party",),
        key="the subject",
        retention="35-days",
    ),
    Topic(
        name=egress_activation("<gln>"),
        what="What activations mean in a DSO's grid, or to the TSO.",
        owner="gateway",
        consumers=("party",),
        key="the subject",
        retention="compacted",
        roles=frozenset({Role.DSO, Role.TSO}),
    ),
)


def catalogue() -> list[Topic]:
    """The topics that every register has, whoever takes part."""
    return list(FIXED)


def party_topics(gln: str, roles: Iterable[Role]) -> list[Topic]:
    """The topics of one party with these roles."""
    held = frozenset(roles)
    return [topic.of(gln) for topic in PER_PARTY if topic.roles is None or topic.roles & held]


def full_name(namespace: str, name: str) -> str:
    """The name on the broker: behind the namespace, where there is one. Dots and hyphens only, at most 249 characters.

    Raises `ValueError` for a name that Kafka, or a metric made from it, could confuse with another.
    """
    full = f"{namespace}.{name}" if namespace else name
    if _LEGAL(full) is None or len(full) > 249:
        raise ValueError(f"a topic is named with a-z, 0-9, dots and hyphens, at most 249: {full}")
    return full
