"""Own meters: what a BSP measures by itself at a resource, from which day to which, and under which number.

They are lines of the metering point that the resource stands behind (`lines`: the number is the line's meter; 0 is the
settlement meter). No balance is settled on them, no DSO owes them, and no verification looks at them: they are kept to
be read. So they are no `channel`, and nothing that folds channels knows of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from contracts.meter_ingest.v1 import (
    CloseOwnMeter,
    OpenOwnMeter,
    OwnMeterClosed,
    OwnMeterOpened,
    OwnResolution,
)
from meter_ingest.domain import blocks, control, days, known, lines, own_rules


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one Oslo midnight to another, half-open, values are taken in this resolution."""

    bsp: str
    """Who opened it."""
    resolution: OwnResolution
    valid_from: datetime
    valid_to: datetime | None = None

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether the whole of a period lies in it."""
        return self.valid_from <= start and (self.valid_to is None or end <= self.valid_to)


@dataclass(frozen=True, slots=True)
class OwnMeter:
    """One meter of a resource: its number at the point, and by line when it is open, in order of time."""

    number: int
    lines: dict[str, tuple[Stretch, ...]] = field(default_factory=dict[str, tuple[Stretch, ...]])


@dataclass(frozen=True, slots=True)
class OwnMeters:
    """All own meters of one resource, by device."""

    metering_point_id: str
    devices: dict[str, OwnMeter]


@dataclass(frozen=True, slots=True)
class Numbered:
    """The greatest number that an own meter of a point ever got: numbers are never given twice."""

    last: int


def evolve(state: OwnMeters | None, event: OwnMeterOpened | OwnMeterClosed) -> OwnMeters:
    """A meter that is opened again keeps its number."""
    state = state or OwnMeters(event.metering_point_id, {})
    meter = state.devices.get(event.device_id) or OwnMeter(event.meter)
    name = lines.line(event.direction, event.product, event.meter)
    before = meter.lines.get(name, ())
    if isinstance(event, OwnMeterOpened):
        stretches = (*before, Stretch(event.bsp, event.resolution, event.valid_from))
    else:
        stretches = (*before[:-1], replace(before[-1], valid_to=event.valid_to))
    meter = replace(meter, lines={**meter.lines, name: stretches})
    return replace(state, devices={**state.devices, event.device_id: meter})


def evolve_numbered(state: Numbered | None, event: OwnMeterOpened) -> Numbered:
    """Of a point, whatever resource."""
    return Numbered(max(event.meter, state.last if state else 0))


def decide_open(
    command: OpenOwnMeter,
    *,
    resource_id: str,
    sender: str,
    resource: known.Resource | None,
    held: control.Control | None,
    state: OwnMeters | None,
    numbered: Numbered | None,
    at: datetime,
    freeze_days: int,
) -> OwnMeterOpened:
    """Open a meter of a resource that the sender registered, behind a point that it holds on that day.

    `held`: who holds the points of the block. Refuses with OWN_METER_RESOURCE_UNKNOWN, OWN_METER_PERIOD_INVALID,
    OWN_METER_ALREADY_OPEN, OWN_METERS_TOO_MANY. Where another BSP holds the point, nobody is told so.
    """
    if resource is None or not _may(resource, held, sender=sender, at=command.valid_from):
        raise own_rules.OWN_METER_RESOURCE_UNKNOWN.refused(path="/subject")
    _not_frozen("/valid_from", command.valid_from, at=at, freeze_days=freeze_days)
    meter = state.devices.get(command.device_id) if state else None
    number = meter.number if meter else (numbered.last if numbered else 0) + 1
    if number > lines.MOST_METERS:
        raise own_rules.OWN_METERS_TOO_MANY.refused(path="/device_id", limit=lines.MOST_METERS, actual=number)
    name = lines.line(command.direction, command.product, number)
    for one in meter.lines.get(name, ()) if meter else ():
        if one.valid_to is None or command.valid_from < one.valid_to:
            raise own_rules.OWN_METER_ALREADY_OPEN.refused(path="/valid_from", actual=_date(one.valid_from).isoformat())
    return OwnMeterOpened(
        resource_id=resource_id,
        metering_point_id=resource.metering_point_id,
        bsp=sender,
        device_id=command.device_id,
        meter=number,
        direction=command.direction,
        product=command.product,
        resolution=command.resolution,
        valid_from=command.valid_from,
    )


def decide_close(
    command: CloseOwnMeter,
    *,
    resource_id: str,
    sender: str,
    held: control.Control | None,
    state: OwnMeters | None,
    at: datetime,
    freeze_days: int,
) -> OwnMeterClosed:
    """Close a meter that the sender, or whom it has taken over, opened: also one whose point it holds no longer.

    Refuses with OWN_METER_NOT_OPEN, OWN_METER_PERIOD_INVALID.
    """
    meter = state.devices.get(command.device_id) if state else None
    name = lines.line(command.direction, command.product, meter.number) if meter else ""
    last = next(reversed(meter.lines.get(name, ())), None) if meter else None
    if state is None or meter is None or last is None or last.valid_to is not None:
        raise own_rules.OWN_METER_NOT_OPEN.refused(path="/device_id")
    if _owner(last, state, held, max(last.valid_from, at)) != sender:
        raise own_rules.OWN_METER_NOT_OPEN.refused(path="/device_id")
    _not_frozen("/valid_to", command.valid_to, at=at, freeze_days=freeze_days)
    if command.valid_to <= last.valid_from:
        raise own_rules.OWN_METER_PERIOD_INVALID.refused(
            path="/valid_to",
            limit=(_date(last.valid_from) + timedelta(days=1)).isoformat(),
            actual=_date(command.valid_to).isoformat(),
        )
    return OwnMeterClosed(
        resource_id=resource_id,
        metering_point_id=state.metering_point_id,
        bsp=sender,
        device_id=command.device_id,
        meter=meter.number,
        direction=command.direction,
        product=command.product,
        valid_to=command.valid_to,
    )


def holds_throughout(held: control.Control | None, point: str, *, bsp: str, start: datetime, end: datetime) -> bool:
    """Whether a BSP holds a point in the whole of a period; by nobody's word it holds none."""
    if held is None:
        return False
    moments = [start, *(edge for edge in control.edges(held, point) if start < edge < end)]
    return all(control.holds(held, point, bsp=bsp, at=moment) for moment in moments)


def was_opened_by(meters: OwnMeters, held: control.Control | None, *, bsp: str, at: datetime) -> bool:
    """Whether a BSP, by itself or as an heir, ever opened a meter of a resource: then it may be told that there is."""
    return any(
        one.bsp == bsp or is_of(one, meters.metering_point_id, held, bsp=bsp, at=at)
        for meter in meters.devices.values()
        for stretches in meter.lines.values()
        for one in stretches
    )


def own_stretches(
    meters: OwnMeters, held: control.Control | None, *, bsp: str, line: str
) -> Iterator[tuple[datetime, datetime | None]]:
    """When a meter's line was a BSP's, by itself or as who has taken another over."""
    for meter in meters.devices.values():
        for one in meter.lines.get(line, ()):
            start = one.valid_from
            heirs = held.heirs.get(blocks.place_of(meters.metering_point_id), ()) if held else ()
            hold = control.Hold(one.bsp, start, ends={"closed": one.valid_to} if one.valid_to else {})
            yield from ((first, last) for whose, first, last in control.periods(hold, heirs) if whose == bsp)


def lines_of(meters: OwnMeters, *, device_id: str, asked: str) -> dict[str, str]:
    """The lines of a resource's own meters in the direction and product of a line, by device; of one where it is named.

    A line that names a meter is that meter's alone.
    """
    direction, product, number = lines.parts(asked)
    return {
        device: name
        for device, meter in meters.devices.items()
        if (not device_id or device == device_id) and number in {0, meter.number}
        for name in (lines.line(direction, product, meter.number),)
        if name in meter.lines
    }


def is_of(stretch: Stretch, point: str, held: control.Control | None, *, bsp: str, at: datetime) -> bool:
    """Whether at a moment it is a BSP's: it opened it, or has taken over by then who did."""
    return control.successor(held, blocks.place_of(point), stretch.bsp, at) == bsp


def _owner(stretch: Stretch, state: OwnMeters, held: control.Control | None, at: datetime) -> str:
    return control.successor(held, blocks.place_of(state.metering_point_id), stretch.bsp, at)


def _may(resource: known.Resource, held: control.Control | None, *, sender: str, at: datetime) -> bool:
    """Whether a resource is the sender's, by itself or as an heir, and the point, too."""
    point = resource.metering_point_id
    its = control.successor(held, blocks.place_of(point), resource.bsp, at)
    return its == sender and held is not None and control.holds(held, point, bsp=sender, at=at)


def _not_frozen(path: str, asked: datetime, *, at: datetime, freeze_days: int) -> None:
    earliest = _date(at) - timedelta(days=freeze_days)
    if asked < days.day(earliest).start:
        raise own_rules.OWN_METER_PERIOD_INVALID.refused(
            path=path, limit=earliest.isoformat(), actual=_date(asked).isoformat()
        )


def _date(moment: datetime) -> date:
    return days.day_at(moment).date


Held = Mapping[str, control.Control | None]
"""By block."""
