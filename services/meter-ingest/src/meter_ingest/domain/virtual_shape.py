"""What the parts of a virtual channel's definition must be, whatever they name."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import chain
from typing import NamedTuple

from contracts.message import Refused, Scalar
from contracts.meter_ingest.v1 import DefineVirtualChannel, VirtualTerm
from meter_ingest.domain import virtual_rules


class Wrong(NamedTuple):
    """Where, how it should be (in Norwegian and English), and what stands there."""

    path: str
    nb: str
    en: str
    actual: Scalar


def refuse_shape(command: DefineVirtualChannel) -> None:
    """Refuses with VIRTUAL_SHAPE_INVALID: the first thing that is wrong."""
    rule = virtual_rules.VIRTUAL_SHAPE_INVALID
    for path, nb, en, actual in chain(_terms(command), _method(command), _sharing(command), _check(command)):
        said = "null" if actual is None else actual
        reason = rule.reason(path=path, limit=en, actual=said)
        raise Refused(reason.model_copy(update={"text_nb": rule.text_nb.format(limit=nb, actual=said)}))


def _terms(command: DefineVirtualChannel) -> Iterable[Wrong]:
    met: set[Hashable] = set()
    for place, term in enumerate(command.terms):
        path = f"/terms/{place}"
        key = (term.metering_point_id, term.virtual_id, term.recipient, term.direction, term.product)
        if key in met:
            actual = term.metering_point_id or term.virtual_id
            yield Wrong(path, "hvert ledd nevnes én gang", "each term is named once", actual)
        met.add(key)
        yield from _term(term, path, command.method)


def _term(term: VirtualTerm, path: str, method: str) -> Iterable[Wrong]:
    named = [one for one in (term.metering_point_id, term.virtual_id) if one is not None]
    if len(named) != 1:
        yield Wrong(
            path,
            "et ledd har én av metering_point_id og virtual_id",
            "a term has one of metering_point_id and virtual_id",
            ", ".join(named) or None,
        )
    if term.recipient is not None and term.virtual_id is None:
        yield Wrong(
            f"{path}/recipient",
            "recipient nevnes bare sammen med virtual_id",
            "recipient is named with virtual_id alone",
            term.recipient,
        )
    if method != "copy" and term.product != "active":
        yield Wrong(
            f"{path}/product",
            f"en kanal av typen {method} er av aktiv energi (active)",
            f"a channel of the kind {method} is of active energy (active)",
            term.product,
        )
    if term.minus and method != "net":
        yield Wrong(
            f"{path}/minus",
            "bare en kanal av typen net har ledd som trekkes fra (minus)",
            "only a channel of the kind net has terms that are taken off (minus)",
            "true",
        )


def _method(command: DefineVirtualChannel) -> Iterable[Wrong]:
    terms, method, is_share = command.terms, command.method, command.method == "share"
    if method in ("copy", "share") and len(terms) != 1:
        yield Wrong(
            "/terms",
            f"en kanal av typen {method} har ett ledd",
            f"a channel of the kind {method} has one term",
            len(terms),
        )
    if method == "copy" and terms[0].metering_point_id and terms[0].direction != command.direction:
        yield Wrong(
            "/direction",
            f"en kopi har retningen til det som kopieres ({terms[0].direction})",
            f"a copy has the direction of what is copied ({terms[0].direction})",
            command.direction,
        )
    if method == "net" and not any(term.minus for term in terms):
        yield Wrong(
            "/terms",
            "en kanal av typen net har minst ett ledd som trekkes fra (minus: true)",
            "a channel of the kind net has at least one term that is taken off (minus: true)",
            0,
        )
    if is_share and command.grid_area is not None:
        yield Wrong(
            "/grid_area",
            "en kanal av typen share har ikke noe eget nettavregningsområde (grid_area)",
            "a channel of the kind share has no metering grid area of its own (grid_area)",
            command.grid_area,
        )
    if not is_share and command.grid_area is None:
        yield Wrong(
            "/grid_area",
            f"en kanal av typen {method} ligger i et virtuelt nettavregningsområde (grid_area)",
            f"a channel of the kind {method} lies in a virtual metering grid area (grid_area)",
            None,
        )
    if is_share and (terms[0].metering_point_id is None or terms[0].direction != "production"):
        yield Wrong(
            "/terms/0",
            "det som deles, er det ett målepunkt produserer (metering_point_id, production)",
            "what is shared is what one metering point produces (metering_point_id, production)",
            terms[0].direction if terms[0].metering_point_id else terms[0].virtual_id,
        )
    if is_share and command.direction != "production":
        yield Wrong(
            "/direction",
            "delt produksjon har retningen production",
            "shared production has the direction production",
            command.direction,
        )


def _sharing(command: DefineVirtualChannel) -> Iterable[Wrong]:
    is_share, is_manual = command.method == "share", command.sharing == "manual"
    if is_share != (command.sharing is not None):
        yield Wrong(
            "/sharing",
            "en kanal av typen share sier hvordan det deles (sharing), og ingen annen",
            "a channel of the kind share says how it is shared (sharing), and no other does",
            command.sharing,
        )
    if is_share != bool(command.recipients):
        yield Wrong(
            "/recipients",
            "en kanal av typen share har 1 til 1000 mottakere (recipients), og ingen annen har noen",
            "a channel of the kind share has 1 to 1000 recipients, and no other has any",
            len(command.recipients),
        )
    for place, one in enumerate(command.recipients):
        if (one.share_ppm is not None) != is_manual:
            yield Wrong(
                f"/recipients/{place}/share_ppm",
                "hver mottaker har share_ppm (0 til 1000000) når det deles etter manual, og ellers ingen",
                "each recipient has share_ppm (0 to 1000000) where sharing is manual, and otherwise none",
                one.share_ppm,
            )
    met: set[str] = set()
    for place, one in enumerate(command.recipients):
        if one.metering_point_id in met:
            yield Wrong(
                "/recipients",
                f"hver mottaker nevnes én gang (nummer {place + 1} er nevnt før)",
                f"each recipient is named once (number {place + 1} was named before)",
                one.metering_point_id,
            )
        met.add(one.metering_point_id)


def _check(command: DefineVirtualChannel) -> Iterable[Wrong]:
    of_points = all(term.metering_point_id and term.product == "active" for term in command.terms)
    if command.check is not None and (command.method == "share" or not of_points):
        yield Wrong(
            "/check",
            "bare en kanal av typen copy, sum eller net av målepunkters aktive energi holdes mot en hovedmåler (check)",
            "only a channel of the kind copy, sum or net of points' active energy is held against a main meter (check)",
            command.method,
        )
