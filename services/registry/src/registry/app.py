"""The service `registry`: what it decides and what it listens to."""

from __future__ import annotations

from chassis.service import On, Service
from contracts.bsp_switch import v1 as bsp_switch
from contracts.registry import v1
from registry import handlers, store
from registry.settings import Settings

SERVICE = Service(
    name="registry",
    kinds=store.KINDS,
    receipt=v1.Receipt,
    commands={
        v1.OnboardParty: On(handlers.onboard_party, handlers.needs_onboard_party),
        v1.DefineGridArea: On(handlers.define_grid_area, handlers.needs_define_grid_area),
        v1.RecordMeteringPoint: On(handlers.record_metering_point, handlers.needs_record_metering_point),
        v1.RegisterResource: On(handlers.register_resource, handlers.needs_register_resource),
        v1.FormGroup: On(handlers.form_group, handlers.needs_members),
        v1.AddMembers: On(handlers.add_members, handlers.needs_members),
    },
    reactions={
        bsp_switch.SwitchAnnounced: On(handlers.switch_announced, handlers.needs_point),
        bsp_switch.SupplyRecorded: On(handlers.supply_recorded, handlers.needs_point),
    },
    deadlines={store.MEMBERSHIPS_END: handlers.memberships_end},
)


def main() -> None:
    """Run the process in the role that the command line names."""
    from chassis import process  # noqa: PLC0415 - brings the broker and the database, which a rule test does not need

    process.main("registry", "registry", Settings, SERVICE)
