"""Whatever comes in whatever order: no point is ever held by two BSPs, and an announced switch stands."""

from datetime import timedelta
from itertools import pairwise

import pytest
from bsp_switch.domain import claim, known, point, supply, switch
from bsp_switch.domain.consent import Consent, Consents
from bsp_switch.domain.entitlement import Grounds
from contracts.bsp_switch import v1
from contracts.message import Refused
from contracts.values import Role
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.unit

WHO = st.integers(0, 2)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), WHO, st.integers(-9, 30)),
        st.tuples(st.just("switch"), WHO, st.integers(12, 30)),
        st.tuples(st.just("supply"), WHO, st.integers(-9, 30)),
        st.tuples(st.just("wait"), st.just(0), st.integers(1, 20)),
    ),
    max_size=25,
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


@settings(max_examples=200, deadline=None)
@given(steps=STEPS)
def test_no_order_of_claims_switches_and_facts_leaves_two_bsps_holding_one_point(world, steps):
    bsps = (world.bsp_a, world.bsp_b, world.bsp_c)
    party = known.Party(roles=(Role.SUPPLIER, Role.BRP))
    here = known.evolve_metering_point(None, world.registered())
    facts = {"registered": here, "parties": {world.supplier: party, world.brp: party}}
    state = point.evolve(None, world.supply(end_user=world.uuid(700)))
    now, announced = world.day("01-20", 12), None
    for number, (kind, who, days) in enumerate(steps):
        start = now - timedelta(hours=12) + timedelta(days=days)
        if start > world.day("03-28") or now > world.day("03-01"):
            break  # all in winter time, so that a local day is 24 hours
        grounds = Grounds(
            metering_point_id=world.point, bsp=bsps[who], point=state, consents=consents(world, bsps[who]), **facts
        )
        match kind:
            case "wait":
                now += timedelta(days=days)
                continue
            case "supply":
                command = world.record_supply(end_user=world.uuid(700 + who), valid_from=start)
                events, _ = supply.decide_record(
                    state.supplies, command, metering_point_id=world.point, parties=facts["parties"]
                )
            case "claim":
                try:
                    events = claim.decide(grounds, start=start, at=now, back_days=7, ahead_days=28)
                except Refused:
                    continue
            case _:
                command = v1.RequestSwitch(metering_points=(world.point,), start=start)
                try:
                    events, _, _ = switch.decide_request(
                        None,
                        command,
                        switch_id=world.uuid(number),
                        incoming=bsps[who],
                        grounds={world.point: grounds},
                        areas={},
                        at=now,
                        min_days=14,
                        max_days=28,
                    )
                except Refused:
                    continue
        if kind in {"claim", "switch"}:
            assert announced is None or now >= announced, "an announced switch refuses every other until its midnight"
            announced = start if kind == "switch" else announced
        for event in events:
            if not isinstance(event, v1.SwitchRequested):
                state = point.evolve(state, event)

        for earlier, later in pairwise(state.holdings):
            assert earlier.valid_to is not None
            assert earlier.valid_from < earlier.valid_to <= later.valid_from
        assert all(holding.bsp != following.bsp for holding, following in pairwise(state.holdings))
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
