"""Step 11: the story is told once more from the log, and what is stored is held against it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from contracts.meter_ingest.v1 import ActivationVerified
from contracts.prequal.v1 import VolumeReserved
from contracts.registry.v1 import MemberJoined, MemberMustLeave, MembershipEndAnnounced, MembershipEnded
from flexreg import cause
from flexreg.story import cast as who
from flexreg.story import causes

if TYPE_CHECKING:
    from flexreg.story.playing import Play

OF_A: Final = {
    MemberJoined: 420,
    VolumeReserved: 1,
    MembershipEndAnnounced: 60,
    MembershipEnded: 60,
    MemberMustLeave: 5,
    ActivationVerified: 1,
}
"""How often each stands in the story of A's group."""


async def proof(play: Play) -> None:
    """Whatever does not hold here fails the story."""
    play.step("11", "A's group, from the log")
    await play.follow()
    _told_again(play)
    play.step("", "The proof")
    await _rebuilt(play)
    await _counted(play)
    await _delivered(play)


def _told_again(play: Play) -> None:
    """The whole story of A's group, across all services, in order of cause."""
    entries = causes.of_group(play.log.entries, who.GROUP_A)
    nodes = cause.tree(entries)
    play.board.note(causes.shown(cause.bunches(nodes), {party.gln: party.short for party in play.parties}))
    play.expect("messages before their cause", causes.out_of_order(entries), [])
    speakers = {one.envelope["source"].split("/")[2] for one in entries if one.topic.startswith("events.")}
    play.expect("who speaks in it", speakers, {"registry", "prequal", "bsp-switch", "meter-ingest"})
    count = Counter(entry.envelope["type"] for entry in entries)
    for event, number in OF_A.items():
        play.expect(f"{event.type} of A's group", count[event.type], number)


async def _rebuilt(play: Play) -> None:
    """What is stored is what the log says."""
    for proved in await play.register.prove():
        differing = [name for name, hashes in proved["tables"].items() if hashes["stored"] != hashes["rebuilt"]]
        shard = f" (shard {proved['shard']})" if proved["shard"] else ""
        holds = play.expect(f"tables of {proved['service']}{shard} that differ", differing, [])
        same = play.expect(f"{proved['service']}{shard} is proved", proved["equal"], True)
        count = f"{proved['events']:,} events, {proved['documents']:,} documents"
        play.board.tell(
            proved["service"],
            f"rebuilt from the log{shard}: {count}",
            f"the same as stored, by hash, in each of {len(proved['tables'])} tables"
            if holds
            else f"differs in {', '.join(differing)}",
            holds=holds and same,
        )


async def _counted(play: Play) -> None:
    """Every position that came in has one receipt; nothing is lost, nothing doubled."""
    counted = await play.register.count()
    play.expect("what does not hold in the counts", counted["wrong"], {})
    play.expect("ingress positions", counted["ingress_positions"], play.sent)
    play.expect("receipts", counted["receipts"], play.sent)
    play.board.tell(
        "",
        f"{counted['ingress_positions']:,} messages came in, {counted['messages']:,} stand in the log",
        f"{counted['receipts']:,} receipts; nothing lost, nothing doubled",
        holds=counted["holds"],
    )


async def _delivered(play: Play) -> None:
    """Every party was sent each of its receipts once, and nothing between two deliveries is missing."""
    delivered = await play.register.deliveries()
    holds = play.expect("what does not hold in the deliveries", delivered["wrong"], {})
    said = f"{delivered['deliveries']:,} deliveries to {delivered['parties']} parties"
    play.board.tell("gateway", said, "each once, without a gap", holds=holds)
