"""What each point delivered in a run, computed again from what that run read: `POST /ask/allocation`.

A run's event says what it was made from: the activation's version, who held the points, which lines they had, what
other activations covered, and how far the values were read. Nothing is written, and no point's figures stand anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import history
from chassis.asking import UnableToAnswer
from chassis.work import Work
from contracts.message import Event
from contracts.meter_ingest.v1 import ActivationVerified, VerificationAnnulled
from meter_ingest import looking, sealing, store
from meter_ingest.domain import activation, verification
from meter_ingest.domain.activation import Activation
from meter_ingest.domain.again import before, looked_at, says
from meter_ingest.handlers import Values
from meter_ingest.value_store import StoredValues


async def allocation_asked(
    connection: AsyncConnection, work: Callable[[], Work], asked: Mapping[str, Any]
) -> dict[str, Any]:
    """A run of an `activation_id` (the last one; or `run`), with what each of its points delivered where `points`.

    `agrees`: whether what is computed now is what the run said; None where there is nothing to compute it from, as when
    values are gone (`because`). Raises `UnableToAnswer`.
    """
    id_, number = str(asked.get("activation_id", "")), asked.get("run")
    now = work()
    told = [event for _, event in await history.told(connection, now.service, store.ACTIVATION, id_)]
    if not told:
        raise UnableToAnswer(f"no activation has the id {id_}")
    runs = [event for event in told if isinstance(event, ActivationVerified)]
    found = next((one for one in reversed(runs) if number is None or one.run == number), None)
    answer: dict[str, Any] = {"activation_id": id_, "runs": _runs(told)}
    if found is None:
        if number is not None:
            raise UnableToAnswer(f"there is no run {number} of {id_}; there are {len(runs)}")
        return answer
    answer["run"] = found
    if not found.as_of or found.allocation_sha256 is None:
        return to_jsonable_python({**answer, "agrees": None})
    run = await again(StoredValues(connection.engine), now, before(told, found), found)
    answer["agrees"] = says(run, found)
    if not answer["agrees"] and (gone := await sealing.of_activation(now, before(told, found))):
        # What was published stands; there is nothing that it could be held against any more.
        return to_jsonable_python({**answer, "agrees": None, "because": gone.key})
    if asked.get("points"):
        answer["points"] = [
            {
                "metering_point_id": one.point,
                "delivered_wh": run.allocated.get(one.point, (None,) * len(run.quarters)),
                "evidence": one.quality,
            }
            for one in run.points
        ]
    return to_jsonable_python(answer)


async def again(values: Values, work: Work, state: Activation, found: ActivationVerified) -> verification.Run:
    """A run as it was made."""
    looked = looked_at(state, found)
    as_of = {one.shard: one.position for one in found.as_of}
    windows = activation.windows_of(state, looked.covered)
    readings = await values.read(looked.by_line, windows, as_of=as_of, steps=looked.steps)
    agreed = await looking.agreed(work, state)
    return verification.Run(
        state,
        readings,
        looked.held,
        plan=agreed.counting.get("plan", {}),
        reported=agreed.counting.get("reported", {}),
        covered=looked.covered,
        beside=found.beside,
    )


def _runs(told: Sequence[Event]) -> list[dict[str, Any]]:
    """All of them, with what they found, and whether they were annulled."""
    annulled: dict[int, str] = {}
    for event in told:
        if isinstance(event, VerificationAnnulled):
            annulled |= {number: event.because for number in range(1, event.run + 1) if number not in annulled}
    return [
        {
            "run": one.run,
            "version": one.version,
            "because": one.because,
            "result": one.result,
            "within_tolerance": one.within_tolerance,
            "annulled": annulled.get(one.run),
        }
        for one in told
        if isinstance(one, ActivationVerified)
    ]
