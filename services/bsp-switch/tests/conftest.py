"""A small world to tell the tests' stories in. All ids are valid, all names invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bsp_switch.app import SERVICE
from chassis.testing import Scenario
from contracts import policies
from contracts.bsp_switch import v1
from contracts.gateway import v1 as gateway
from contracts.registry import v1 as registry
from contracts.values import Role, make_gln, make_gsrn


def uuid(serial: int) -> str:
    return f"0192f000-0000-7000-8000-{serial:012d}"


def day(text: str, hour: int = 0, minute: int = 0) -> datetime:
    """A local moment of 2026, `"04-15"`, as stored."""
    month, number = text.split("-")
    return datetime(2026, int(month), int(number), hour, minute, tzinfo=ZoneInfo("Europe/Oslo")).astimezone(UTC)


@dataclass(frozen=True)
class World:
    """Who there is, and what happens to a point, in short."""

    operator: str = make_gln(1)
    dso: str = make_gln(2)
    bsp_a: str = make_gln(11)
    bsp_b: str = make_gln(12)
    bsp_c: str = make_gln(13)
    brp: str = make_gln(21)
    other_brp: str = make_gln(22)
    supplier: str = make_gln(31)
    stranger: str = make_gln(99)
    grid_area: str = "50Y0JVU59B4JWQCU"
    point: str = make_gsrn(1)
    other_point: str = make_gsrn(2)
    end_user: str = uuid(100)
    other_end_user: str = uuid(101)
    proof: str = "ab" * 32

    day = staticmethod(day)
    gln = staticmethod(make_gln)
    gsrn = staticmethod(make_gsrn)
    uuid = staticmethod(uuid)

    def opened(self) -> Scenario:
        """A register with its policies and parties, and nothing else."""
        parties = {self.supplier: Role.SUPPLIER, self.brp: Role.BRP, self.other_brp: Role.BRP}
        apart = frozenset({v1.ConsentEnded, v1.ConsentEndCancelled, v1.MeterAccessChanged})
        return Scenario(SERVICE, apart=apart).given(
            gateway.RegisterOpened(operator=self.operator, operator_name="Registeret", policies=policies.DEFAULTS),
            *(registry.PartyOnboarded(party=gln, name="Navn", roles=(role,)) for gln, role in parties.items()),
        )

    def scenario(self, *points: str) -> Scenario:
        """The register with metering points (one, unless said otherwise) that nobody holds."""
        scenario = self.opened()
        for point in points or (self.point,):
            scenario.given(self.registered(point), self.supply(point))
        return scenario

    def held(self, *points: str) -> Scenario:
        """The same, held by BSP A since 01-05, and with consents of BSP B."""
        scenario = self.scenario(*points)
        for serial, point in enumerate(points or (self.point,)):
            scenario.given(
                self.consent(uuid(1000 + serial), point=point),
                self.claimed(point, consent_id=uuid(1000 + serial)),
                self.reads(point, consent_id=uuid(1000 + serial)),
                self.consent(uuid(2000 + serial), point=point, bsp=self.bsp_b),
            )
        return scenario

    def registered(self, point: str = "", dso: str | None = make_gln(2)) -> registry.MeteringPointRecorded:
        return registry.MeteringPointRecorded(
            metering_point_id=point or self.point,
            grid_area=self.grid_area,
            zone="NO3" if dso else None,
            dso=dso,
            substation="T1",
            resolution="PT15M",
            agreed_power_w=20_000,
            valid_from=day("01-05"),
        )

    def supply(self, point: str = "", **fields: object) -> v1.SupplyRecorded:
        return v1.SupplyRecorded.model_validate(
            {
                "metering_point_id": point or self.point,
                "supplier": self.supplier,
                "brp_consumption": self.brp,
                "brp_production": self.brp,
                "end_user": self.end_user,
                "valid_from": day("01-01"),
                **fields,
            }
        )

    def record_supply(self, **fields: object) -> v1.RecordSupply:
        return v1.RecordSupply.model_validate(
            {
                "supplier": self.supplier,
                "brp_consumption": self.brp,
                "brp_production": self.brp,
                "end_user": self.end_user,
                "valid_from": day("01-01"),
                **fields,
            }
        )

    def record_responsibility(self, **fields: object) -> v1.RecordBrpResponsibility:
        return v1.RecordBrpResponsibility.model_validate(
            {
                "supplier": self.supplier,
                "direction": "consumption",
                "brp": self.brp,
                "valid_from": day("01-01"),
                **fields,
            }
        )

    def consent(self, consent_id: str = "", *, point: str = "", bsp: str = "", **fields: object) -> v1.ConsentRecorded:
        return v1.ConsentRecorded.model_validate(
            {
                "consent_id": consent_id or uuid(0),
                "metering_point_id": point or self.point,
                "bsp": bsp or self.bsp_a,
                "end_user": self.end_user,
                "purpose": "flexibility",
                "proof_sha256": self.proof,
                "valid_from": day("01-01"),
                **fields,
            }
        )

    def reads(self, point: str = "", *, consent_id: str) -> v1.MeterAccessChanged:
        """A reads what was metered since its consent, too."""
        before = v1.EarlierValues(
            valid_from=day("01-01"), valid_to=day("01-05"), consent_id=consent_id, purpose="flexibility"
        )
        return v1.MeterAccessChanged(metering_point_id=point or self.point, bsp=self.bsp_a, earlier=(before,))

    def claimed(
        self, point: str = "", *, start: str = "01-05", consent_id: str = "", bsp: str = ""
    ) -> v1.ControlClaimed:
        return v1.ControlClaimed(
            metering_point_id=point or self.point,
            bsp=bsp or self.bsp_a,
            valid_from=day(start),
            consent_id=consent_id or uuid(0),
            dso=self.dso,
            brps=(self.brp,),
        )


@pytest.fixture(scope="session")
def world() -> World:
    return World()
