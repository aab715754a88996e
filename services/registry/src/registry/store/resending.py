"""How often parties are sent again what they were sent."""

from __future__ import annotations

from chassis.service import Kind
from contracts.registry import v1
from registry.domain import resend

RESENDS = Kind(
    "resends", resend.Resends, resend.evolve, {v1.ResendRequested: lambda event: event.party}, remembered=False
)
"""By GLN."""

KINDS = (RESENDS,)
