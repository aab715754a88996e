"""Who and what plays in the story: parties, grid areas, 1,200 metering points, and the resources behind them.

Every id is valid and every name invented. Nothing here is drawn at random: the same cast comes out every time, so that
the sums of the story are exact.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from uuid import UUID

from contracts.registry.v1 import Technology
from contracts.values import BiddingZone, Resolution, Role, make_eic_y, make_gln, make_gsrn

if TYPE_CHECKING:
    from collections.abc import Iterable

KW: Final = 1000
"""In W."""


@dataclass(frozen=True, slots=True)
class Party:
    """A party; `short` is what the table calls it."""

    gln: str
    short: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Area:
    """A metering grid area with its substations."""

    eic: str
    name: str
    zone: BiddingZone
    dso: Party
    substations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A metering point and who stands behind it. `area` is the EIC of its grid area, which need not exist."""

    id: str
    area: str
    substation: str
    resolution: Resolution
    agreed_power_w: int
    supplier: Party
    brp: Party
    end_user: str


@dataclass(frozen=True, slots=True)
class Device:
    """A physical thing."""

    make: str
    model: str
    serial: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as it is sent in. `refused` is the rule that its command is refused by, where it is."""

    id: str
    point: str
    name: str
    technology: Technology
    up_w: int
    devices: tuple[Device, ...]
    refused: str = ""


def story_id(*parts: str | int) -> str:
    """A UUID that looks random and is always the same for the same words."""
    told = "/".join(map(str, ("flexregister", "story", *parts)))
    return str(UUID(bytes=hashlib.sha256(told.encode()).digest()[:16], version=4))


def draw(most: int, *parts: str | int) -> int:
    """A number in [0, most), always the same for the same words."""
    return int(story_id("draw", *parts)[:8], 16) % most


OPERATOR: Final = Party(make_gln(1), "operator", "The register's operator", Role.OPERATOR)
TSO: Final = Party(make_gln(9900001), "TSO", "Rimtind Systemdrift", Role.TSO)
DATAHUB: Final = Party(make_gln(9900002), "datahub", "Tallbrua Måledata", Role.DATAHUB)
DSO_1: Final = Party(make_gln(9900003), "DSO 1", "Lyngskar Nett", Role.DSO)
DSO_2: Final = Party(make_gln(9900004), "DSO 2", "Orrefoss Nett", Role.DSO)
BSP_A: Final = Party(make_gln(9900005), "BSP A", "Varmeflokk Fleksibilitet", Role.BSP)
BSP_B: Final = Party(make_gln(9900006), "BSP B", "Ladeflokk Fleksibilitet", Role.BSP)
BRP_1: Final = Party(make_gln(9900007), "BRP 1", "Jamvekt Balanse", Role.BRP)
BRP_2: Final = Party(make_gln(9900008), "BRP 2", "Loddrett Balanse", Role.BRP)
SUPPLIER_1: Final = Party(make_gln(9900009), "supplier 1", "Glimtvik Strøm", Role.SUPPLIER)
SUPPLIER_2: Final = Party(make_gln(9900010), "supplier 2", "Bålmo Strøm", Role.SUPPLIER)

ONBOARDED: Final = (TSO, DATAHUB, DSO_1, DSO_2, BSP_A, BSP_B, BRP_1, BRP_2, SUPPLIER_1, SUPPLIER_2)
"""Everyone but the operator, who is there from the start."""


def _substations(place: str, count: int) -> tuple[str, ...]:
    return tuple(f"{place} {number}" for number in range(1, count + 1))


LYNGSKAR: Final = Area(make_eic_y("LYNGSKAR-MID"), "Lyngskar", BiddingZone.NO3, DSO_1, _substations("Lyngskar", 12))
SKODDEMO: Final = Area(make_eic_y("LYNGSKAR-SOR"), "Skoddemo", BiddingZone.NO1, DSO_1, _substations("Skoddemo", 4))
ORREFOSS: Final = Area(make_eic_y("ORREFOSS-MID"), "Orrefoss", BiddingZone.NO3, DSO_2, _substations("Orrefoss", 8))
AREAS: Final = (LYNGSKAR, SKODDEMO, ORREFOSS)
UNKNOWN_AREA: Final = make_eic_y("INTETSTEDS")
"""A grid area that nobody has defined."""

POINTS: Final = 1200
_FIRST_SERIAL: Final = 9_900_000_000
"""Norwegian metering points are nowhere near it."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything, sorted into the parts that it plays. Ids rise in the order of the fields down to `others`."""

    near: tuple[Point, ...]
    """270 of A's members, behind DSO 1."""
    far: tuple[Point, ...]
    """150 of A's members, behind DSO 2."""
    large: tuple[Point, ...]
    """725, 725, 725 and 726 kW."""
    eastern: tuple[Point, ...]
    """20 in NO1."""
    other_brp: tuple[Point, ...]
    """10 with BRP 2."""
    double: Point
    """Two of 500 kW behind it."""
    spare: tuple[Point, ...]
    """4 that are in no group."""
    nowhere: Point
    """The one in a grid area that does not exist."""
    not_held: Point
    """A asks for it without the end user's consent."""
    of_b: tuple[Point, ...]
    """B's 320, behind DSO 2; the last 24 of them are metered by the hour."""
    others: tuple[Point, ...]
    """Those that nobody asks for."""
    resources_of_a: tuple[Resource, ...]
    """464, four of which are refused."""
    resources_of_b: tuple[Resource, ...]

    @property
    def members(self) -> tuple[Point, ...]:
        """The 420 of A's group."""
        return self.near + self.far

    @property
    def held_by_a(self) -> tuple[Point, ...]:
        """The 460 that A claims with consent."""
        return (*self.members, *self.large, *self.eastern, *self.other_brp, self.double, *self.spare, self.nowhere)

    @property
    def points(self) -> tuple[Point, ...]:
        """All 1,200."""
        return (*self.held_by_a, self.not_held, *self.of_b, *self.others)

    @property
    def limited(self) -> tuple[Point, ...]:
        """The 30 that DSO 2 limits to 3 kW."""
        return self.far[:30]

    @property
    def rejected(self) -> tuple[Point, ...]:
        """The 4 that DSO 2 rejects."""
        return self.far[30:34]

    @property
    def switching(self) -> tuple[Point, ...]:
        """The 60 that go from A to B, all DSO 1's and without a limit."""
        return self.near[100:160]

    @property
    def too_soon(self) -> Point:
        """The one that B asks for too soon."""
        return self.near[160]

    @property
    def changing_brp(self) -> tuple[Point, ...]:
        """The 5 remaining members that get BRP 2."""
        return self.near[200:203] + self.far[100:102]

    @property
    def hourly(self) -> tuple[Point, ...]:
        """Those of B's that are metered by the hour."""
        return self.of_b[-HOURLY:]


HOURLY: Final = 24
GROUP_A: Final = story_id("group", "A")
GROUP_B: Final = story_id("group", "B")
APPLICATION_A: Final = story_id("application", "A")
APPLICATION_B: Final = story_id("application", "B")
QUALIFICATION_A: Final = story_id("qualification", "A")
QUALIFICATION_B: Final = story_id("qualification", "B")
ACTIVATION_A: Final = story_id("activation", "A")
ACTIVATION_B: Final = story_id("activation", "B")
SWITCH_TOO_SOON: Final = story_id("switch", "too soon")
SWITCH: Final = story_id("switch")


@lru_cache(maxsize=1)
def cast() -> Cast:
    """The cast; made once."""
    serials = iter(range(_FIRST_SERIAL, _FIRST_SERIAL + POINTS))

    def made(
        count: int, area: Area, *, brp: Party = BRP_1, power_w: int = 0, resolution: Resolution = "PT15M"
    ) -> tuple[Point, ...]:
        return tuple(_point(next(serials), area, brp=brp, power_w=power_w, resolution=resolution) for _ in range(count))

    near, far = made(270, LYNGSKAR), made(150, ORREFOSS)
    large, eastern = made(4, LYNGSKAR, power_w=900 * KW), made(20, SKODDEMO)
    other_brp = made(10, LYNGSKAR, brp=BRP_2)
    (double,) = made(1, LYNGSKAR, power_w=1250 * KW)
    spare = made(4, ORREFOSS)
    (nowhere,), (not_held,) = made(1, _NOWHERE), made(1, LYNGSKAR)
    of_b = made(320 - HOURLY, ORREFOSS) + made(HOURLY, ORREFOSS, resolution="PT60M")
    others = (
        *made(180, LYNGSKAR, resolution="PT60M"),
        *made(120, ORREFOSS, resolution="PT60M", brp=BRP_2),
        *made(119, SKODDEMO, resolution="PT60M"),
    )
    of_a = _resources_of_a(
        near + far, large=large, eastern=eastern, other_brp=other_brp, double=double, spare=spare,
        nowhere=nowhere, not_held=not_held,
    )  # fmt: skip
    return Cast(
        near=near,
        far=far,
        large=large,
        eastern=eastern,
        other_brp=other_brp,
        double=double,
        spare=spare,
        nowhere=nowhere,
        not_held=not_held,
        of_b=of_b,
        others=others,
        resources_of_a=of_a,
        resources_of_b=tuple(_resource("B", point, "ev-charger", 5 * KW) for point in of_b),
    )


_NOWHERE: Final = Area(UNKNOWN_AREA, "", BiddingZone.NO3, DSO_1, ("Intetsteds 1",))


def _point(serial: int, area: Area, *, brp: Party, power_w: int, resolution: Resolution) -> Point:
    id_ = make_gsrn(serial)
    return Point(
        id=id_,
        area=area.eic,
        substation=area.substations[draw(len(area.substations), "substation", id_)],
        resolution=resolution,
        agreed_power_w=power_w or (9 + 4 * draw(3, "power", id_)) * KW,
        supplier=(SUPPLIER_1, SUPPLIER_2)[draw(2, "supplier", id_)],
        brp=brp,
        end_user=story_id("end user", id_),
    )


_MAKES: Final[dict[Technology, tuple[str, str]]] = {
    "water-heater": ("Dampkilde", "VB 300"),
    "heat-pump": ("Lunhus", "LV 8"),
    "ev-charger": ("Stikkfri", "Lader 22"),
    "battery": ("Kvilestrøm", "Rack 700"),
    "electric-boiler": ("Dampkilde", "EK 500"),
}


def _resource(bsp: str, point: Point, technology: Technology, up_w: int, *, number: int = 1) -> Resource:
    make, model = _MAKES[technology]
    serial = f"{point.id[-8:]}-{number}"
    return Resource(
        id=story_id("resource", bsp, point.id, number),
        point=point.id,
        name=f"{technology} {number}",
        technology=technology,
        up_w=up_w,
        devices=(Device(make, model, serial),),
    )


def _resources_of_a(
    members: tuple[Point, ...],
    *,
    large: tuple[Point, ...],
    eastern: tuple[Point, ...],
    other_brp: tuple[Point, ...],
    double: Point,
    spare: tuple[Point, ...],
    nowhere: Point,
    not_held: Point,
) -> tuple[Resource, ...]:
    """The 460 that stand, with the four that do not strewn among them."""

    def small(points: Iterable[Point]) -> list[Resource]:
        kinds: tuple[Technology, Technology] = ("water-heater", "heat-pump")
        return [_resource("A", point, kinds[draw(2, "technology", point.id)], 5 * KW) for point in points]

    standing = [
        *small(members),
        *(_resource("A", point, "battery", up_w) for point, up_w in zip(large, LARGE_W, strict=True)),
        *small(eastern),
        *small(other_brp),
        *(_resource("A", double, "electric-boiler", 500 * KW, number=number) for number in (1, 2)),
        *small(spare),
    ]
    mistyped, twice = _resource("A", spare[0], "heat-pump", 5 * KW, number=2), standing[0].devices
    refused = [
        (110, replace(mistyped, point=_wrong_check_digit(mistyped.point), refused="SCHEMA_INVALID")),
        (220, replace(_resource("A", not_held, "heat-pump", 5 * KW), refused="METERING_POINT_NOT_HELD")),
        (330, replace(_resource("A", nowhere, "heat-pump", 5 * KW), refused="METERING_POINT_INCOMPLETE")),
        (
            440,
            replace(
                _resource("A", spare[1], "heat-pump", 5 * KW, number=2),
                devices=twice,
                refused="DEVICE_ALREADY_REGISTERED",
            ),
        ),
    ]
    for place, resource in refused:
        standing.insert(place, resource)
    return tuple(standing)


LARGE_W: Final = (725 * KW, 725 * KW, 725 * KW, 726 * KW)


def _wrong_check_digit(gsrn: str) -> str:
    return f"{gsrn[:-1]}{(int(gsrn[-1]) + 1) % 10}"
