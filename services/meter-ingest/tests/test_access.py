"""Which values a BSP may read: of its own control, and from before it as far as its consents go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from contracts.bsp_switch import v1 as bsp_switch
from contracts.values import make_gln
from meter_ingest import store
from meter_ingest.domain import access, blocks

pytestmark = pytest.mark.unit

OTHER = make_gln(12)
HELD, PASSED, LATER = "2026-01-06", "2026-03-29", "2026-04-10"


def claimed(world: Any, point: str, since: str = HELD) -> bsp_switch.ControlClaimed:
    return bsp_switch.ControlClaimed(
        metering_point_id=point, bsp=world.bsp, valid_from=world.local(since), consent_id=world.uuid(1)
    )


def switched(world: Any, point: str, start: str = PASSED, *, cancelled: bool = False) -> Any:
    about = {
        "switch_id": world.uuid(2),
        "metering_point_id": point,
        "outgoing": world.bsp,
        "incoming": OTHER,
        "dso": world.dso,
        "start": world.local(start),
    }
    if cancelled:
        return bsp_switch.SwitchCancelled(**about, because="incoming", valid_to=None)
    return bsp_switch.SwitchAnnounced(**about, consent_id=world.uuid(3), notice_days=14, notice_min_days=14)


def ended(world: Any, point: str, end: str) -> bsp_switch.ControlEndAnnounced:
    return bsp_switch.ControlEndAnnounced(
        metering_point_id=point,
        bsp=world.bsp,
        dso=world.dso,
        valid_from=world.local("2026-01-06"),
        valid_to=world.local(end),
        because="move-out",
    )


def changed(world: Any, *earlier: tuple[str, str, str | None], bsp: str = "") -> bsp_switch.MeterAccessChanged:
    return bsp_switch.MeterAccessChanged(
        metering_point_id=world.gsrn(1),
        bsp=bsp or world.bsp,
        earlier=tuple(
            bsp_switch.EarlierValues(
                valid_from=world.local(first),
                valid_to=world.local(to),
                until=world.local(until) if until else None,
                consent_id=world.uuid(9),
                purpose="meter-history",
            )
            for first, to, until in earlier
        ),
    )


def merged(world: Any, start: str) -> bsp_switch.ControlSuccessionAnnounced:
    return bsp_switch.ControlSuccessionAnnounced(
        metering_point_id=world.gsrn(1), merger_id=world.uuid(8), bsp=world.bsp, successor=OTHER,
        start=world.local(start), dso=world.dso,
    )  # fmt: skip


def known(world: Any, point: str) -> tuple[Any, Any]:
    block = blocks.block_of(point)
    scenario = world.scenario
    return {block: scenario.state(store.CONTROL, block)}, {block: scenario.state(store.ACCESS, block)}


def readable(world: Any, bsp: str, at: str, point: str = "") -> list[tuple[datetime, datetime | None]]:
    point = point or world.gsrn(1)
    controls, accesses = known(world, point)
    return [*access.readable(controls, accesses, bsp=bsp, point=point, at=world.local(at, "12:00"))]


def may_read(world: Any, bsp: str, start: str, end: str, at: str) -> bool:
    controls, accesses = known(world, world.gsrn(1))
    return access.may_read(
        controls, accesses, bsp=bsp, point=world.gsrn(1), start=world.local(start), end=world.local(end),
        at=world.local(at, "12:00"),
    )  # fmt: skip


def test_at_a_switch_the_right_passes_exactly_at_midnight_and_the_outgoing_keeps_its_own_period(world: Any) -> None:
    world.scenario.given(claimed(world, world.gsrn(1)), switched(world, world.gsrn(1)))
    assert readable(world, OTHER, "2026-03-28") == []
    assert readable(world, OTHER, PASSED) == [(world.local(PASSED), None)]
    for at in ("2026-03-28", LATER):
        assert readable(world, world.bsp, at) == [(world.local(HELD), world.local(PASSED))]
    assert may_read(world, world.bsp, HELD, PASSED, LATER)
    assert not may_read(world, world.bsp, HELD, "2026-03-30", LATER)
    assert not may_read(world, OTHER, "2026-03-28", "2026-03-30", LATER)

    world.scenario.given(switched(world, world.gsrn(1), cancelled=True))
    assert readable(world, OTHER, LATER) == []
    assert readable(world, world.bsp, LATER) == [(world.local(HELD), None)]


def test_what_is_nobodys_and_what_is_anothers_is_read_by_nobody(world: Any) -> None:
    assert readable(world, world.bsp, LATER) == []
    # The next point of the same block, of which nothing was ever said.
    world.scenario.given(claimed(world, world.gsrn(1)), changed(world, ("2025-01-01", HELD, None)))
    assert readable(world, world.bsp, LATER, world.gsrn(2)) == []
    assert readable(world, OTHER, LATER) == []


def test_history_is_read_while_control_and_the_consent_last(world: Any) -> None:
    world.scenario.given(claimed(world, world.gsrn(1)), changed(world, ("2025-02-01", HELD, "2026-03-01")))
    assert readable(world, world.bsp, "2026-01-05") == []
    # It joins what follows without a gap.
    assert readable(world, world.bsp, HELD) == [(world.local("2025-02-01"), None)]
    assert may_read(world, world.bsp, "2025-12-01", "2026-02-01", "2026-02-28")
    assert not may_read(world, world.bsp, "2025-01-31", "2026-02-01", "2026-02-28")
    assert readable(world, world.bsp, "2026-03-02") == [(world.local(HELD), None)]

    world.scenario.given(changed(world, ("2025-03-01", HELD, None)))
    assert readable(world, world.bsp, "2026-03-02") == [(world.local("2025-03-01"), None)]
    world.scenario.given(ended(world, world.gsrn(1), "2026-03-10"))
    assert readable(world, world.bsp, "2026-03-10") == [(world.local(HELD), world.local("2026-03-10"))]


def test_what_is_taken_back_is_read_no_more_and_what_goes_with_another_control_never_was(world: Any) -> None:
    world.scenario.given(claimed(world, world.gsrn(1)), changed(world, ("2025-02-01", HELD, None)))
    world.scenario.given(changed(world))
    assert readable(world, world.bsp, LATER) == [(world.local(HELD), None)]
    world.scenario.given(changed(world, ("2025-02-01", "2026-01-20", None)))
    assert readable(world, world.bsp, LATER) == [(world.local(HELD), None)]


def test_who_takes_a_bsp_over_reads_from_then_what_that_could(world: Any) -> None:
    world.scenario.given(
        claimed(world, world.gsrn(1)), changed(world, ("2025-02-01", HELD, None)), merged(world, PASSED)
    )
    assert readable(world, OTHER, "2026-03-28") == []
    assert readable(world, OTHER, PASSED) == [(world.local("2025-02-01"), None)]
    assert readable(world, world.bsp, PASSED) == [(world.local(HELD), world.local(PASSED))]


def test_and_as_far_back_as_its_own_consent_goes(world: Any) -> None:
    world.scenario.given(
        claimed(world, world.gsrn(1)), merged(world, PASSED), changed(world, ("2024-11-01", PASSED, LATER), bsp=OTHER)
    )
    assert readable(world, OTHER, "2026-03-28") == []
    assert readable(world, OTHER, PASSED) == [(world.local("2024-11-01"), None)]
    assert readable(world, OTHER, LATER) == [(world.local(HELD), None)]
    assert readable(world, world.bsp, PASSED) == [(world.local(HELD), world.local(PASSED))]
