"""What the evidence of an activation is: members, counts, and the parts of its packet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from contracts.message import Event
from contracts.meter_ingest.v1 import ActivationVerified, EvidenceAnswered, EvidenceCounts, EvidenceMembers
from contracts.values import time_text
from meter_ingest.domain import activation, again, baselines, control, days, known, packet, packet_values, values
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.baselines import Lacking
from meter_ingest.domain.values import Quality
from meter_ingest.domain.verification import Run

Qualities = Mapping[str, Sequence[Quality | None]]
"""Of each point that its BSP holds, by quarter of the activation; None in a quarter in which it does not hold it."""
HEAD: Final = (
    "evidence_id",
    "version",
    "activation_id",
    "group_id",
    "bsp",
    "run",
    "requested_at",
    "due_at",
    "prepared_at",
)
"""What the event and the packet's manifest both say of which evidence it is."""
METHODS: Final[tuple[baselines.Method, ...]] = baselines.METHODS


@dataclass(frozen=True, slots=True)
class Documented:
    """A run with what it was made from."""

    found: ActivationVerified
    run: Run
    values: tuple[dict[str, Any], ...]


def members(state: Activation, group: known.Group | None) -> tuple[EvidenceMembers, ...]:
    """The points of an activation by what they were when it began, or they came later in it, as far as is known."""
    stays: dict[str, known.Stay] = {}
    if group:
        for moment in reversed(control.quarters_of(state.start, state.end)):
            stays |= known.members_at(group, max(moment, state.start))
    by_what: dict[tuple[Any, ...], list[str]] = {}
    for point in state.points:
        stay = stays.get(point)
        what = (stay.dso, stay.grid_area, stay.substation, stay.valid_from, stay.valid_to) if stay else (None,) * 5
        by_what.setdefault(what, []).append(point)
    names = ("dso", "grid_area", "substation", "valid_from", "valid_to")
    return tuple(
        EvidenceMembers.model_validate({**dict(zip(names, what, strict=True)), "metering_points": tuple(points)})
        for what, points in by_what.items()
    )


def qualities(run: Run | None, state: Activation) -> Qualities:
    """What each point is evidence of; without a run nothing is there of any of them. Cancelled, none is looked at."""
    if run is not None:
        return {one.point: one.quality for one in run.points}
    if state.cancelled:
        return {}
    quarters = control.quarters_of(state.start, state.end)
    return dict.fromkeys(state.points, ("missing",) * len(quarters))


def counts(found: Qualities, members: Iterable[EvidenceMembers]) -> tuple[EvidenceCounts, ...]:
    """By DSO. Points that the BSP held in no quarter are in none."""
    tally: dict[str, Counter[str]] = {}
    for many in members:
        of_dso = tally.setdefault(many.dso or "", Counter())
        for each in (found[point] for point in many.metering_points if point in found):
            of_dso.update(one for one in each if one is not None)
            of_dso.update(("points",))
            of_dso["points_missing"] += "missing" in each
    return tuple(
        EvidenceCounts(
            dso=dso or None,
            points=each["points"],
            points_missing=each["points_missing"],
            measured=each["measured"],
            estimated=each["estimated"],
            derived=each["derived"],
            missing=each["missing"],
        )
        for dso, each in sorted(tally.items())
    )


def core(
    head: Mapping[str, Any],
    *,
    told: Sequence[Event],
    members: Iterable[EvidenceMembers],
    documented: Documented | None,
    answer: EvidenceAnswered | None = None,
) -> packet.Core:
    """The packet's content. `head`: which evidence of what it is, as JSON. `told`: the activation's events."""
    parts: dict[str, object] = {"members": [packet.said(one) for one in members]}
    if documented is not None:
        parts |= _of_run(documented.run)
        parts["values"] = list(documented.values)
        parts["policies"] = policies(documented.found, documented.run)
    parts["events"] = [{"type": one.type, "sha256": packet.event_sha256(one)} for one in told]
    return packet.core(head, parts | packet.answered(answer))


def _of_run(run: Run) -> dict[str, object]:
    return {
        "baselines": {"inputs": inputs(run), "methods": by_method(run)},
        "completeness": completeness(run),
        "allocation": {point: list(wh) for point, wh in run.allocated.items()},
    }


def policies(found: ActivationVerified, run: Run) -> dict[str, object]:
    """What was in force."""
    return {"verification.tolerance-pct": found.tolerance_pct, "baseline.methods": list(run.state.methods)}


def delivered(run: Run) -> tuple[int, ...]:
    """The group's, per quarter; none where the primary baseline lacks something."""
    if isinstance(run.primary, Lacking):
        return ()
    return tuple(run.towards * (was - is_) for was, is_ in zip(run.primary, run.metered, strict=True))


def inputs(run: Run) -> dict[str, object]:
    """What baselines read beside values."""
    return {
        "windows": [[time_text(start), time_text(end)] for start, end in windows(run.state, run.covered)],
        "covered": [time_text(one) for one in sorted(run.covered)],
        "plan": {time_text(start): wh for start, wh in run.plan.items()},
        "reported": {time_text(start): wh for start, wh in run.reported.items()},
    }


def by_method(run: Run) -> dict[str, object]:
    """Each baseline of the group, Wh per quarter, or why there is none; and the quarters that it reads."""
    first, last = run.quarters[0], run.quarters[-1] + days.QUARTER
    found: dict[str, object] = {}
    for method in METHODS:
        if method in run.state.methods:
            wh = run.baseline(method)
            read = baselines.windows((method,), first, last, covered=run.covered)
            found[method] = {
                "formula": packet.FORMULAS[method],
                "primary": method == run.state.methods[0],
                "reads": [[time_text(start), time_text(end)] for start, end in read],
                **({"lacking": wh.why} if isinstance(wh, Lacking) else {"wh": list(wh)}),
            }
    return found


def completeness(run: Run) -> dict[str, object]:
    """By point: what it is evidence of per quarter, and how many quarters of each."""
    return {
        one.point: {
            "evidence": list(one.quality),
            "quarters": dict(sorted(Counter(each for each in one.quality if each is not None).items())),
        }
        for one in run.points
    }


def windows(state: Activation, covered: frozenset[datetime]) -> tuple[baselines.Window, ...]:
    """The quarters of which values are in the packet."""
    return activation.windows_of(state, covered)


def of_values(
    state: Activation,
    looked: again.Looked,
    versions: packet_values.Versions,
) -> tuple[dict[str, Any], ...]:
    """The values of a run."""
    versions = {key: values.in_steps(some, looked.read_as.get(key)) for key, some in versions.items()}
    return tuple(packet_values.told(versions, looked.by_line, windows(state, looked.covered)))
