"""A correction three years back re-opens exactly what depended on it, and every run of what follows adds up.

Generated corrections of values, control and membership, and annulments, against a plain model: by quarter, who is a
member, who is held, and which word on a value counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from deviation_given import supplied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.work import Work
from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest.v1 import (
    ActivationVerified,
    AnnulVerifications,
    ImbalanceAdjusted,
    PartyAdjusted,
    VerificationAnnulled,
    VerifyAgain,
)
from contracts.registry import v1 as registry
from contracts.values import BiddingZone, Period, Role, make_gln
from meter_ingest import recounting, store
from meter_ingest.domain import again, days, verification

pytestmark = pytest.mark.unit

DAYS = ("2026-03-28", "2026-03-30")
LATER = "2029-03-20"
"""Three years later, nearly."""
ORDERED = (
    (0, DAYS[0], "10:00", "up"),
    (0, DAYS[1], "10:00", "down"),
    (1, DAYS[0], "10:15", "up"),
    (0, DAYS[0], "10:30", "down"),
)
"""The group, the day, when half an hour begins, and the direction."""
POINTS = 4
JOINED = ((0, 0), (0, 1), (1, 2), (1, 3))
"""Group and point, when all begins."""
CLOCKS = ("00:00", "10:00", "10:15", "10:30", "12:00")


@dataclass
class Model:
    """What there is to know, one quarter and one point at a time."""

    quarters: tuple[datetime, ...]
    members: dict[tuple[int, int, datetime], bool] = field(default_factory=dict)
    control_ends: dict[int, datetime] = field(default_factory=dict)
    words: dict[tuple[int, datetime], int] = field(default_factory=dict)
    """Which word on a value counts: the last."""

    def since(self, group: int, point: int, moment: datetime, *, is_member: bool) -> None:
        for quarter in self.quarters:
            if quarter >= moment:
                self.members[group, point, quarter] = is_member

    def reads(self, group: int, start: datetime) -> list[datetime]:
        """The quarters that a verification looks at: an activation's, those beside it, and four before, of no other."""
        others = {
            one + place * days.QUARTER for at, one in self.ordered if at == group and one != start for place in range(2)
        }
        back = (start - number * days.QUARTER for number in range(1, 17))
        before = [quarter for quarter in back if quarter not in others][:4]
        return [*before, *(start + number * days.QUARTER for number in range(-1, 3))]

    def rests_on(self, group: int, start: datetime) -> dict[int, Any]:
        """Of the members in any of an activation's quarters: in which they count, and the words that were read."""
        own = (start, start + days.QUARTER)
        read = self.reads(group, start)
        found: dict[int, Any] = {}
        for point in range(POINTS):
            member = [self.members.get((group, point, quarter), False) for quarter in own]
            end = self.control_ends.get(point)
            counts = [each and (end is None or quarter < end) for each, quarter in zip(member, own, strict=True)]
            words = [self.words.get((point, quarter)) for quarter in read]
            if any(member):
                found[point] = counts, words if any(counts) else []
        return found

    def now(self) -> list[dict[int, Any]]:
        return [self.rests_on(group, start) for group, start in self.ordered]

    ordered: tuple[tuple[int, datetime], ...] = ()


ROLES = ("supplier", "brp", "bsp")
FACTS = st.lists(
    st.one_of(
        st.tuples(st.just("left"), st.sampled_from(JOINED), st.sampled_from(DAYS), st.sampled_from(CLOCKS)),
        st.tuples(
            st.just("joined"),
            st.tuples(st.integers(0, 1), st.integers(0, POINTS - 1)),
            st.sampled_from(DAYS),
            st.sampled_from(CLOCKS),
        ),
        st.tuples(st.just("ends"), st.integers(0, POINTS - 1), st.sampled_from(DAYS), st.sampled_from(CLOCKS)),
        st.tuples(st.just("goes on"), st.integers(0, POINTS - 1)),
        st.tuples(
            st.just("values"),
            st.integers(0, POINTS - 1),
            st.sampled_from(DAYS),
            st.integers(30, 50),
            st.integers(1, 12),
        ),
        st.tuples(st.just("annulled"), st.sampled_from(DAYS), st.integers(30, 50), st.integers(1, 12)),
    ),
    min_size=1,
    max_size=8,
)


class Story:
    """Two groups of two points each, of two DSOs and two suppliers, and four verified activations, two that adjoin."""

    def __init__(self, world: Any, day_series: Any, silent: frozenset[int] = frozenset()) -> None:
        self.world, self.series = world, day_series
        self.points = [*world.points(1, 2, 3), *world.points(11, dso=world.other_dso, area=world.other_area)]
        self.word = 0
        start = {day: world.local(day) for day in DAYS}
        self.model = Model(
            tuple(start[day] + number * days.QUARTER for day in DAYS for number in range(96)),
            ordered=tuple((group, world.local(day, clock)) for group, day, clock, _ in ORDERED),
        )
        parties = ((world.dso, Role.DSO), (world.other_dso, Role.DSO), (world.bsp, Role.BSP))
        world.scenario.given(*(registry.PartyOnboarded(party=one, name="N", roles=(role,)) for one, role in parties))
        for area, dso in ((world.area, world.dso), (world.other_area, world.other_dso)):
            world.scenario.given(registry.GridAreaDefined(grid_area=area, name="x", zone=BiddingZone.NO3, dso=dso))
        for number, point in enumerate(self.points):
            world.open([point], sender=self.dso(number))
            supplied(world, point, make_gln(31 + number % 2))
            world.scenario.given(
                bsp_switch.ControlClaimed(
                    metering_point_id=point,
                    bsp=world.bsp,
                    valid_from=world.local("2026-01-06"),
                    consent_id=world.uuid(1),
                )
            )
        for group in range(2):
            world.formed(self.group(group))
        for group, point in JOINED:
            self.joins(group, point, world.local("2026-01-06"), at=world.local("2026-01-06"))
        for number, (group, day, clock, direction) in enumerate(ORDERED):
            begins = world.local(day, clock)
            world.order(
                4000,
                begins,
                begins + timedelta(minutes=30),
                at=begins - timedelta(minutes=15),
                direction=direction,
                group=self.group(group),
                activation=self.activation(number),
            )
        for day in DAYS:
            for point in sorted(set(range(POINTS)) - silent):
                self.values(point, day, 0, 96, at=start[day] + timedelta(hours=30))
        world.scenario.until(world.local("2026-03-31", "10:30"))

    def dso(self, point: int) -> str:
        return self.world.other_dso if point == POINTS - 1 else self.world.dso

    def group(self, number: int) -> str:
        return self.world.uuid(1 + number)

    def activation(self, number: int) -> str:
        return self.world.uuid(70 + number)

    def joins(self, group: int, point: int, since: datetime, *, at: datetime) -> list[Any]:
        self.model.since(group, point, since, is_member=True)
        other = self.dso(point) == self.world.other_dso
        event = registry.MemberJoined(
            group_id=self.group(group),
            metering_point_id=self.points[point],
            bsp=self.world.bsp,
            zone=BiddingZone.NO3,
            grid_area=self.world.other_area if other else self.world.area,
            dso=self.dso(point),
            substation="T1",
            up_w=5000,
            down_w=5000,
            valid_from=since,
            declared_up_w=0,
            declared_down_w=0,
            group_max_w=5_000_000,
            point_limit_w=1_000_000,
        )
        return self.world.scenario.when(event, at=at).events

    def values(self, point: int, day: str, first: int, count: int, *, at: datetime) -> list[Any]:
        self.word += 1
        start = self.world.local(day) + first * days.QUARTER
        figures = [(number * 37 + self.word * 101 + point * 13) % 1999 for number in range(first, first + count)]
        whole = self.series(self.points[point], day, 0, registered_at=at - timedelta(minutes=1))
        one = whole.model_copy(
            update={"start": start, "end": start + count * days.QUARTER, "values_wh": tuple(figures)}
        )
        for number in range(count):
            self.model.words[point, start + number * days.QUARTER] = self.word
        return self.world.send(one, sender=self.dso(point), at=at)[1].events

    def happens(self, fact: Any, at: datetime) -> list[Any]:
        """What comes of a correction."""
        kind, world = fact[0], self.world
        match kind:
            case "left":
                _, (group, point), day, clock = fact
                end = world.local(day, clock)
                self.model.since(group, point, end, is_member=False)
                said: Any = registry.MembershipEnded(
                    group_id=self.group(group),
                    metering_point_id=self.points[point],
                    bsp=world.bsp,
                    dso=self.dso(point),
                    valid_to=end,
                    because="control-ended",
                    declared_up_w=0,
                    declared_down_w=0,
                )
            case "joined":
                _, (group, point), day, clock = fact
                return self.joins(group, point, world.local(day, clock), at=at)
            case "ends" | "goes on":
                point = fact[1]
                about = {
                    "metering_point_id": self.points[point],
                    "bsp": world.bsp,
                    "dso": self.dso(point),
                    "valid_from": world.local("2026-01-06"),
                    "because": "move-out",
                }
                if kind == "ends":
                    end = self.model.control_ends[point] = world.local(*fact[2:])
                    said = bsp_switch.ControlEndAnnounced(**about, valid_to=end)
                else:
                    self.model.control_ends.pop(point, None)
                    said = bsp_switch.ControlEndCancelled(**about, valid_to=None)
            case _:
                _, point, day, first, count = fact
                return self.values(point, day, first, count, at=at)
        return world.scenario.when(said, at=at).events

    def annul(self, fact: Any, at: datetime) -> set[str]:
        """All that rests on what the first DSO had sent; which activations that is."""
        _, day, first, count = fact
        start = self.world.local(day) + first * days.QUARTER
        command = AnnulVerifications(
            dso=self.world.dso, period=Period(start=start, end=start + count * days.QUARTER), reason="Wrong"
        )
        self.word += 1
        events = self.world.scenario.when(command, subject=self.world.uuid(500 + self.word), at=at).events
        return {one.activation_id for one in events if isinstance(one, VerificationAnnulled)}

    def of_dso(self, fact: Any) -> set[str]:
        """The same by the model."""
        _, day, first, count = fact
        start = self.world.local(day) + first * days.QUARTER
        wrong = {start + number * days.QUARTER for number in range(count)}
        found: set[str] = set()
        for number, (group, begins) in enumerate(self.model.ordered):
            read = set(self.model.reads(group, begins))
            points = self.model.rests_on(group, begins)
            if any(
                self.dso(point) == self.world.dso and (point, quarter) in self.model.words
                for point, (counts, _) in points.items()
                for quarter in read & wrong
                if any(counts)
            ):
                found.add(self.activation(number))
        return found

    def reopened(self, before: list[Any]) -> set[str]:
        """What depended on it, by the model."""
        return {
            self.activation(number)
            for number, (was, now) in enumerate(zip(before, self.model.now(), strict=True))
            if was != now
        }

    # What adds up

    def runs(self) -> list[tuple[ActivationVerified, verification.Run]]:
        """Every run there was, made again from what its event says."""

        async def made() -> list[tuple[ActivationVerified, verification.Run]]:
            async def fetch(wanted: Any) -> Mapping[Any, Any]:
                keys = [(kind.name, id_) for kind, ids in wanted for id_ in ids]
                return {key: self.world.scenario.documents[key] for key in keys if key in self.world.scenario.documents}

            found: list[tuple[ActivationVerified, verification.Run]] = []
            work = Work(self.world.scenario.service, fetch)
            folded = [one for one in self.world.scenario.log if type(one) in store.ACTIVATION.folds]
            for number in range(len(ORDERED)):
                told = [one for one in folded if getattr(one, "activation_id", "") == self.activation(number)]
                for event in told:
                    if isinstance(event, ActivationVerified):
                        state = again.before(told, event)
                        found.append((event, await recounting.again(self.world.values, work, state, event)))
            return found

        return asyncio.run(made())


@pytest.mark.parametrize("silent", [frozenset(), frozenset({1, 3})])
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS)
def test_a_correction_re_opens_exactly_what_depended_on_it(
    world: Any, day_series: Any, silent: frozenset[int], facts: list[Any]
) -> None:
    story = Story(type(world)(), day_series, silent)
    at = story.world.local(LATER)
    annulled: set[str] = set()
    for fact in facts:
        at += timedelta(minutes=1)
        if fact[0] == "annulled":
            assert story.annul(fact, at) == story.of_dso(fact) - annulled
            annulled |= story.of_dso(fact)
            continue
        before = story.model.now()
        events = story.happens(fact, at)
        runs = {one.activation_id for one in events if isinstance(one, ActivationVerified)}
        expected = story.reopened(before)
        # What was annulled waits for the next value of what it looks at (ADR 0032), whatever that changes.
        assert runs - annulled == expected - annulled
        annulled -= runs


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS, silent=st.sampled_from([frozenset[int](), frozenset({1}), frozenset({0, 3})]))
def test_points_quarters_suppliers_and_bsps_add_up_in_every_run(
    world: Any, day_series: Any, facts: list[Any], silent: frozenset[int]
) -> None:
    """To the watt-hour, whatever is corrected, annulled, asked for again, or said of members in between."""
    story = Story(type(world)(), day_series, silent)
    at = story.world.local("2026-03-31", "11:00")
    for fact in facts:
        at += timedelta(hours=30)
        story.world.scenario.until(at - timedelta(minutes=1))
        if fact[0] == "annulled":
            gone = story.annul(fact, at)
            for activation in sorted(gone)[:1]:
                story.world.scenario.when(VerifyAgain(), subject=activation, at=at)
        else:
            story.happens(fact, at)
    story.world.scenario.until(story.world.local("2026-04-14"))

    runs = story.runs()
    assert len(runs) >= len(ORDERED)
    for event, run in runs:
        assert again.says(run, event), "it is made again as it was"
        allocated = verification.allocated(run)
        by_quarter = [sum(column) for column in zip(*allocated.values(), strict=True)]
        assert by_quarter == [one.delivered_wh for one in event.quarters] or not (allocated or any_delivered(event))
        shares = [one.delivered_wh if one.share_wh is None else one.share_wh for one in event.quarters]
        assert event.whole is None or event.whole.delivered_wh == sum(shares)
        assert len(event.beside) == (event.group_id == story.group(0) and run.state.start < story.world.local(DAYS[1]))
        assert set(allocated) <= set(run.held) <= set(run.state.points)
    assert set(adjusted(story.world.scenario.log, runs, story.world.uuid)) == {("D+1", 0), ("D+5", 0), ("D+13", 0)}


def any_delivered(event: ActivationVerified) -> bool:
    return any(one.delivered_wh for one in event.quarters)


def adjusted(log: list[Any], runs: list[Any], uuid: Any) -> Iterator[tuple[str, int]]:
    """Each version of a day's adjustment, and by how much it is not what the runs that counted then say."""
    counts: dict[str, ActivationVerified] = {}
    made = {(event.activation_id, event.run): run for event, run in runs}
    towards = {uuid(70 + number): 1 if way == "up" else -1 for number, (_, _, _, way) in enumerate(ORDERED)}
    for place, one in enumerate(log):
        if isinstance(one, ActivationVerified):
            counts[one.activation_id] = one
        elif isinstance(one, VerificationAnnulled):
            counts.pop(one.activation_id, None)
        elif isinstance(one, ImbalanceAdjusted):
            # What overlapping ones delivered together is of the one that began first.
            once: dict[tuple[str, datetime], int] = {}
            with_figures = [run for run in counts.values() if run.quarters]
            for run in sorted(with_figures, key=lambda run: (run.quarters[0].start, run.activation_id)):
                for point, figures in verification.allocated(made[run.activation_id, run.run]).items():
                    for quarter, wh in zip(run.quarters, figures, strict=True):
                        if wh is not None and days.day_at(quarter.start).date == one.local_date:
                            once.setdefault((point, quarter.start), wh * towards[run.activation_id])
            delivered = sum(once.values())
            shares = [each for each in log[place + 1 :] if isinstance(each, PartyAdjusted)]
            own = [each for each in shares if (each.local_date, each.version) == (one.local_date, one.version)]
            by_role = {role: sum(each.delivered_wh for each in own if each.role == role) for role in ROLES}
            assert set(by_role.values()) == {one.delivered_wh}, "suppliers, BRPs and BSPs"
            assert sum(each.delivered_wh for each in one.sums) == one.delivered_wh
            assert sum(each.delivered_wh for each in one.quarters) == one.delivered_wh
            assert all(sum(q.delivered_wh for q in each.quarters) == each.delivered_wh for each in own)
            yield one.version, one.delivered_wh - delivered
