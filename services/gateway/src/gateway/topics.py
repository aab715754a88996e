"""Where an event is delivered: to a party's own topic, or to the one that says what is activated in a DSO's grid."""

from __future__ import annotations

from contracts.message import Event
from contracts.meter_ingest import v1 as meter_ingest
from contracts.values import Role

ACTIVATION: frozenset[type[Event]] = frozenset({meter_ingest.ExpectedEffect})
ACTIVATION_ROLES = frozenset({Role.DSO, Role.TSO})


def egress(gln: str, event: Event, roles: tuple[Role, ...]) -> str:
    """The topic that a party receives this event on."""
    if type(event) in ACTIVATION and ACTIVATION_ROLES & set(roles):
        return f"egress.{gln}.activation.v1"
    return f"egress.{gln}.v1"
