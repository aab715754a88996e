"""What the OpenAPI document says of rights, and of what a point is."""

from __future__ import annotations

from typing import Any, Final

from contracts.calendar import Resolution
from contracts.registry.v1 import SettlementMethod
from contracts.values import BiddingZone, Role
from meter_ingest.domain import reach
from meter_ingest.out import end_user_desk, grant_desk
from meter_ingest.out.openapi_words import (
    FOR_END_USER,
    GSRN,
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
_MAY_TEXT: Final = {"type": ["string", "null"]}
_OPEN: Final = an_object(start=TIME, end=MAY_TIME) | {"description": "Without an end while nothing ends it."}
_LEVEL: Final = one_of(reach.Level)

SCHEMAS: Final[dict[str, Any]] = {
    "Grant": an_object(
        data_access_id=_UUID,
        third_party=TEXT,
        metering_point_id=GSRN | {"description": "The point that was asked for."},
        status=TEXT
        | {
            "description": "pending, granted, rejected, lapsed (nobody answered in time), expired, revoked, end-user"
            " (there is none any more)."
        },
        level=_LEVEL,
        valid_from=TIME,
        until=MAY_TIME | {"description": "When it ends, or ended."},
        purpose=TEXT,
        future_points={"type": "boolean"},
        approved_at=MAY_TIME,
        lapses_at=MAY_TIME | {"description": "When what is asked for lapses, if nobody answers."},
        change={
            "anyOf": [an_object(level=_LEVEL, valid_to=MAY_TIME), {"type": "null"}],
            "description": "What it is asked to be instead.",
        },
        points=many(an_object(metering_point_id=GSRN, periods=many(_OPEN)))
        | {"description": "The points that it was ever of, and the periods whose values may be read on it now."},
    ),
    "Grants": an_object(grants=many(ref("Grant")), links_=an_object(next=TEXT)),
    "Reads": an_object(
        end_user=_UUID,
        reads=many(
            an_object(
                at=TIME | {"description": "When it was read."},
                metering_point_id=GSRN,
                line=TEXT,
                start=TIME,
                end=TIME,
                party=TEXT | {"description": "Who read; empty: the register's operator."},
                role={"enum": [role.value for role in Role]},
                ground=TEXT | {"description": "As in `/points/{id}/rights`; `operator`, and how, of the operator."},
                about=TEXT | {"description": "The grant, where on one; of the operator, as whom it looked."},
            )
        )
        | {"description": "By metering point; of each in the order in which it was read."},
        links_=an_object(next=TEXT),
    ),
    "Rights": an_object(
        metering_point_id=GSRN,
        at=TIME,
        rights=many(
            an_object(
                role={"enum": [role.value for role in Role]},
                start=TIME,
                end=MAY_TIME,
                ground=one_of(reach.Ground),
                scope=one_of(reach.Scope) | {"description": "Which lines."},
                level=_LEVEL,
                about=TEXT | {"description": "The grant, where it is one."},
            )
        ),
    ),
    "Facts": an_object(
        metering_point_id=GSRN,
        at=TIME,
        facts=many(
            an_object(
                start=TIME,
                end=MAY_TIME,
                active={"type": "boolean"},
                dso=_MAY_TEXT,
                grid_area=_MAY_TEXT,
                zone={"enum": [*(str(zone) for zone in BiddingZone), None]},
                resolution=one_of(Resolution, nullable=True),
                settlement_method=one_of(SettlementMethod, nullable=True),
                consumption_type=_MAY_TEXT,
                production_type=_MAY_TEXT,
                agreed_power_w={"type": "integer"},
            )
        )
        | {"description": "What it is, in the periods that the caller may know of."},
        channels=many(an_object(line=TEXT, product_code=TEXT, start=TIME, end=MAY_TIME, resolution=TEXT, dso=TEXT)),
        annual_volumes=many(an_object(line=TEXT, wh=WH, start=TIME, end=TIME))
        | {"description": "As estimated last; of lines all of whose values since `start` the caller may read."},
    ),
}

NOT_SERVED: Final = says("It is asked on behalf of an end user, whom the caller does not serve.", "Reason")
_POINT: Final = path("id", GSRN)
PATHS: Final[dict[str, Any]] = {
    "/grants": {
        "get": {
            "operationId": "grants",
            "summary": "A third party's requests and grants, whatever has become of them",
            "parameters": [
                query(
                    "end_user",
                    _UUID,
                    "For the TSO and the datahub: what waits for this one, and what it has approved.",
                ),
                query("after", _UUID, "Go on behind this one."),
                query(
                    "most",
                    {"type": "integer", "minimum": 1, "maximum": grant_desk.MOST, "default": grant_desk.MOST},
                    "Grants in one answer; `links.next` says where to go on.",
                ),
            ],
            "responses": answers(_200=says("By id; none for who has none.", "Grants")),
        }
    },
    "/reads": {
        "get": {
            "operationId": "reads",
            "summary": "Who read an end user's values, in which role and on what ground; never the values",
            "description": "For the TSO and the datahub, who hand it over: of all points that the end user ever stood"
            " behind, and of each of the time in which it did.",
            "parameters": [
                query("end_user", _UUID, "The end user that it is for.", required=True),
                query("point", GSRN, "One metering point; else all."),
                query("from", TIME, "Reads of what was metered from then on."),
                query("to", TIME, "Reads of what was metered before then."),
                query("after", TEXT, "Go on behind this one: as `links.next` has it."),
                query(
                    "most",
                    {"type": "integer", "minimum": 1, "maximum": end_user_desk.MOST, "default": end_user_desk.MOST},
                    "Reads in one answer; `links.next` says where to go on.",
                ),
            ],
            "responses": answers(
                _200=says("None for whom there is not.", "Reads"),
                _403=NOT_SERVED,
            ),
        }
    },
    "/points/{id}/rights": {
        "get": {
            "operationId": "rights",
            "summary": "What the caller may read of a point now, by role, and on what ground",
            "parameters": [_POINT, FOR_END_USER],
            "responses": answers(_200=says("In time, by role.", "Rights"), _403=NOT_SERVED),
        }
    },
    "/points/{id}/facts": {
        "get": {
            "operationId": "facts",
            "summary": "What a point is, for who reads its values on the level `full`",
            "parameters": [_POINT, FOR_END_USER],
            "responses": answers(
                _200=says("In the periods of the right alone.", "Facts"),
                _403=says("The caller may read values, but on the level `limited`; or serves no end user.", "Reason"),
            ),
        }
    },
}
