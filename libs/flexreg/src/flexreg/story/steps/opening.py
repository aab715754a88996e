"""Steps 1 and 2: who there is, how much each zone takes, and what the datahub knows of 1,200 metering points."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Final

from contracts.bsp_switch.v1 import SupplyRecorded
from contracts.gateway.v1 import PartyReady
from contracts.prequal.v1 import ZoneCapSet
from contracts.registry.v1 import GridAreaDefined, MeteringPointRecorded, PartyOnboarded
from contracts.values import BiddingZone
from flexreg.story import cast as who
from flexreg.story import messages
from flexreg.story.table import mw

if TYPE_CHECKING:
    from flexreg.story.playing import Play

FIRST_DAY: Final = date(2026, 1, 5)
CAPS: Final = {BiddingZone.NO3: 3_000_000, BiddingZone.NO1: 5_000_000}
REASONS: Final = {
    BiddingZone.NO3: (("transfer-capacity", "grid-observability"), "Few of the substations can be observed yet."),
    BiddingZone.NO1: (("need-for-reserves",), "There is room in the grid; so much is needed at most."),
}


async def parties_and_grid(play: Play) -> None:
    """Step 1: a fresh register knows its operator, and nobody else."""
    play.step("1", "A fresh register knows its operator")
    await play.say(
        who.OPERATOR, "onboards TSO, datahub, 2 DSOs, 2 BSPs, 2 BRPs, 2 suppliers", messages.onboard(who.ONBOARDED)
    )
    for party in who.ONBOARDED:
        await play.until(PartyReady, 1, party=party.gln)
    play.tell("gateway", "makes each party's topics", f"{len(who.ONBOARDED)} parties are ready")
    await play.listen_to_post()
    await play.say(who.TSO, "defines 3 grid areas: DSO 1 in NO3 and NO1, DSO 2 in NO3", messages.grid_areas(who.AREAS))
    for zone, cap_w in CAPS.items():
        reasons, assessment = REASONS[zone]
        wish = messages.cap(zone, cap_w, reasons=reasons, assessment=assessment)
        await play.say(
            who.TSO,
            f"lets {zone} take {mw(cap_w)}: {', '.join(reasons)}",
            [wish],
            decided="published to everyone, with its reasons",
            rule="R20, R21, R24",
        )
    await play.follow()
    play.events(PartyOnboarded, 10)
    play.events(GridAreaDefined, 3)
    for zone, cap_w in CAPS.items():
        found = play.event(ZoneCapSet, zone=zone.value)
        play.expect_all(
            f"the cap of {zone}", found, cap_w=cap_w, used_w=0, free_w=cap_w, waiting=0, reasons=list(REASONS[zone][0])
        )
    play.told(ZoneCapSet, dict.fromkeys(play.parties, 2))


async def metering_points(play: Play) -> None:
    """Step 2: what each point is goes to `registry`, who stands behind it to `bsp-switch`."""
    play.step("2", "The datahub says what there is")
    cast = play.cast
    receipts = await play.say(
        who.DATAHUB, "publishes 1,200 metering points", messages.metering_points(cast.points), rule=""
    )
    noticed = {
        receipt["command_subject"]: [reason["code"] for reason in receipt["reasons"]]
        for receipt in receipts
        if receipt["reasons"]
    }
    play.expect("notices to the datahub", noticed, {cast.nowhere.id: ["GRID_AREA_UNKNOWN"]})
    play.tell(
        "registry", "one names a grid area that does not exist", "incomplete, with a notice", "GRID_AREA_UNKNOWN D27"
    )
    await play.say(who.DATAHUB, "says who stands behind each of them", messages.supplies(cast.points), rule="D28")
    await play.follow()
    recorded = play.events(MeteringPointRecorded, 1200)
    zones = Counter(one["zone"] for one in recorded)
    play.expect("points by zone", zones, Counter({"NO3": 1060, "NO1": 139, None: 1}))
    play.expect("points by DSO", Counter(one["dso"] for one in recorded)[who.DSO_1.gln], 605)
    supplied = play.events(SupplyRecorded, 1200)
    play.expect("parties that nobody knows", [one["unknown"] for one in supplied if one["unknown"]], [])
    play.told(MeteringPointRecorded, {who.DSO_1: 605, who.DSO_2: 594})
