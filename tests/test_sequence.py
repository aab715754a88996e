"""What is promised of `sequence`: no gap per source and subject, whichever service and type."""

from __future__ import annotations

import pytest

import bsp_switch.app
import gateway.app
import meter_ingest.app
import prequal.app
import registry.app
from chassis.service import SUBJECT, Incoming, Kind, On, Service
from chassis.testing import Scenario
from chassis.work import Work
from contracts.message import EVENTS, Event, ReceiptData
from contracts.prequal import v1
from gateway.settings import Settings

pytestmark = pytest.mark.unit

GATEWAY = gateway.app.service(Settings.model_construct(sandbox=False, trace_ratio=0.0))
SERVICES = (
    registry.app.SERVICE,
    bsp_switch.app.SERVICE,
    prequal.app.SERVICE,
    meter_ingest.app.SERVICE,
    meter_ingest.app.value_shard(sandbox=False),
    GATEWAY,
)
OF_VALUE_SHARD = frozenset({"ValuesAccepted", "ValuesQuarantined"})
"""Of two shards each counts what it publishes itself."""

CONTROL = frozenset({"TimePassed"})
"""What the gateway writes to the commands topics only: no reader counts it."""


def own(service: Service) -> list[type[Event]]:
    """The event types that a service publishes."""
    found = [event for event in EVENTS.values() if event.service == service.name]
    if service.name == "meter-ingest":
        of_values = service.shard != "case"
        found = [one for one in found if (one.__name__ in OF_VALUE_SHARD) == of_values]
    return [one for one in found if not issubclass(one, ReceiptData) and one.__name__ not in CONTROL]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.source)
def test_every_event_is_counted_with_its_subject(service: Service):
    assert own(service)
    assert service.miscounted(own(service)) == {}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.source)
def test_what_is_counted_for_itself_is_not_folded_by_its_subject(service: Service):
    assert service.streams <= {*own(service)}
    assert not service.streams & service.homes.keys()


def declared(*kinds: Kind[int], **over: frozenset[type[Event]]) -> Service:
    return Service("prequal", kinds, v1.Receipt, **over)


def counting(name: str, *, by: object = SUBJECT) -> Kind[int]:
    return Kind(name, int, lambda state, _: state, {v1.GridAssessmentReminded: by})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("service", "wrong"),
    [
        (declared(), "is counted by no kind"),
        (declared(counting("grid", by=lambda event: event.group_id)), "is counted by no kind"),
        (declared(counting("one"), counting("other")), "is counted by one and other"),
        (
            declared(counting("one"), streams=frozenset({v1.GridAssessmentReminded})),
            "is counted by one and a stream of its own",
        ),
        (declared(counting("one")), None),
        (declared(streams=frozenset({v1.GridAssessmentReminded})), None),
    ],
)
def test_a_wrong_declaration_is_found(service: Service, wrong: str | None):
    assert service.miscounted([v1.GridAssessmentReminded]).get(v1.GridAssessmentReminded) == wrong


def test_types_of_one_subject_are_counted_by_one_kind():
    first = Kind("first", int, lambda state, _: state, {v1.GridAssessmentOverdue: SUBJECT})
    found = declared(first, counting("second")).miscounted([v1.GridAssessmentOverdue, v1.GridAssessmentReminded])

    assert found == {
        v1.GridAssessmentReminded: "is counted by second, others of the same application_id by first",
    }


def test_a_subject_that_is_not_counted_is_not_said_twice():
    """What is counted by nobody is always the first of its subject: two of them of one subject are two firsts."""
    said = (
        v1.GridAssessmentReminded.model_construct(application_id="a"),
        v1.GridAssessmentOverdue.model_construct(application_id="a"),
    )

    async def decide(work: Work, _: Incoming[v1.GridAssessmentReopened]) -> None:
        await work.append(*said)

    reactions = {v1.GridAssessmentReopened: On(decide)}
    service = Service("prequal", (), v1.Receipt, reactions=reactions, uncounted=frozenset(map(type, said)))
    heard = v1.GridAssessmentReopened.model_construct(application_id="b")
    with pytest.raises(AssertionError, match="GridAssessmentOverdue: a is no new subject"):
        Scenario(service).when(heard)
