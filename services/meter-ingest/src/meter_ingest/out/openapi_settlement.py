"""What the OpenAPI document says of settlement by point."""

from __future__ import annotations

from typing import Any, Final, get_args

from contracts.meter_ingest.v1 import AdjustmentVersion
from contracts.values import BiddingZone
from meter_ingest.domain.settlement import runs
from meter_ingest.out import settlement_desk
from meter_ingest.out.openapi_words import (
    COUNT,
    DATE,
    GSRN,
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
_WHOLE: Final = {"type": "integer"}
_ZONE: Final = {"enum": [*(str(zone) for zone in BiddingZone), None]}
_EXACT: Final = TEXT | {"description": "NOK, exactly."}
_MAY_EXACT: Final = _MAY_TEXT | {"description": "NOK, exactly; null where there is no price, or no volume."}
_LINKS: Final = an_object(next=TEXT)
_WITHHELD: Final = an_object(activation_id_=_UUID, date_=DATE, because=TEXT)

SCHEMAS: Final[dict[str, Any]] = {
    "AdjustedRows": an_object(
        date=DATE,
        version={"enum": list(get_args(AdjustmentVersion))},
        at=TIME,
        told=many(an_object(role=TEXT, delivered_wh=_WHOLE))
        | {"description": "The day's sum as the caller was told it, by the role it was told it in."},
        rows=many(ref("AdjustedRow")),
        withheld=many(_WITHHELD)
        | {"description": "Values of these are gone: what was published of them stands, without rows."},
        links_=_LINKS,
    ),
    "AdjustedRow": an_object(
        metering_point_id=GSRN,
        start=TIME,
        delivered_wh=_WHOLE | {"description": "Upwards positive."},
        activation_id=_MAY_TEXT | {"description": "For the BSP and the TSO."},
        supplier=_MAY_TEXT | {"description": "Of these three, all for the TSO; for others, itself."},
        brp=_MAY_TEXT,
        bsp=_MAY_TEXT,
        grid_area=_MAY_TEXT,
        zone=_ZONE,
    ),
    "DeviationRows": an_object(
        run_id=_UUID,
        status=one_of(runs.Status) | {"description": "An annulled run does not count."},
        grid_area=TEXT,
        zone=_ZONE,
        first_day=DATE,
        last_day=DATE,
        at=TIME,
        rows=many(ref("DeviationRow")),
        withheld=many(_WITHHELD) | {"description": "Values of these days are gone: rows of them may be missing."},
        links_=_LINKS,
    ),
    "DeviationRow": an_object(
        metering_point_id=GSRN,
        line=TEXT,
        start=TIME,
        settled_wh=_WHOLE,
        corrected_wh=_WHOLE,
        energy_wh=_WHOLE,
        nok_per_mwh=_MAY_TEXT,
        price=_MAY_TEXT,
        amount_exact=_EXACT,
        supplier=_MAY_TEXT,
        dso=_MAY_TEXT,
    ),
    "Allocation": an_object(
        activation_id=_UUID,
        runs=many(
            an_object(
                run=COUNT,
                version=COUNT,
                because=TEXT,
                result=TEXT,
                within_tolerance={"type": ["boolean", "null"]},
                annulled=_MAY_TEXT | {"description": "Why, if it was."},
            )
        ),
        run_={"type": "object", "description": "`activation-verified` of this run; none while there is none."},
        agrees_={"type": ["boolean", "null"], "description": "Computed again it is the same; null: it cannot be."},
        because_=TEXT | {"description": "Why it cannot be: values are gone. What was published stands."},
        points=many(an_object(metering_point_id=GSRN, delivered_wh=many(WH), evidence=many(_MAY_TEXT))),
        links_=_LINKS,
    ),
    "Hours": an_object(
        metering_point_id=GSRN,
        line=TEXT,
        days=many(
            an_object(
                date=DATE,
                zone=_ZONE,
                settlement_=_MAY_TEXT,
                because_=TEXT | {"description": "Why there are no hours, as of a point in no known zone."},
                hours=many(ref("Hour")),
                unpriced=COUNT,
                amount_exact=_EXACT,
                amount=TEXT | {"description": "NOK, to the øre, of these hours."},
            )
        ),
    ),
    "Hour": an_object(
        start=TIME,
        wh=WH,
        nok_per_mwh=_MAY_TEXT,
        nok_per_kwh=_MAY_TEXT,
        source=TEXT,
        versions=many(TEXT),
        origin=many(TEXT),
        surcharge_nok_kwh=_MAY_TEXT,
        norgespris={"type": ["boolean", "null"], "description": "null: the caller's access is `limited`."},
        amount_exact=_MAY_EXACT,
    ),
}

_AFTER: Final = query("after", TEXT, "Go on there, as `links.next` has it.")
_MOST: Final = query(
    "most",
    {"type": "integer", "minimum": 1, "maximum": settlement_desk.MOST, "default": settlement_desk.MOST},
    "Rows in one answer. There may be fewer, or none, and yet a `links.next`.",
)
PATHS: Final[dict[str, Any]] = {
    "/settlement/adjustments/{day}": {
        "get": {
            "operationId": "adjustment-rows",
            "summary": "What points delivered in a day by quarter, for the supplier, BRP and BSP of each, and the TSO",
            "parameters": [
                path("day", DATE),
                query("version", {"enum": list(get_args(AdjustmentVersion)), "default": "D+5"}, "Which version."),
                _AFTER,
                _MOST,
            ],
            "responses": answers(_200=says("In the order of activations, points and quarters.", "AdjustedRows")),
        }
    },
    "/settlement/deviations/{id}": {
        "get": {
            "operationId": "deviation-rows",
            "summary": "What differs in a published run of deviations, for who stands behind it; drafts for the TSO",
            "parameters": [path("id", _UUID), _AFTER, _MOST],
            "responses": answers(_200=says("In the order of days, points, lines and quarters.", "DeviationRows")),
        }
    },
    "/activations/{id}/allocation": {
        "get": {
            "operationId": "allocation",
            "summary": "What each point delivered in an activation, for its BSP and the TSO",
            "parameters": [
                path("id", _UUID),
                query("run", {"type": "integer", "minimum": 1}, "Which verification run; else the last one."),
                _AFTER,
                _MOST,
            ],
            "responses": answers(_200=says("By point, computed again from what the run had read.", "Allocation")),
        }
    },
    "/points/{id}/hours": {
        "get": {
            "operationId": "hours",
            "summary": "Consumption by the hour with prices, for who may read the values",
            "parameters": [
                path("id", GSRN),
                query("from", DATE, "The first local day.", required=True),
                query("to", DATE, f"The day behind the last: {settlement_desk.MOST_DAYS} at most.", required=True),
                query("last_resort_since", DATE, "With the surcharge of last resort, supplied since this day."),
            ],
            "responses": answers(_200=says("Of the hours that the caller may read.", "Hours")),
        }
    },
}
