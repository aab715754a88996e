"""Virtual channels, and the net losses of grid areas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from chassis.service import SUBJECT, Deadline, Kind
from contracts.meter_ingest.v1 import EnergyCounted, GridAreaBalanced, NetLossChecked
from meter_ingest.domain import net_loss, virtual

SUM_DUE = "sum"

SUM_AGAIN_DUE = "sum-again"


def _virtual_deadlines(state: virtual.Virtual) -> Iterable[Deadline]:
    for final, name in ((False, SUM_DUE), (True, SUM_AGAIN_DUE)):
        local = virtual.next_look(state, final=final)
        if local is not None:
            yield Deadline(virtual.look_at(local, final=final), name)


VIRTUAL = Kind(
    "virtual",
    virtual.Virtual,
    virtual.evolve,
    dict.fromkeys(get_args(virtual.OfVirtual), SUBJECT),
    deadlines=_virtual_deadlines,
)
"""By its id: how a virtual channel is computed, and all that was ever said of that."""

FOLLOWED = Kind(
    "followed",
    net_loss.Followed,
    net_loss.evolve_followed,
    {GridAreaBalanced: lambda _: net_loss.ID},
    shared=True,
    remembered=False,
)
"""Which grid areas' net losses are followed: one document, `areas`."""

BALANCE = Kind("balance", net_loss.Followed, net_loss.evolve_followed, {GridAreaBalanced: SUBJECT})
"""By grid area: the same of one."""

EXCHANGE = Kind(
    "exchange",
    net_loss.Exchange,
    net_loss.evolve_exchange,
    {GridAreaBalanced: net_loss.exchange_blocks},
    remembered=False,
)
"""By block: of which other areas its points measure the exchange."""

ENERGY = Kind(
    "energy", net_loss.Energy, net_loss.evolve_energy, {EnergyCounted: net_loss.energy_blocks}, remembered=False
)
"""By `date|block|line`: what it has been counted with, where a grid area is followed."""

AREA_DAY = Kind(
    "net-loss",
    net_loss.AreaDay,
    net_loss.evolve_area_day,
    {EnergyCounted: net_loss.area_days, NetLossChecked: SUBJECT},
    remembered=False,
)
"""By `grid area/date`: what came in and was taken out, and what was said of it last."""

KINDS = (VIRTUAL, FOLLOWED, BALANCE, EXCHANGE, ENERGY, AREA_DAY)
