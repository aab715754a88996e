"""Steps 5 and 6, as they interleave in time: two groups are assessed, approved, and one of them waits for room."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from contracts.prequal.v1 import (
    ApplicationQueued,
    ApplicationReceived,
    BiddableChanged,
    GridAssessed,
    GridAssessmentRequested,
    PrequalificationDecided,
    VolumeReserved,
    ZoneCapSet,
)
from contracts.registry.v1 import GroupFormed, MemberJoined
from contracts.values import BiddingZone
from flexreg.story import cast as who
from flexreg.story import messages
from flexreg.story.table import kw, mw

if TYPE_CHECKING:
    from flexreg.story.playing import Data, Play

CONCERNED_BY_A: Final = (who.BSP_A, who.DSO_1, who.DSO_2, who.TSO)
CONCERNED_BY_B: Final = (who.BSP_B, who.DSO_2, who.TSO)


async def assessment(play: Play) -> None:
    """Step 5 until the DSOs have answered, and step 6's application of the same day."""
    play.step("5", "A's group is prequalified")
    await play.move(date(2026, 1, 6), "09:00")
    await play.say(
        who.BSP_A,
        "applies for 2 MW mFRR",
        [messages.apply_for_prequalification(who.APPLICATION_A, who.GROUP_A, up_w=2_000_000)],
        rule="R42",
    )
    await play.follow()
    received = play.event(ApplicationReceived)
    play.expect_all("A's application", received, up_w=2_000_000, declared_up_w=2_100_000, group_id=who.GROUP_A)
    for dso, points in ((who.DSO_1, 270), (who.DSO_2, 150)):
        asked = play.event(GridAssessmentRequested, dso=dso.gln)
        play.expect(f"points that {dso.short} is asked for", len(asked["points"]), points)
        play.expect(f"until when {dso.short} is asked", asked["due_at"], "2026-02-03T23:00:00Z")
        play.told(GridAssessmentRequested, {dso: 1, who.TSO: 1}, dso=dso.gln)
        play.tell("prequal", f"asks {dso.short} for its own {points} points", "by the end of 02-03", "R36, D11")
    await play.move(date(2026, 1, 20), "09:00")
    await play.say(who.DSO_1, "approves its part", [messages.approve_grid(who.APPLICATION_A)], rule="R36")
    cast = play.cast
    limits = {point.id: 3_000 for point in cast.limited} | {point.id: 0 for point in cast.rejected}
    await play.say(
        who.DSO_2,
        "limits 30 points from 5 to 3 kW and rejects 4",
        [messages.limit_grid(who.APPLICATION_A, limits)],
        rule="R37",
    )
    await play.follow()
    first, last = play.events(GridAssessed, 2)
    play.expect_all(
        "after DSO 1", first, decision="approved", deliverable_up_w=1_350_000, still_asked=[who.DSO_2.gln], late=False
    )
    play.expect_all("after DSO 2", last, decision="limited", deliverable_up_w=2_020_000, still_asked=[], late=False)
    play.expect("limits", len(last["limits"]), 34)
    play.tell("prequal", "all DSOs have answered", f"{kw(last['deliverable_up_w'])} can be delivered", "R36")


async def application_of_b(play: Play) -> None:
    """Step 6 begins on the day on which step 5 waits: B's application is complete, and that gives it its place."""
    play.step("6", "B's group applies too")
    play.mark()
    await play.say(
        who.BSP_B,
        "forms a group of 320 points of 5 kW",
        [messages.form_group(who.GROUP_B, "Ladeflokk Midt", play.cast.of_b)],
        rule="R6, R10",
    )
    await play.say(
        who.BSP_B,
        "applies for 1,600 kW mFRR",
        [messages.apply_for_prequalification(who.APPLICATION_B, who.GROUP_B, up_w=1_600_000)],
        rule="R42",
    )
    await play.follow()
    play.event(GroupFormed, group_id=who.GROUP_B)
    joined = play.events(MemberJoined, 320, group_id=who.GROUP_B)
    play.expect("declared by B in W", joined[-1]["declared_up_w"], 1_600_000)
    received = play.event(ApplicationReceived)
    play.expect_all("B's application", received, up_w=1_600_000, declared_up_w=1_600_000, group_id=who.GROUP_B)
    asked = play.event(GridAssessmentRequested)
    play.expect("whom B's application concerns", (asked["dso"], len(asked["points"])), (who.DSO_2.gln, 320))
    play.tell("prequal", "asks DSO 2 for its 320 points", "by the end of 02-17", "R36, D11")
    play.expect("until when DSO 2 is asked for B", asked["due_at"], "2026-02-17T23:00:00Z")


async def approval_of_a(play: Play) -> None:
    """Step 5 ends."""
    play.step("5", "The TSO decides on A's group")
    await play.move(date(2026, 1, 27), "09:00")
    await play.say(
        who.TSO, "approves 2,000 kW for A", [messages.decide(who.APPLICATION_A, up_w=2_000_000)], rule="R42, D4"
    )
    await play.follow()
    decided = play.event(PrequalificationDecided)
    play.expect_all("decided on A", decided, decision="approved", up_w=2_000_000, deliverable_up_w=2_020_000)
    _let_in(
        play,
        play.event(VolumeReserved),
        approved_up_w=2_000_000,
        reserved_w=2_000_000,
        cap_w=3_000_000,
        used_w=2_000_000,
        free_w=1_000_000,
    )
    _may_bid(play, play.event(BiddableChanged), up_w=2_000_000, approved_up_w=2_000_000, deliverable_up_w=2_020_000)
    for event in (PrequalificationDecided, VolumeReserved, BiddableChanged):
        play.told(event, dict.fromkeys(CONCERNED_BY_A, 1))


async def queue(play: Play) -> None:
    """Step 6: approved, but the zone is full; then the cap is raised, and nobody needs to ask again."""
    play.step("6", "B's group waits for room, and gets in")
    await play.move(date(2026, 2, 2), "09:00")
    await play.say(who.DSO_2, "approves B's points", [messages.approve_grid(who.APPLICATION_B)], rule="R36")
    await play.say(
        who.TSO, "approves 1,600 kW for B", [messages.decide(who.APPLICATION_B, up_w=1_600_000)], rule="R42, D4"
    )
    await play.follow()
    play.expect_all("after B's DSO", play.event(GridAssessed), deliverable_up_w=1_600_000, still_asked=[])
    play.expect_all("decided on B", play.event(PrequalificationDecided), decision="approved", up_w=1_600_000)
    queued = play.event(ApplicationQueued)
    play.expect_all(
        "B waits",
        queued,
        place=1,
        requested_w=1_600_000,
        cap_w=3_000_000,
        used_w=2_000_000,
        free_w=1_000_000,
        complete_at="2026-01-20T08:00:00Z",
    )
    play.events(VolumeReserved, 0)
    play.events(BiddableChanged, 0)
    play.told(ApplicationQueued, dict.fromkeys(CONCERNED_BY_B, 1))
    play.tell("prequal", "3,600 kW would be more than 3 MW", f"B waits, as number {queued['place']}", "R20, R22, D6")

    await play.move(date(2026, 2, 16), "09:00")
    wish = messages.cap(
        BiddingZone.NO3,
        4_000_000,
        reasons=("transfer-capacity", "operating-pattern"),
        assessment="More substations can be observed since the beginning of February.",
    )
    await play.say(who.TSO, "raises the cap of NO3 to 4 MW", [wish], rule="R23, R24")
    await play.follow()
    play.expect_all("the cap raised", play.event(ZoneCapSet), cap_w=4_000_000, used_w=2_000_000, waiting=1)
    _let_in(
        play,
        play.event(VolumeReserved),
        approved_up_w=1_600_000,
        reserved_w=1_600_000,
        cap_w=4_000_000,
        used_w=3_600_000,
        free_w=400_000,
    )
    _may_bid(play, play.event(BiddableChanged), up_w=1_000_000, approved_up_w=1_600_000, deliverable_up_w=1_600_000)
    for event in (VolumeReserved, BiddableChanged):
        play.told(event, dict.fromkeys(CONCERNED_BY_B, 1))


def _let_in(play: Play, found: Data, **figures: int) -> None:
    play.expect_all("reserved", found, zone="NO3", **figures)
    play.tell("prequal", f"reserves {kw(found['reserved_w'])} in NO3", f"{kw(found['free_w'])} are left", "R20")


def _may_bid(play: Play, found: Data, **figures: int) -> None:
    play.expect_all("biddable", found, down_w=0, below_minimum=False, **figures)
    play.tell("prequal", "tells everyone concerned", f"{mw(found['up_w'])} may be bid", "R12, D4")
