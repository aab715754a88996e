"""Steps 9 and 10: points go to another BSP, and a supplier change brings another BRP."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from contracts import calendar
from contracts.bsp_switch.v1 import (
    ConsentRecorded,
    SupplyRecorded,
    SwitchAnnounced,
    SwitchRequested,
    SwitchTookEffect,
)
from contracts.prequal.v1 import BiddableChanged
from contracts.registry.v1 import MemberMustLeave, MembershipEndAnnounced, MembershipEnded
from flexreg.story import cast as who
from flexreg.story import messages
from flexreg.story.table import kw, mw

if TYPE_CHECKING:
    from flexreg.story.playing import Play

ASKED: Final = date(2026, 4, 1)
TOO_SOON: Final = date(2026, 4, 14)
TAKES_EFFECT: Final = date(2026, 4, 15)
MIDNIGHT: Final = "2026-04-14T22:00:00Z"
NEW_BRP_FROM: Final = date(2026, 4, 22)


async def switch_announced(play: Play) -> None:
    """Step 9, on the day on which B asks."""
    play.step("9", "B takes over 60 of A's points")
    await play.move(ASKED, "09:00")
    cast = play.cast
    await play.say(
        who.BSP_B,
        "has the consents of 61 end users",
        messages.consents((*cast.switching, cast.too_soon), who.BSP_B, valid_from=ASKED),
        rule="R31",
    )
    (receipt,) = await play.say(
        who.BSP_B,
        "requests the switch of one point from 04-14",
        [messages.request_switch(who.SWITCH_TOO_SOON, (cast.too_soon,), start=TOO_SOON)],
        refused={0: "SWITCH_NOTICE"},
    )
    play.expect_all("why not from 04-14", receipt["reasons"][0], limit=14, actual=13)
    await play.say(
        who.BSP_B,
        "requests the switch of 60 points from 04-15",
        [messages.request_switch(who.SWITCH, cast.switching, start=TAKES_EFFECT)],
        rule="R43, D13",
    )
    await play.follow()
    play.events(ConsentRecorded, 61)
    play.expect_all("the switch", play.event(SwitchRequested), switch_id=who.SWITCH, points=60, start=MIDNIGHT)
    announced = play.events(SwitchAnnounced, 60, outgoing=who.BSP_A.gln, incoming=who.BSP_B.gln, dso=who.DSO_1.gln)
    play.expect("the points", {one["metering_point_id"] for one in announced}, {point.id for point in cast.switching})
    play.told(SwitchAnnounced, dict.fromkeys((who.BSP_A, who.BSP_B, who.DSO_1, who.BRP_1, who.TSO), 60))
    ends = play.events(MembershipEndAnnounced, 60, group_id=who.GROUP_A, because="switch", valid_to=MIDNIGHT)
    play.expect("declared from 04-15 in W", ends[-1]["declared_up_w"], 1_800_000)
    play.tell("registry", "ends 60 memberships at that midnight", f"{kw(1_800_000)} are declared from 04-15", "D26")
    changes = [entry.envelope["data"] for entry in play.log.found(BiddableChanged, {"group_id": who.GROUP_A})]
    latest = [one for one in changes if one["valid_from"] == MIDNIGHT][-1]
    play.expect_all(
        "biddable from 04-15",
        latest,
        up_w=1_000_000,
        approved_up_w=2_000_000,
        deliverable_up_w=1_720_000,
        below_minimum=False,
    )
    play.expect("changes before 04-15", {one["valid_from"] for one in changes[1:]}, {MIDNIGHT})
    play.told(
        BiddableChanged,
        dict.fromkeys((who.BSP_A, who.DSO_1, who.DSO_2, who.TSO), len(changes) - 1),
        group_id=who.GROUP_A,
    )
    play.tell(
        "prequal",
        f"{kw(latest['deliverable_up_w'])} can be delivered from 04-15",
        f"{mw(latest['up_w'])} may be bid from then; A, the DSOs and the TSO are told now",
        "R12, D4, D26",
    )


async def switch_effective(play: Play) -> None:
    """Step 9, at its midnight: nothing needs to be said for it to be so."""
    await play.move(TAKES_EFFECT, "00:00")
    effect = play.event(SwitchTookEffect)
    play.expect_all(
        "the switch in effect", effect, switch_id=who.SWITCH, points=60, outgoing=[who.BSP_A.gln], start=MIDNIGHT
    )
    ended = play.events(MembershipEnded, 60, group_id=who.GROUP_A, because="switch", valid_to=MIDNIGHT)
    play.expect("declared at 04-15 in W", ended[-1]["declared_up_w"], 1_800_000)
    play.events(BiddableChanged, 0)
    await _hold(play, members=360, declared_w=1_800_000)
    at = calendar.midnight(TAKES_EFFECT)
    for when, bsp in ((calendar.add_local_days(at, -1), who.BSP_A), (at, who.BSP_B)):
        held = await play.register.show("bsp-switch", "point", play.cast.switching[0].id, valid_at=when)
        holders = [one["bsp"] for one in held["state"]["holdings"]] if held else []
        play.expect(f"who holds a point at {when:%m-%d %H:%M}Z", holders, [bsp.gln])
    play.tell("bsp-switch", "it is midnight: 60 points are B's", "the switch has taken effect", "R13, R43")
    play.told(SwitchTookEffect, dict.fromkeys((who.BSP_A, who.BSP_B, who.TSO), 1))


async def other_brp(play: Play) -> None:
    """Step 10: a fact is accepted; those who no longer fit must leave, and count until then."""
    play.step("10", "A supplier change brings another BRP")
    await play.move(date(2026, 4, 20), "09:00")
    cast = play.cast
    await play.say(
        who.DATAHUB,
        "says that 5 of A's members have BRP 2 from 04-22",
        messages.supplies(cast.changing_brp, valid_from=NEW_BRP_FROM, brp=who.BRP_2),
        rule="D28",
    )
    await play.follow()
    play.events(SupplyRecorded, 5)
    leaving = play.events(
        MemberMustLeave,
        5,
        group_id=who.GROUP_A,
        because="brp",
        since="2026-04-21T22:00:00Z",
        leave_by="2026-05-19T22:00:00Z",
        brp_consumption=who.BRP_2.gln,
        brp_production=who.BRP_2.gln,
        proposal="leave",
    )
    points = {one["metering_point_id"] for one in leaving}
    play.expect("who must leave", points, {point.id for point in cast.changing_brp})
    play.told(MemberMustLeave, {who.BSP_A: 5, who.TSO: 5, who.DSO_1: 3, who.DSO_2: 2})
    play.tell("registry", "5 members must leave by 05-20", "proposal: leave; until then they count", "R44, D9")
    play.events(BiddableChanged, 0)
    play.events(MembershipEnded, 0)
    await _hold(play, members=360, declared_w=1_800_000)


async def _hold(play: Play, *, members: int, declared_w: int) -> None:
    """What `registry` holds of A's group now."""
    found: dict[str, Any] = await play.register.show("registry", "group", who.GROUP_A) or {"state": {"members": {}}}
    state = found["state"]
    play.expect("members of A's group", len(state["members"]), members)
    play.expect("what they declare in W", sum(one["power"]["up_w"] for one in state["members"].values()), declared_w)
