"""Persons that the store knows or is to forget, and lookups that were answered: what the door has wished."""

from __future__ import annotations

from typing import Any

from bsp_switch import store
from bsp_switch.domain import person
from bsp_switch.handlers.loading import Wanted
from chassis.service import Incoming, On
from chassis.work import Work
from contracts.bsp_switch import v1

RECORDED = "person-recorded"
ERASED = "person-erased"
LOOKED_UP = "lookup-answered"
REFUSED = "lookup-refused"
"""The inputs that the door gives, whose `data` has random ids, parties and hashes alone."""


async def erase_person(work: Work, command: Incoming[v1.ErasePerson]) -> None:
    """Have the store forget a person; its bytes go as soon as it is decided."""
    await _erase(work, command.subject, by=command.sender, asked_by=command.data.asked_by)


async def person_erased(work: Work, incoming: Incoming[dict[str, Any]]) -> None:
    """The same, as wished at the door. What is unknown was never there."""
    data = incoming.data
    if person.is_known(await work.load(store.END_USER, incoming.subject)):
        await _erase(work, incoming.subject, by=data["party"], asked_by=data["asked_by"])


async def _erase(work: Work, end_user: str, *, by: str, asked_by: v1.AskedBy) -> None:
    state = await work.load(store.END_USER, end_user)
    documents = await work.load_many(store.DOCUMENT, state.documents if state else ())
    there = tuple(id_ for id_, document in documents.items() if document is not None and document.stands)
    naming = {id_: document.end_users for id_, document in documents.items() if document is not None}
    others = await work.load_many(store.END_USER, dict.fromkeys(who for them in naming.values() for who in them))
    await work.append(
        *person.decide_erase(
            state, end_user=end_user, by=by, asked_by=asked_by, documents=there, others=others, naming=naming
        )
    )


async def person_recorded(work: Work, incoming: Incoming[dict[str, Any]]) -> None:
    """The store knows who an end user is."""
    state, data = await work.load(store.END_USER, incoming.subject), incoming.data
    await work.append(*person.decide_record(state, end_user=incoming.subject, by=data["party"], sha256=data["sha256"]))


def needs_person(incoming: Incoming[Any]) -> Wanted:
    """The end user."""
    yield store.END_USER, (incoming.subject,)


async def lookup_answered(work: Work, incoming: Incoming[dict[str, Any]]) -> None:
    """Somebody has looked up a point."""
    data = incoming.data
    await work.append(
        v1.LookupAnswered(
            lookup_id=incoming.subject,
            party=data["party"],
            metering_point_id=data["metering_point_id"],
            code=data["code"],
            end_user=data.get("end_user"),
        )
    )


async def lookup_refused(work: Work, incoming: Incoming[dict[str, Any]]) -> None:
    """Somebody looks up more than it may."""
    data = incoming.data
    await work.append(
        v1.LookupRefused(lookup_id=incoming.subject, party=data["party"], metering_point_id=data["metering_point_id"])
    )


COMMANDS = {v1.ErasePerson: On(erase_person, needs_person)}
INTERNAL: dict[str, On] = {
    RECORDED: On(person_recorded, needs_person),
    ERASED: On(person_erased, needs_person),
    LOOKED_UP: On(lookup_answered),
    REFUSED: On(lookup_refused),
}
