"""Deciding on virtual channels: who may set one up, on what, and what is found of its sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.meter_ingest.v1 import (
    DefineVirtualChannel,
    EndVirtualChannel,
    SumChecked,
    SumDayPassed,
    VirtualChannelDefined,
    VirtualChannelEnded,
)
from meter_ingest.domain import days, known, rules, virtual
from meter_ingest.domain import virtual_rules as texts
from meter_ingest.domain.areas import GridArea
from meter_ingest.domain.channel import Channel, Periods
from meter_ingest.domain.lines import line
from meter_ingest.domain.virtual import MOST_SOURCES, WHOLE_PPM, Part, Source, Virtual
from meter_ingest.domain.virtual_shape import refuse_shape


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks; the datahub may name any point."""

    gln: str
    is_datahub: bool


@dataclass(frozen=True, slots=True)
class World:
    """What is known of all that a command names: points by block, channels by point, other virtual channels by id."""

    points: Mapping[str, known.Points | None]
    channels: Mapping[str, Channel | None]
    virtuals: Mapping[str, Virtual | None]
    area: GridArea | None


def named(command: DefineVirtualChannel) -> tuple[list[str], list[str]]:
    """The metering points and the virtual channels that a command names."""
    points = dict.fromkeys(term.metering_point_id for term in command.terms if term.metering_point_id)
    points |= dict.fromkeys(one.metering_point_id for one in command.recipients)
    if command.check is not None:
        points[command.check.metering_point_id] = None
    return list(points), list(dict.fromkeys(term.virtual_id for term in command.terms if term.virtual_id))


def decide_defined(
    state: Virtual | None,
    command: DefineVirtualChannel,
    *,
    virtual_id: str,
    sender: Sender,
    world: World,
    at: datetime,
    freeze_days: int,
) -> VirtualChannelDefined:
    """A version of a virtual channel.

    Refuses with ID_NOT_AVAILABLE, VIRTUAL_SHAPE_INVALID, VIRTUAL_PERIOD_INVALID, VIRTUAL_AREA_NOT_VIRTUAL,
    VIRTUAL_SOURCE_UNKNOWN, VIRTUAL_SOURCE_WITHOUT_CHANNEL, VIRTUAL_SHARES_NOT_WHOLE, VIRTUAL_SHARING_NOT_ELIGIBLE,
    VIRTUAL_CYCLE, VIRTUAL_TOO_MANY_SOURCES.
    """
    if state is not None and not _may_change(state, sender):
        raise rules.ID_NOT_AVAILABLE.refused(actual=virtual_id)
    refuse_shape(command)
    _refuse_period(command, at=at, freeze_days=freeze_days)
    dsos = [*_area(command, world), *_sources(command, sender, world), *_sharing(command, sender, world)]
    if command.check is not None:
        source = Source(command.check.metering_point_id, line(command.check.direction))
        dsos.append(_point(source, "/check", command, sender, world))
    event = VirtualChannelDefined(
        virtual_id=virtual_id,
        version=(state.versions if state else 0) + 1,
        by=sender.gln,
        dsos=tuple(dict.fromkeys(one for one in dsos if one)),
        method=command.method,
        grid_area=command.grid_area,
        direction=command.direction,
        product=command.terms[0].product if command.method == "copy" else "active",
        product_code=virtual.product_code(command.method, command.terms[0].product),
        terms=command.terms,
        sharing=command.sharing,
        recipients=command.recipients,
        check=command.check,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        said_at=at,
        reason=command.reason,
    )
    made = virtual.evolve(state, event)
    definition = made.last
    if virtual.is_circular(virtual_id, definition, world.virtuals, command.valid_from, command.valid_to):
        raise texts.VIRTUAL_CYCLE.refused(path="/terms")
    end = command.valid_to or command.valid_from + timedelta(days=36525)
    rests = virtual.rests_on(definition.sources(), world.virtuals, command.valid_from, end)
    if len(rests.sources) > MOST_SOURCES:
        raise texts.VIRTUAL_TOO_MANY_SOURCES.refused(path="/terms", limit=MOST_SOURCES, actual=len(rests.sources))
    return event


def decide_ended(
    state: Virtual | None,
    command: EndVirtualChannel,
    *,
    virtual_id: str,
    sender: Sender,
    at: datetime,
    freeze_days: int,
) -> VirtualChannelEnded:
    """It has no values from then on. Refuses with VIRTUAL_UNKNOWN, VIRTUAL_PERIOD_INVALID."""
    after = command.valid_to + timedelta(days=36525)
    if state is None or not _may_change(state, sender) or not virtual.stretches(state, command.valid_to, after):
        raise texts.VIRTUAL_UNKNOWN.refused(actual=virtual_id)
    _not_frozen("/valid_to", command.valid_to, at=at, freeze_days=freeze_days)
    return VirtualChannelEnded(
        virtual_id=virtual_id,
        by=sender.gln,
        dsos=state.last.dsos,
        valid_to=command.valid_to,
        said_at=at,
        reason=command.reason,
    )


def asked_of(definition: virtual.Definition) -> dict[str, list[str]]:
    """The points whose day is needed to hold a sum against its main meter, by line."""
    found: dict[str, list[str]] = {}
    for one in definition.sources():
        if isinstance(one, Source):
            found.setdefault(one.line, []).append(one.point)
    if definition.check is not None:
        found.setdefault(definition.check.line, []).append(definition.check.point)
    return found


def decide_looked(
    state: Virtual,
    local: date,
    energies: Mapping[str, Mapping[str, Mapping[date, int]]],
    *,
    virtual_id: str,
    final: bool,
) -> list[SumChecked | SumDayPassed]:
    """How a day's sum stands against its main meter, where that is to be said. `energies`: Wh by line and point."""
    definition = virtual.check_of(state, local)
    assert definition is not None
    check = definition.check
    assert check is not None

    def wh(source: Source) -> int | None:
        return energies.get(source.line, {}).get(source.point, {}).get(local)

    each = [(term.minus, wh(term.of)) for term in definition.terms if isinstance(term.of, Source)]
    there = [-energy if minus else energy for minus, energy in each if energy is not None]
    main = wh(Source(check.point, check.line))
    looked = SumDayPassed(virtual_id=virtual_id, date=local, final=final)
    if main is None or len(there) < len(each):
        return [looked]
    tolerance = max(check.tolerance_wh, main * check.tolerance_basis_points // 10_000)
    difference = sum(there) - main
    differs, said = abs(difference) > tolerance, state.differing.get(local)
    if (difference if differs else None) == said:
        return [looked]
    checked = SumChecked(
        virtual_id=virtual_id,
        version=definition.version,
        dsos=definition.dsos,
        date=local,
        metering_point_id=check.point,
        sum_wh=sum(there),
        main_wh=main,
        tolerance_wh=tolerance,
        differs=differs,
        final=final,
    )
    return [checked, looked]


# What a command must hold


def _refuse_period(command: DefineVirtualChannel, *, at: datetime, freeze_days: int) -> None:
    _not_frozen("/valid_from", command.valid_from, at=at, freeze_days=freeze_days)
    if command.valid_to is not None and command.valid_to <= command.valid_from:
        first = days.day_at(days.day_at(command.valid_from).end).date
        raise texts.VIRTUAL_PERIOD_INVALID.refused(
            path="/valid_to", limit=first.isoformat(), actual=days.day_at(command.valid_to).date.isoformat()
        )


def _not_frozen(path: str, asked: datetime, *, at: datetime, freeze_days: int) -> None:
    earliest = days.day_at(at).date - timedelta(days=freeze_days)
    if asked < days.day(earliest).start:
        raise texts.VIRTUAL_PERIOD_INVALID.refused(
            path=path, limit=earliest.isoformat(), actual=days.day_at(asked).date.isoformat()
        )


def _area(command: DefineVirtualChannel, world: World) -> list[str | None]:
    if command.method == "share":
        return []
    if world.area is None or not world.area.virtual:
        raise texts.VIRTUAL_AREA_NOT_VIRTUAL.refused(path="/grid_area", actual=command.grid_area)
    return [world.area.dso_at(command.valid_from)]


def _sources(command: DefineVirtualChannel, sender: Sender, world: World) -> list[str | None]:
    found: list[str | None] = []
    for place, term in enumerate(command.terms):
        path = f"/terms/{place}"
        if term.metering_point_id is not None:
            source = Source(term.metering_point_id, line(term.direction, term.product))
            found.append(_point(source, path, command, sender, world))
            continue
        found += _virtual(Part(term.virtual_id or "", term.recipient), path, command, sender, world)
    return found


def _sharing(command: DefineVirtualChannel, sender: Sender, world: World) -> list[str | None]:
    if command.sharing is None:
        return []
    whole = sum(one.share_ppm or 0 for one in command.recipients)
    if command.sharing == "manual" and whole != WHOLE_PPM:
        raise texts.VIRTUAL_SHARES_NOT_WHOLE.refused(path="/recipients", limit=WHOLE_PPM, actual=whole)
    found: list[str | None] = []
    for place, one in enumerate(command.recipients):
        path = f"/recipients/{place}"
        found.append(_point(Source(one.metering_point_id, "consumption"), path, command, sender, world))
        _refuse_ineligible(one.metering_point_id, path, {None, "interval"}, command, world)
    # Once it is shared, the source is settled no longer.
    source = command.terms[0].metering_point_id or ""
    _refuse_ineligible(source, "/terms/0", {None, "interval", "not-settled"}, command, world)
    return found


def _refuse_ineligible(
    point: str, path: str, allowed: set[str | None], command: DefineVirtualChannel, world: World
) -> None:
    version = known.point_at(world.points, point, command.valid_from)
    if version is None or not version.active or version.settlement not in allowed:
        raise texts.VIRTUAL_SHARING_NOT_ELIGIBLE.refused(path=path, actual=point)


def _point(source: Source, path: str, command: DefineVirtualChannel, sender: Sender, world: World) -> str | None:
    """Whose point a source is. Refused where it is not the sender's, or has no channel in all of the period."""
    version = known.point_at(world.points, source.point, command.valid_from)
    if version is None or not (sender.is_datahub or version.dso == sender.gln):
        raise texts.VIRTUAL_SOURCE_UNKNOWN.refused(path=path, actual=source.point)
    channel = world.channels.get(source.point)
    periods = channel.lines.get(source.line, ()) if channel else ()
    if not _covered(periods, command.valid_from, command.valid_to):
        raise texts.VIRTUAL_SOURCE_WITHOUT_CHANNEL.refused(path=path, actual=f"{source.point} {source.line}")
    return version.dso


def _virtual(
    part: Part, path: str, command: DefineVirtualChannel, sender: Sender, world: World
) -> tuple[str | None, ...]:
    state = world.virtuals.get(part.id)
    if state is None or not (sender.is_datahub or sender.gln in (state.last.by, *state.last.dsos)):
        raise texts.VIRTUAL_SOURCE_UNKNOWN.refused(path=path, actual=part.id)
    at_first = virtual.stretches(state, command.valid_from, days.day_at(command.valid_from).end)
    if not at_first or part.recipient not in (at_first[0].definition.recipients or (None,)):
        raise texts.VIRTUAL_SOURCE_WITHOUT_CHANNEL.refused(path=path, actual=part.id)
    return at_first[0].definition.dsos


def _covered(periods: Periods, start: datetime, end: datetime | None) -> bool:
    """Whether channels that follow each other are open in all of a period."""
    reached = start
    for one in periods:
        if one.valid_from <= reached and (one.valid_to is None or reached < one.valid_to):
            if one.valid_to is None or (end is not None and end <= one.valid_to):
                return True
            reached = one.valid_to
    return False


def _may_change(state: Virtual, sender: Sender) -> bool:
    return sender.is_datahub or state.last.by == sender.gln
