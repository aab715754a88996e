"""Whatever comes in whatever order: no point is ever held by two BSPs, and an announced switch stands."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bsp_switch.domain import claim, known, point, supply, switch
from bsp_switch.domain.consent import Consent, Consents
from bsp_switch.domain.entitlement import Grounds
from contracts import calendar
from contracts.bsp_switch import v1
from contracts.message import Refused
from contracts.parties import Party
from contracts.values import Role

pytestmark = pytest.mark.unit

WHO = st.integers(0, 2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), WHO, st.integers(-9, 30)),
        st.tuples(st.just("switch"), WHO, st.integers(13, 28)),
        st.tuples(st.just("switch"), WHO, st.integers(14, 18)),
        st.tuples(st.just("wait"), WHO, st.integers(1, 30)),
        st.tuples(st.just("wait"), WHO, st.integers(14, 18)),
        st.tuples(st.just("supply"), WHO, st.integers(-30, 30)),
    ),
    min_size=8,
    max_size=30,
)


def consents(world, bsp):
    """One of each end user whom this BSP has won over: all BSPs have the first, one has none of the second."""
    won = [world.uuid(700), world.uuid(701)] if bsp != world.bsp_c else [world.uuid(700), world.uuid(702)]
    return Consents(
        tuple(
            Consent(
                consent_id=world.uuid(800 + number),
                metering_point_id=world.point,
                bsp=bsp,
                end_user=end_user,
                purpose="flexibility",
                proof_sha256=world.proof,
                valid_from=world.day("01-01"),
            )
            for number, end_user in enumerate(won)
        )
    )


def decide(world, state, kind, grounds, *, start, at, number):
    """The events of one step, or none where it is refused."""
    parties = grounds.parties
    if kind == "supply":
        command = world.record_supply(end_user=world.uuid(700 + number % 2), valid_from=start)
        return supply.decide_record(state.supplies, command, metering_point_id=world.point, parties=parties)[0]
    try:
        if kind == "claim":
            return claim.decide(grounds, start=start, at=at, back_days=7, ahead_days=28)
        return switch.decide_request(
            None,
            v1.RequestSwitch(metering_points=(world.point,), start=start),
            switch_id=world.uuid(number),
            incoming=grounds.bsp,
            grounds={world.point: grounds},
            areas={},
            at=at,
            min_days=14,
            max_days=28,
        )[0][1:]
    except Refused:
        return []


@settings(max_examples=100, deadline=None)
@given(held=st.booleans(), steps=STEPS)
def test_no_order_of_claims_switches_and_facts_leaves_two_bsps_holding_one_point(world, held, steps):
    party = Party(roles=(Role.SUPPLIER, Role.BRP))
    here = known.evolve_metering_point(None, world.registered())
    state = point.evolve(None, world.supply(end_user=world.uuid(700)))
    state = point.evolve(state, world.claimed()) if held else state
    won = {bsp: consents(world, bsp) for bsp in (world.bsp_a, world.bsp_b, world.bsp_c)}
    now, announced = world.day("01-20", 12), None
    for number, (kind, who, days) in enumerate(steps):
        if kind == "wait":
            now = calendar.add_local_days(now, days)
            continue
        bsp = tuple(won)[who]
        start = calendar.midnight(calendar.local_date(calendar.add_local_days(now, days)))
        grounds = Grounds(
            metering_point_id=world.point,
            bsp=bsp,
            point=state,
            consents=won[bsp],
            registered=here,
            parties={world.supplier: party, world.brp: party},
        )
        events = decide(world, state, kind, grounds, start=start, at=now, number=number)
        if events and kind in {"claim", "switch"}:
            assert announced is None or now >= announced, "an announced switch refuses every other until its midnight"
            announced = start if kind == "switch" else announced
        for event in events:
            state = point.evolve(state, event)

        for earlier, later in pairwise(state.holdings):
            assert earlier.valid_to is not None
            assert earlier.valid_from < earlier.valid_to <= later.valid_from
            assert earlier.bsp != later.bsp
        assert [holding for holding in state.holdings if holding.valid_to is None] == list(state.holdings[-1:])


def test_a_switch_leaves_neither_gap_nor_overlap(world):
    claimed = point.evolve(None, world.claimed())
    announced = v1.SwitchAnnounced(
        switch_id=world.uuid(1),
        metering_point_id=world.point,
        outgoing=world.bsp_a,
        incoming=world.bsp_b,
        dso=world.dso,
        start=world.day("04-15"),
        consent_id=world.uuid(2),
        notice_days=14,
        notice_min_days=14,
    )

    outgoing, incoming = point.evolve(claimed, announced).holdings
    assert outgoing.valid_to == incoming.valid_from == world.day("04-15")
