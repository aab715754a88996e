"""What the OpenAPI document says of values that no balance is settled on: own meters, virtual channels."""

from __future__ import annotations

from typing import Any, Final

from contracts.calendar import Resolution
from contracts.meter_ingest.v1 import KeptStatus
from meter_ingest.domain.transform import Origin
from meter_ingest.out import telling
from meter_ingest.out.openapi_words import (
    COUNT,
    FOR_END_USER,
    GSRN,
    LINE,
    MAY_TIME,
    TEXT,
    TIME,
    WH,
    an_object,
    answers,
    many,
    one_of,
    path,
    query,
    ref,
    says,
)

_UUID: Final = {"type": "string", "format": "uuid"}
_MAY_GSRN: Final = {**GSRN, "type": ["string", "null"]}
_MAY_TEXT: Final = {"type": ["string", "null"]}
_PERIODS: Final = many(an_object(start=TIME, end=TIME)) | {
    "description": "What the caller may read: elsewhere nothing."
}


def schemas(day: dict[str, Any]) -> dict[str, Any]:
    """`day`: of a settlement meter."""
    of_own = {
        "samples": many({"type": ["integer", "null"]}) | {"description": "How many, where not all; of quarters."},
        "clock_wrong": many({"type": "boolean"}) | {"description": "Whether its clock was wrong; of quarters."},
    }
    own = {
        "resource_id": _UUID,
        "device_id": TEXT,
        "metering_point_id": GSRN,
        "line": TEXT,
        "from": TIME,
        "to": TIME,
        "as_of": MAY_TIME,
        "fresh": many(ref("Fresh")),
        "periods": _PERIODS,
        "messages": many(ref("Message")),
        "days": many({**day, "properties": {**day["properties"], **of_own}}),
    }
    virtual = {
        "virtual_id": _UUID,
        "line": TEXT,
        "from": TIME,
        "to": TIME,
        "as_of": MAY_TIME,
        "fresh": many(ref("Fresh")),
        "definitions": many(ref("Definition")),
        "series": many(
            an_object(
                metering_point_id=_MAY_GSRN | {"description": "The recipient, where production is shared."},
                resolution=one_of(Resolution),
                periods=_PERIODS,
                values_wh=many(WH),
                status=many(one_of(KeptStatus, nullable=True)),
                origin=many(one_of(Origin, nullable=True)),
            )
        ),
    }
    return {
        "OwnValues": an_object(**own, links_=an_object(next=TEXT)),
        "VirtualValues": an_object(**virtual),
        "Definition": an_object(
            start=TIME,
            end=TIME,
            version=COUNT,
            by=TEXT,
            method=TEXT,
            settlement=_MAY_TEXT,
            grid_area=_MAY_TEXT,
            product_code=TEXT,
            sharing=_MAY_TEXT,
            terms=many(
                an_object(
                    metering_point_id=_MAY_GSRN,
                    line=_MAY_TEXT,
                    virtual=_MAY_TEXT,
                    recipient=_MAY_GSRN,
                    minus={"type": "boolean"},
                )
            ),
            recipients=many(GSRN),
            shares_ppm=many(COUNT),
        ),
    }


def _period(most: int) -> list[dict[str, Any]]:
    return [
        query("from", TIME, "The beginning of a quarter of an hour.", required=True),
        query("to", TIME, f"Likewise, at most {most} days later.", required=True),
        query("resolution", one_of(Resolution), "Else quarters."),
        query("as_of", TIME, "What had come by then, by time of receipt; else all that has come."),
    ]


PATHS: Final[dict[str, Any]] = {
    "/resources/{id}/values": {
        "get": {
            "operationId": "own-values",
            "summary": "What a resource's own meter showed, for its BSP, the TSO, and an end user",
            "parameters": [
                path("id", _UUID),
                *_period(telling.LONGEST),
                query("line", LINE, "Direction, and product where it is not active energy."),
                query("device", TEXT, "Which of its meters; needed where there are several."),
                query(
                    "days",
                    {"type": "integer", "minimum": 1, "maximum": telling.MOST_DAYS, "default": telling.MOST_DAYS},
                    "Local days in one answer; `links.next` says where to go on.",
                ),
                FOR_END_USER,
            ],
            "responses": answers(
                _200=says("Its quarters, each with how many samples it has.", "OwnValues"),
                _403=says("It is asked on behalf of an end user, whom the caller does not serve.", "Reason"),
            ),
        }
    },
    "/virtual/{id}/values": {
        "get": {
            "operationId": "virtual-values",
            "summary": "The values of a virtual channel, for the DSOs whose points it rests on and the datahub",
            "parameters": [path("id", _UUID), *_period(telling.MOST_DAYS)],
            "responses": answers(_200=says("They, and how they are computed.", "VirtualValues")),
        }
    },
}
