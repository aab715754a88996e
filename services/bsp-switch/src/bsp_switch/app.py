"""The service, put together."""

from __future__ import annotations

from bsp_switch import handlers, store
from bsp_switch.settings import Settings
from chassis.service import On, Service
from contracts.bsp_switch import v1

SERVICE = Service(
    name="bsp-switch",
    kinds=store.KINDS,
    receipt=v1.Receipt,
    commands={
        v1.RecordSupply: On(handlers.record_supply, needs=handlers.supply_needs),
        v1.RecordConsent: On(handlers.record_consent, needs=handlers.consent_needs),
        v1.ClaimControl: On(handlers.claim_control, needs=handlers.claim_needs),
        v1.RequestSwitch: On(handlers.request_switch, needs=handlers.switch_needs),
    },
    deadlines={store.SWITCH_MIDNIGHT: handlers.switch_midnight},
)


def main() -> None:
    """Run the process in the role that the command line names."""
    from chassis import process  # noqa: PLC0415 - brings broker and database, which a test of the rules does not need

    process.main("bsp-switch", "bsp_switch", Settings, SERVICE)
