"""What the case shard does about virtual channels: load, decide, append. Their values are `virtual_queries`' matter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chassis.service import Due, Incoming
from chassis.work import Work
from contracts.meter_ingest.v1 import DefineVirtualChannel, EndVirtualChannel
from contracts.values import Role
from meter_ingest import store
from meter_ingest.domain import blocks, virtual, virtual_setup
from meter_ingest.domain.virtual import Part, Virtual
from meter_ingest.handlers import POLICIES_NEEDED, Needed, Values, minutes_of, policies_in_force


def define_needs(incoming: Incoming[DefineVirtualChannel]) -> Needed:
    """The channel itself, its area, and all that it names."""
    command = incoming.data
    points, channels = virtual_setup.named(command)
    yield from POLICIES_NEEDED
    yield store.VIRTUAL, [incoming.subject, *channels]
    yield store.POINTS, list(blocks.by_block(points))
    yield store.CHANNEL, points
    if command.grid_area is not None:
        yield store.GRID_AREA, (command.grid_area,)


async def define_virtual_channel(work: Work, incoming: Incoming[DefineVirtualChannel]) -> None:
    """A virtual channel is computed in this way."""
    command = incoming.data
    points, channels = virtual_setup.named(command)
    state = await work.load(store.VIRTUAL, incoming.subject)
    world = virtual_setup.World(
        points=await work.load_many(store.POINTS, blocks.by_block(points)),
        channels=await work.load_many(store.CHANNEL, points),
        virtuals=await _below(work, channels),
        area=await work.load(store.GRID_AREA, command.grid_area) if command.grid_area else None,
    )
    await work.append(
        virtual_setup.decide_defined(
            state,
            command,
            virtual_id=incoming.subject,
            sender=_sender(incoming),
            world=world,
            at=incoming.at,
            freeze_days=(await policies_in_force(work)).whole("timeline.freeze-days", at=incoming.at),
        )
    )


def end_needs(incoming: Incoming[EndVirtualChannel]) -> Needed:
    """The channel."""
    return *POLICIES_NEEDED, (store.VIRTUAL, (incoming.subject,))


async def end_virtual_channel(work: Work, incoming: Incoming[EndVirtualChannel]) -> None:
    """It is computed no longer."""
    await work.append(
        virtual_setup.decide_ended(
            await work.load(store.VIRTUAL, incoming.subject),
            incoming.data,
            virtual_id=incoming.subject,
            sender=_sender(incoming),
            at=incoming.at,
            freeze_days=(await policies_in_force(work)).whole("timeline.freeze-days", at=incoming.at),
        )
    )


@dataclass(frozen=True, slots=True)
class Checking:
    """Holding sums against main meters, which reads values."""

    values: Values

    async def first_look(self, work: Work, due: Due) -> None:
        """07:00: the day's values are due."""
        await self._look(work, due, final=False)

    async def second_look(self, work: Work, due: Due) -> None:
        """The fifth day is over."""
        await self._look(work, due, final=True)

    async def _look(self, work: Work, due: Due, *, final: bool) -> None:
        state = await work.load(store.VIRTUAL, due.id)
        local = virtual.next_look(state, final=final) if state else None
        assert state is not None
        assert local is not None
        definition = virtual.check_of(state, local)
        assert definition is not None
        heard = await work.load(store.HEARD, "values")
        positions, next_ = heard.positions if heard else {}, local + timedelta(days=1)
        energies = {
            line: await self.values.energies(
                points, line, local, next_, as_of=positions, minutes=await minutes_of(work, points, line)
            )
            for line, points in virtual_setup.asked_of(definition).items()
        }
        await work.append(*virtual_setup.decide_looked(state, local, energies, virtual_id=due.id, final=final))


async def _below(work: Work, roots: Iterable[str]) -> dict[str, Virtual | None]:
    """Virtual channels, and all that they were ever said to rest on."""
    found: dict[str, Virtual | None] = {}
    waiting = list(dict.fromkeys(roots))
    while waiting:
        found |= await work.load_many(store.VIRTUAL, waiting)
        waiting = [
            one
            for one in dict.fromkeys(
                source.id
                for name in waiting
                for said in (_said(found[name]))
                for source in said.sources()
                if isinstance(source, Part)
            )
            if one not in found
        ]
    return found


def _said(state: Virtual | None) -> Iterable[virtual.Definition]:
    return (one.definition for one in state.said if one.definition) if state else ()


def _sender(incoming: Incoming[Any]) -> virtual_setup.Sender:
    return virtual_setup.Sender(incoming.sender, is_datahub=incoming.sender_role == Role.DATAHUB)
