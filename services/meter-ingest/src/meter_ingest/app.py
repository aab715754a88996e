"""The service, put together: the case shard, which decides, and the value shard, which takes values in."""

from __future__ import annotations

from typing import Any, get_args

from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import clock
from chassis.service import Incoming, On, Service
from chassis.work import Work
from contracts import topics
from contracts.bsp_switch.v1 import SupplyRecorded
from contracts.meter_ingest import v1
from contracts.registry.v1 import MeteringPointRecorded
from meter_ingest import (
    adjusting,
    allocating,
    annulling,
    answering,
    aside,
    asked_reads,
    balancing,
    baselining,
    completing,
    deviating,
    documenting,
    documenting_capacity,
    door,
    erasing,
    granting,
    handlers,
    owning,
    packing,
    pricing,
    publishing,
    recounting,
    recounts,
    settlement_queries,
    settling,
    shard,
    store,
    trying,
    verifying,
    virtual_channels,
)
from meter_ingest.asked_reads import noting
from meter_ingest.domain import known
from meter_ingest.domain.control import OfControl
from meter_ingest.value_proof import evidence
from meter_ingest.value_store import StoredValues


def case_shard(values: handlers.Values) -> Service:
    """The service that decides, with where it reads values."""
    documented = documenting.Documenting(values)
    capacity = documenting_capacity.DocumentingCapacity(values)
    answered = answering.Answering(documented, capacity)
    verified = verifying.Verifying(values, documented.verified, capacity.values_came)
    annulled = annulling.Annulling(documented.verified)
    recounting_days = recounts.Recounting(verified)
    checking = virtual_channels.Checking(values)
    balanced = balancing.Balancing(values)
    adjusted = adjusting.Adjusting(allocating.FromValues(values))
    deviations = deviating.Deviating(values)
    erased = erasing.Erasing(values)

    async def values_accepted(work: Work, incoming: Incoming[v1.ValuesAccepted]) -> None:
        await completing.values_came(work, incoming)
        await balanced.values_came(work, incoming)
        await verified.values_accepted(work, incoming)

    def values_needs(incoming: Incoming[v1.ValuesAccepted]) -> handlers.Needed:
        yield from verifying.values_needs(incoming)
        yield from completing.values_needs(incoming)
        yield from balancing.values_needs(incoming)

    async def control_changed(work: Work, incoming: Incoming[Any]) -> None:
        await completing.place_changed(work, incoming)
        await verified.control_changed(work, incoming)

    async def membership_said(work: Work, incoming: Incoming[Any]) -> None:
        await completing.place_changed(work, incoming)
        await verified.membership_said(work, incoming)

    def member_needs(incoming: Incoming[Any]) -> handlers.Needed:
        yield from completing.place_needs(incoming)
        yield from verifying.member_needs(incoming)

    async def point_recorded(work: Work, incoming: Incoming[MeteringPointRecorded]) -> None:
        changed = await settling.point_recorded(work, incoming)
        await completing.place_changed(work, incoming)
        await recounting_days.changed(work, incoming, changed)

    def point_needs(incoming: Incoming[MeteringPointRecorded]) -> handlers.Needed:
        yield from settling.point_needs(incoming)
        yield from recounts.needs(incoming)
        yield from completing.place_needs(incoming)

    async def supply_recorded(work: Work, incoming: Incoming[SupplyRecorded]) -> None:
        await granting.supply_recorded(work, incoming)
        await adjusting.supply_recorded(work, incoming)
        await erased.supply_recorded(work, incoming)

    def supply_needs(incoming: Incoming[SupplyRecorded]) -> handlers.Needed:
        yield from granting.supply_needs(incoming)
        yield from adjusting.supply_needs(incoming)
        yield from erasing.supply_needs(incoming)

    channels_needs = completing.channels_needs(handlers.list_needs)
    return Service(
        name="meter-ingest",
        shard="case",
        partition=topics.CASE_SHARD,
        kinds=store.KINDS,
        receipt=v1.Receipt,
        commands={
            v1.OpenChannels: On(completing.with_channels(handlers.open_channels), channels_needs),
            v1.CloseChannels: On(completing.with_channels(handlers.close_channels), channels_needs),
            v1.OpenOwnMeter: On(owning.open_own_meter, owning.open_needs),
            v1.CloseOwnMeter: On(owning.close_own_meter, owning.close_needs),
            v1.SetValueRetention: On(handlers.set_value_retention, handlers.retention_needs),
            v1.EraseValues: On(erased.erase_values, erasing.erase_needs),
            v1.DeclareDelay: On(completing.declare_delay, completing.delay_needs),
            v1.LiftDelay: On(completing.lift_delay, completing.delay_needs),
            v1.OrderActivation: On(verified.order_activation, verifying.order_needs),
            v1.AmendActivation: On(verified.amend_activation, verifying.change_needs),
            v1.CancelActivation: On(verified.cancel_activation, verifying.change_needs),
            v1.AnnulVerification: On(verified.annul_verification, verifying.change_needs),
            v1.AnnulVerifications: On(annulled.annul_verifications, annulling.annul_needs),
            v1.VerifyAgain: On(verified.verify_again, verifying.change_needs),
            v1.RequestEvidence: On(documented.request, documenting.request_needs),
            v1.RequestCapacityEvidence: On(capacity.request, documenting_capacity.request_needs),
            v1.AnswerEvidenceRequest: On(answered.answer, answering.answer_needs),
            v1.ChooseBaseline: On(baselining.choose_baseline, baselining.choose_needs),
            v1.SubmitBaseline: On(baselining.submit_baseline, baselining.submit_needs),
            v1.PublishProfile: On(settling.publish_profile, settling.profile_needs),
            v1.RecordPeriodVolume: On(settling.record_volume, settling.volume_needs),
            v1.WithdrawPeriodVolume: On(settling.withdraw_volume, settling.volume_needs),
            v1.PublishPrices: On(pricing.publish_prices, pricing.prices_needs),
            v1.RecordNorgespris: On(pricing.record_norgespris),
            v1.RunDeviationSettlement: On(deviations.run, deviating.run_needs),
            v1.PublishSettlement: On(deviations.publish, deviating.status_needs),
            v1.AnnulSettlement: On(deviations.annul, deviating.status_needs),
            v1.SetValidationRule: On(handlers.set_validation_rule, handlers.rule_needs),
            v1.DefineVirtualChannel: On(virtual_channels.define_virtual_channel, virtual_channels.define_needs),
            v1.BalanceGridArea: On(balancing.balance_grid_area, balancing.balance_needs),
            **granting.COMMANDS,
            v1.EndVirtualChannel: On(virtual_channels.end_virtual_channel, virtual_channels.end_needs),
        },
        reactions={
            v1.ValuesAccepted: On(values_accepted, values_needs),
            **dict.fromkeys(get_args(OfControl), On(control_changed, completing.place_needs)),
            **dict.fromkeys(get_args(known.OfMember), On(membership_said, member_needs)),
            MeteringPointRecorded: On(point_recorded, point_needs),
            **granting.REACTIONS,
            SupplyRecorded: On(supply_recorded, supply_needs),
        },
        ahead={store.VERIFICATION_DUE: verified.verifications_next},
        deadlines={
            store.EXPIRY_DUE: handlers.expiry_due,
            store.ERASURE_DUE: erased.erasure_due,
            store.COMPLETENESS_DUE: completing.completeness_due,
            store.DAY_DUE: completing.day_due,
            store.REMINDER_DUE: completing.reminder_due,
            store.DELAY_DUE: completing.delay_due,
            store.VERIFICATION_DUE: verified.verification_due,
            store.ANNULMENT_DUE: annulled.annulment_due,
            store.RECOUNT_DUE: recounting_days.recount_due,
            store.EVIDENCE_DUE: documented.evidence_due,
            store.ANSWER_DUE: answering.answer_due,
            store.ANSWER_REMINDER_DUE: answering.reminder_due,
            store.CAPACITY_DUE: capacity.capacity_due,
            store.CAPACITY_OWED_DUE: capacity.owed_due,
            **granting.DEADLINES,
            store.ADJUSTMENT_DUE: adjusted.adjustment_due,
            store.PUBLIC_DUE: publishing.Publishing(values).public_due,
            store.SUM_DUE: checking.first_look,
            store.SUM_AGAIN_DUE: checking.second_look,
            store.ANNUAL_DUE: settling.Estimating(values).annual_due,
        },
        uncounted=frozenset({v1.CompletenessCounted, v1.EnergyCounted, v1.EnergySummed}),
        streams=frozenset(
            {
                v1.ExpectedEffect,
                v1.EvidenceOwed,
                v1.CapacityEvidenceOwed,
                v1.ValidationRuleSet,
                v1.NorgesprisRecorded,
                v1.SupplierDeviationSettled,
                v1.PartyAdjusted,
                v1.VolumeAdjusted,
                v1.VerificationNotRenewed,
                v1.PointRecounted,
            }
        ),
        asks={
            "validation": noting(trying.validation_asked, asked_reads.of_validation),
            "allocation": noting(recounting.allocation_asked, asked_reads.of_allocation),
            "evidence": packing.evidence_asked,
            "settlement": noting(settlement_queries.settlement_asked, asked_reads.of_settlement),
        },
    )


SERVICE = case_shard(StoredValues())
"""As it is declared; a process gives it its database (`compose`)."""


def value_shard(
    *, sandbox: bool, trace_ratio: float = 0.0, salt: shard.Salt = shard.random_salt, number: int = 0
) -> Service:
    """The service that takes values in. It reads the case shard's documents, and owns only what it has answered.

    `number`: which of the value shards; a process has only the first so far (ADR 0008).
    """
    return Service(
        name="meter-ingest",
        shard=str(number),
        partition=topics.VALUE_SHARD + number,
        kinds=(door.ANSWERED, clock.CLOCK),
        receipt=v1.Receipt,
        raw={"ingress.*.meter-values.v1": door.open_values, clock.TOPIC: clock.opened},
        internal={door.REFUSED: On(door.refuse), "clock": clock.MOVED},
        bulk={door.TYPE: door.taking(salt)},
        moment=clock.moment if sandbox else None,
        trace_ratio=trace_ratio,
        uncounted=frozenset({v1.ValuesAccepted, v1.ValuesQuarantined, v1.Receipt}),
        remembers=False,
        evidence={
            "private.value_version": evidence(str(number)),
            "private.quarantined_version": aside.evidence(str(number)),
        },
    )


def main() -> None:
    """Run the process."""
    from chassis import process  # noqa: PLC0415 - what only declares the service needs no broker
    from meter_ingest import keeping, out, pages  # noqa: PLC0415
    from meter_ingest.out import making  # noqa: PLC0415
    from meter_ingest.settings import Settings  # noqa: PLC0415
    from meter_ingest.tandem import Tandem  # noqa: PLC0415

    def compose(settings: Settings, database: AsyncEngine) -> list[process.Shard]:
        tandem = Tandem()
        return [
            process.Shard(case_shard(StoredValues(database)), before_time=tandem.before_time, attach=tandem.case),
            process.Shard(
                value_shard(sandbox=settings.sandbox, trace_ratio=settings.trace_ratio),
                pattern=r"control\.clock\.v1|ingress\.[0-9]+\.meter-values\.v1",
                first=clock.first(sandbox=settings.sandbox),
                before=tandem.before_values,
                attach=tandem.values,
            ),
        ]

    alongside = [keeping.attend, out.open_door, making.attend]
    process.main("meter-ingest", "meter_ingest", Settings, compose, alongside=alongside, pages=pages.pages)
