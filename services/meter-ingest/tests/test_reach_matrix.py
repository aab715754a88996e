"""Who may read what: every role, relation, period and resource, held against a table that is written by hand.

What was, is and will be of one point, seen from two moments. The table says for each reader which of six stretches of
time it may read of which line; the periods that are asked for are generated from their edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, NamedTuple

import pytest

from contracts.bsp_switch import v1 as bsp_switch
from contracts.meter_ingest import v1
from contracts.values import Role, make_gln
from meter_ingest import store
from meter_ingest.domain import reach
from meter_ingest.domain.reach import Reader

pytestmark = pytest.mark.unit

# The stretches, by the dates that they begin at; the last ends with July.
EDGES = ("2025-12-01", "2026-01-01", "2026-02-01", "2026-04-01", "2026-06-15", "2026-07-01", "2026-08-01")
#         before        old ones      within consent new ones     member, grant ended  next ones

PARTIES = """
dso-former dso-present dso-other bsp-former bsp-holding bsp-incoming bsp-other
supplier-former supplier-present supplier-next supplier-other brp-former brp-consumption brp-production brp-other
third-limited third-full third-ending third-revoked third-expired third-pending third-rejected third-moved third-dead
third-other tso datahub operator
"""
GLN = {name: make_gln(100 + number) for number, name in enumerate(PARTIES.split())}
ROLE = {
    "dso": Role.DSO,
    "bsp": Role.BSP,
    "supplier": Role.SUPPLIER,
    "brp": Role.BRP,
    "third": Role.THIRD_PARTY,
    "tso": Role.TSO,
    "datahub": Role.DATAHUB,
    "operator": Role.OPERATOR,
}

# By reader: active consumption, active production, reactive, capacitive, the own meter; whether a virtual channel that
# rests on points of dso-former. `x` may be read, `.` may not, `-` is six of these.
IN_MAY = """
dso-former              .xx... .xx... .xx... .xx... -      yes
dso-present             ...xxx ...xxx ...xxx ...xxx -      no
dso-other               -      -      -      -      -      no
bsp-former              .xx... .xx... .xx... .xx... .xx... no
bsp-holding             ..xxx. ..xxx. ..xxx. ..xxx. ...xxx no
bsp-incoming            -      -      -      -      -      no
bsp-other               -      -      -      -      -      no
supplier-former         .xx... .xx... -      -      -      no
supplier-present        ...xx. ...xx. -      -      -      no
supplier-next           -      -      -      -      -      no
supplier-other          -      -      -      -      -      no
brp-former              .xx... .xx... -      -      -      no
brp-consumption         ...xxx -      -      -      -      no
brp-production          -      ...xx. -      -      -      no
brp-other               -      -      -      -      -      no
third-limited           ...xxx ...xxx -      -      -      no
third-full              ...xxx ...xxx -      -      -      no
third-ending            ...x.. ...x.. -      -      -      no
third-revoked           -      -      -      -      -      no
third-expired           -      -      -      -      -      no
third-pending           -      -      -      -      -      no
third-rejected          -      -      -      -      -      no
third-moved             -      -      -      -      -      no
third-dead              -      -      -      -      -      no
third-other             -      -      -      -      -      no
tso                     .xxx.. .xxx.. -      -      .xxx.. no
datahub                 xxxxxx xxxxxx xxxxxx xxxxxx -      yes
operator                -      -      -      -      -      no
datahub for user        ...xxx ...xxx ...xxx ...xxx ...xxx no
tso for user            ...xxx ...xxx ...xxx ...xxx ...xxx no
datahub for former-user .xx... .xx... .xx... .xx... .xx... no
datahub for stranger    -      -      -      -      -      no
dso-present for user    -      -      -      -      -      no
bsp-holding for user    -      -      -      -      -      no
third-full for user     -      -      -      -      -      no
operator for user       -      -      -      -      -      no
"""
# In July the next ones are there; consents and grants have ended, and what ended is read on.
CHANGED_IN_JULY = """
bsp-holding             ...xx. ...xx. ...xx. ...xx. ...xxx no
bsp-incoming            .....x .....x .....x .....x -      no
supplier-next           .....x .....x -      -      -      no
third-ending            -      -      -      -      -      no
"""
LEVEL = {
    "dso": "full",
    "bsp": "limited",
    "supplier": "full",
    "brp": "limited",
    "third-limited": "limited",
    "third-full": "full",
    "third-ending": "limited",
    "tso": "limited",
    "datahub": "full",
}
LINES = ("consumption", "production", "consumption.reactive", "consumption.capacitive", "consumption.active.1")


class Row(NamedTuple):
    """Of one reader: per line which stretches; and whether the virtual channel."""

    lines: tuple[str, ...]
    virtual: bool


def table(text: str) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for line in text.strip().splitlines():
        name, *cells = line[:24].strip(), *line[24:].split()
        found[name] = Row(tuple("......" if cell == "-" else cell for cell in cells[:5]), cells[5] == "yes")
    return found


MAY = table(IN_MAY)
TABLES = {"2026-05-15": MAY, "2026-07-15": MAY | table(CHANGED_IN_JULY)}


def test_the_table_is_whole() -> None:
    assert {name for name in MAY if " for " not in name} == set(GLN)
    assert all(len(row.lines) == len(LINES) and all(len(one) == 6 for one in row.lines) for row in MAY.values())


@pytest.fixture
def given(world: Any) -> reach.Known:
    """What happened, and what is said to happen."""
    point, local, say = world.gsrn(1), world.local, world.scenario.given
    world.points(1, dso=GLN["dso-former"])
    world.fact(point, dso=GLN["dso-present"], valid_from=local("2026-04-01"))
    world.points(2, dso=make_gln(99))
    _controlled(world, point)
    world.formed()
    world.joined(point, valid_from=local("2026-01-01"), valid_to=local("2026-06-15"))
    for bsp, since, until in (("bsp-former", "2026-01-01", "2026-04-01"), ("bsp-holding", "2026-04-01", None)):
        about = {"resource_id": world.uuid(80), "metering_point_id": point, "bsp": GLN[bsp], "device_id": "A"}
        about |= {"meter": 1, "direction": "consumption"}
        opened = {**about, "resolution": "PT15M", "valid_from": local(since)}
        say(v1.OwnMeterOpened.model_validate(opened))
        if until:
            say(v1.OwnMeterClosed.model_validate({**about, "valid_to": local(until)}))
    _granted(world, point)
    block = point[:15]
    states = {kind: {block: world.scenario.state(kind, block)} for kind in _BY_BLOCK}
    ids = [id_ for name, id_ in world.scenario.documents if name == store.DATA_ACCESS.name]
    return reach.Known(
        *(states[kind] for kind in _BY_BLOCK),
        grants={id_: world.scenario.state(store.DATA_ACCESS, id_) for id_ in ids},
    )


_BY_BLOCK = (store.POINTS, store.CONTROL, store.ACCESS, store.MEMBERSHIPS, store.SUPPLY, store.GRANTED)


def _controlled(world: Any, point: str) -> None:
    local, say = world.local, world.scenario.given
    say(
        bsp_switch.ControlClaimed(
            metering_point_id=point, bsp=GLN["bsp-former"], valid_from=local("2026-01-01"), consent_id=world.uuid(1)
        )
    )
    for number, (outgoing, incoming, start) in enumerate(
        (("bsp-former", "bsp-holding", "2026-04-01"), ("bsp-holding", "bsp-incoming", "2026-07-01"))
    ):
        said = {"switch_id": world.uuid(2 + number), "metering_point_id": point, "dso": GLN["dso-present"]}
        said |= {"outgoing": GLN[outgoing], "incoming": GLN[incoming], "start": local(start)}
        said |= {"consent_id": world.uuid(5), "notice_days": 14, "notice_min_days": 14}
        say(bsp_switch.SwitchAnnounced.model_validate(said))
    earlier = {"valid_from": local("2026-02-01"), "valid_to": local("2026-04-01"), "until": None}
    earlier |= {"consent_id": world.uuid(6), "purpose": "meter-history"}
    say(
        bsp_switch.MeterAccessChanged.model_validate(
            {"metering_point_id": point, "bsp": GLN["bsp-holding"], "earlier": (earlier,)}
        )
    )


def _granted(world: Any, point: str) -> None:
    """Who stands behind the point, and whom they let in."""
    local, scenario = world.local, world.scenario
    users = {name: world.uuid(700 + number) for number, name in enumerate(("former-user", "user", "dead"))}

    def behind(since: str, supplier: str, consumption: str, production: str | None, user: str) -> None:
        said = {"metering_point_id": point, "supplier": GLN[supplier], "brp_consumption": GLN[consumption]}
        said |= {"brp_production": GLN[production] if production else None, "end_user": users[user]}
        scenario.given(bsp_switch.SupplyRecorded.model_validate({**said, "valid_from": local(since)}))

    def say(command: Any, id_: str, sender: str, day: str) -> None:
        role = ROLE[sender.partition("-")[0]].value
        done = scenario.when(command, subject=id_, sender=GLN[sender], role=role, at=local(day, "12:00"))
        assert not done.rejected, done.reasons

    def grants(
        third: str, asked: str, user: str | None, valid_from: str, to: str | None = None, level: str = ""
    ) -> str:
        id_ = world.uuid(600 + len(scenario.documents))
        said = {"metering_point_id": point, "level": level or "limited", "purpose": "research"}
        said |= {"valid_from": local(valid_from), "valid_to": local(to) if to else None}
        say(v1.RequestDataAccess.model_validate(said), id_, third, asked)
        if user:
            say(v1.ApproveDataAccess(end_user=users[user]), id_, "datahub", asked)
        return id_

    behind("2026-01-01", "supplier-former", "brp-former", "brp-former", "former-user")
    grants("third-moved", "2026-02-10", "former-user", "2026-01-01")
    behind("2026-04-01", "supplier-present", "brp-consumption", "brp-production", "user")
    behind("2026-07-01", "supplier-next", "brp-consumption", None, "user")
    grants("third-limited", "2026-04-10", "user", "2026-04-01")
    grants("third-full", "2026-04-10", "user", "2025-01-01", level="full")
    grants("third-ending", "2026-04-10", "user", "2026-04-01", "2026-06-15")
    revoked = grants("third-revoked", "2026-04-10", "user", "2026-04-01")
    say(v1.RevokeDataAccess(end_user=users["user"]), revoked, "datahub", "2026-05-10")
    grants("third-expired", "2026-04-10", "user", "2026-04-01", "2026-05-01")
    grants("third-pending", "2026-05-15", None, "2026-04-01")
    rejected = grants("third-rejected", "2026-05-14", None, "2026-04-01")
    say(v1.RejectDataAccess(end_user=users["user"]), rejected, "datahub", "2026-05-14")
    dead = grants("third-dead", "2026-04-10", "user", "2026-04-01")
    named = {"data_access_id": dead, "third_party": GLN["third-dead"], "metering_point_id": point}
    ended = {"ended_at": local("2026-05-01"), "because": "end-user"}
    scenario.given(v1.DataAccessEnded.model_validate({**named, **ended}))


def readers(world: Any) -> Iterator[tuple[str, Reader]]:
    users = {"former-user": world.uuid(700), "user": world.uuid(701), "stranger": world.uuid(799)}
    for name in MAY:
        party, _, user = name.partition(" for ")
        yield name, Reader(GLN[party], ROLE[party.partition("-")[0]], users[user] if user else "")


def periods(world: Any) -> list[tuple[datetime, datetime]]:
    """Between any two edges; a little before and after each end; and the quarters at each side of an edge."""
    edges = [world.local(edge) for edge in EDGES]
    some = timedelta(days=2)
    quarter = timedelta(minutes=15)
    found = [(start, end) for start, end in combinations(edges, 2)]
    found += [(start - some, end) for start, end in combinations(edges[1:], 2)]
    found += [(start, end + some) for start, end in combinations(edges[:-1], 2)]
    found += [(start + some, end - some) for start, end in combinations(edges, 2)]
    for edge in edges[1:-1]:
        found += [(edge - quarter, edge), (edge, edge + quarter), (edge - quarter, edge + quarter)]
    return found


def expected(world: Any, stretches: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The part of a period that lies in marked stretches."""
    made: list[tuple[datetime, datetime]] = []
    for mark, first, last in zip(stretches, EDGES, EDGES[1:], strict=False):
        begin, until = max(start, world.local(first)), min(end, world.local(last))
        if mark == "x" and begin < until:
            if made and made[-1][1] == begin:
                made[-1] = (made[-1][0], until)
            else:
                made.append((begin, until))
    return made


@pytest.mark.parametrize("day", sorted(TABLES))
def test_every_cell(world: Any, given: reach.Known, day: str) -> None:
    at, meters = world.local(day, "12:00"), world.scenario.state(store.OWN_METERS, world.uuid(80))
    asked = periods(world)
    cells = 0
    for name, reader in readers(world):
        row = TABLES[day][name]
        of_point = reach.readable(given, reader, world.gsrn(1), at=at)
        of_own = reach.of_own_meter(given, reader, meters, LINES[-1], at=at)
        for line, stretches in zip(LINES, row.lines, strict=True):
            some = of_own if line == LINES[-1] else of_point
            for start, end in asked:
                found = reach.spans(some, line, start=start, end=end)
                assert found == expected(world, stretches, start, end), (name, line, start, end)
                cells += 1
        assert reach.of_virtual(reader, [GLN["dso-former"]]) == row.virtual, name
        party, _, user = name.partition(" for ")
        level = "full" if user else LEVEL.get(party) or LEVEL.get(party.partition("-")[0])
        assert {one.level for one in of_point} <= {level}, name
        cells += 1
    assert cells == len(MAY) * (len(LINES) * len(asked) + 1)
    assert cells > 10_000


@pytest.mark.parametrize("day", sorted(TABLES))
def test_a_party_reads_nothing_in_another_role_than_that_of_its_relation(
    world: Any, given: reach.Known, day: str
) -> None:
    """What the TSO and the datahub may, follows from their role: that a party has it, is asked where it is known."""
    at, meters = world.local(day, "12:00"), world.scenario.state(store.OWN_METERS, world.uuid(80))
    for name, gln in GLN.items():
        for role in Role:
            if role not in {ROLE[name.partition("-")[0]], Role.TSO, Role.DATAHUB}:
                assert reach.readable(given, Reader(gln, role), world.gsrn(1), at=at) == (), (name, role)
                assert reach.of_own_meter(given, Reader(gln, role), meters, LINES[-1], at=at) == (), (name, role)


def test_of_another_point_and_of_one_that_is_not_known_nothing(world: Any, given: reach.Known) -> None:
    at = world.local("2026-05-15", "12:00")
    for name, reader in readers(world):
        assert reach.readable(given, reader, world.gsrn(99), at=at) == (), name
        assert bool(reach.readable(given, reader, world.gsrn(2), at=at)) == (name == "datahub"), name


def test_an_own_meter_is_not_read_by_its_point(world: Any, given: reach.Known) -> None:
    """But by whom its end user is served."""
    at, start, end = world.local("2026-05-15"), world.local("2025-12-01"), world.local("2026-08-01")
    for name, reader in readers(world):
        found = reach.spans(reach.readable(given, reader, world.gsrn(1), at=at), LINES[-1], start=start, end=end)
        stretches = MAY[name].lines[-1] if " for " in name else "......"
        assert found == expected(world, stretches, start, end), name
