"""Where third parties may have end users sent back to: a list for each, letter by letter."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.message import Event
from contracts.meter_ingest.v1 import (
    AllowReturnAddress,
    ReturnAddressAllowed,
    ReturnAddressWithdrawn,
    WithdrawReturnAddress,
)
from contracts.parties import Party
from contracts.values import Role
from meter_ingest.domain import grant_rules


@dataclass(frozen=True, slots=True)
class ReturnAddresses:
    """A third party's, in the order in which they were allowed."""

    allowed: tuple[str, ...] = ()


def evolve(state: ReturnAddresses | None, event: ReturnAddressAllowed | ReturnAddressWithdrawn) -> ReturnAddresses:
    """One more, or one less."""
    others = tuple(one for one in state.allowed if one != event.address) if state else ()
    return ReturnAddresses((*others, event.address) if isinstance(event, ReturnAddressAllowed) else others)


def decide_allow(
    state: ReturnAddresses | None, command: AllowReturnAddress, *, third_party: str, party: Party | None
) -> list[Event]:
    """Allow it; again changes nothing. Raises: RETURN_ADDRESS_NOT_KNOWN."""
    if party is None or Role.THIRD_PARTY not in party.roles:
        raise grant_rules.RETURN_ADDRESS_NOT_KNOWN.refused(path="/subject", actual=third_party)
    if state is not None and command.address in state.allowed:
        return []
    return [ReturnAddressAllowed(third_party=third_party, address=command.address)]


def decide_withdraw(state: ReturnAddresses | None, command: WithdrawReturnAddress, *, third_party: str) -> list[Event]:
    """Allow it no longer; requests that named it stand. Raises: RETURN_ADDRESS_NOT_KNOWN."""
    if state is None or command.address not in state.allowed:
        raise grant_rules.RETURN_ADDRESS_NOT_KNOWN.refused(path="/address", actual=command.address)
    return [ReturnAddressWithdrawn(third_party=third_party, address=command.address)]
