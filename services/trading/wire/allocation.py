"""Allocation ⇄ its messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeVar

from google.protobuf.message import Message
from google.type import decimal_pb2

from services.kernel import names
from services.kernel.errors import Words, within
from services.kernel.quantity import Quantity
from services.runtime import wire
from services.trading.domain.allocation import Allocation
from services.trading.domain.correction import Cooling
from services.trading.domain.intensity import BalanceValue, ProcessAllocation
from services.trading.domain.issue import Issue
from services.trading.domain.production import NOTHING_KNOWN, Previous, Process, Production
from services.trading.domain.unit_allocation import UnitAllocation
from services.trading.domain.versioned import Versioned
from zonecarbon.trading.v1 import allocation_pb2, trading_service_pb2
from zonecarbon.type.v1 import quantity_pb2

_RATIO = "1"
_COOLING = "UNIT_COOLING_"
_EMISSIONS = "tCO2e"
_NOTHING = Words(en="", zh="")

Sent = TypeVar("Sent", bound=Message)
Made = TypeVar("Made")


def to_productions(request: trading_service_pb2.AllocateAllowancesRequest) -> list[Production]:
    """Return what the units produced.

    Raises:
        NameInvalid, QuantityInvalid, UnitUnknown, UnitAmbiguous: a field is none of its kind; at
            `units[i]`.
    """
    return _each("units", request.units, _to_production)


def to_processes(request: trading_service_pb2.AllocateAllowancesRequest) -> list[Process]:
    """Return what lines and processes emitted and produced.

    Raises:
        QuantityInvalid, UnitUnknown, UnitAmbiguous: a field is none of its kind; at
            `processes[i]`.
    """
    return _each("processes", request.processes, _to_process)


def to_balance(request: trading_service_pb2.AllocateAllowancesRequest) -> BalanceValue | None:
    """Return the balance value, if one is given.

    Raises:
        QuantityInvalid, FieldInvalid: it is no figure, or its source has no status.
    """
    if not request.HasField("balance_value"):
        return None
    message = request.balance_value
    with within("balance_value."):
        return BalanceValue(
            value_t_per_t=_to_ratio(message.value, "value"), source=wire.to_source(message.source)
        )


def from_allocation(stored: Versioned[Allocation]) -> allocation_pb2.Allocation:
    """Return the message of an allocation."""
    allocation = stored.value
    approval, missing = allocation.approval, allocation.missing or allocation.approval.missing
    message = allocation_pb2.Allocation(
        account=names.ACCOUNT.format(account=allocation.account),
        compliance_year=allocation.compliance_year,
        rulebook=names.RULEBOOK.format(rulebook=allocation.rulebook),
        rulebook_version=allocation.rulebook_version,
        status=wire.from_status(allocation.status),
        units=[_from_unit(unit) for unit in allocation.units],
        allowance_count=allocation.allowance_count,
        omitted_rules=allocation.omitted_rules,
        resource_version=stored.version,
        revision=stored.revision,
        create_time=wire.from_instant(stored.create_time),
        state=_state(allocation),
        initial_count=allocation.initial_count or 0,
        approved_count=approval.approved_count,
        pre_allocated_count=allocation.pre_allocated_count,
        obligation_count=approval.obligation_count,
        borrowable_count=approval.borrowable_count,
        missing=(missing or _NOTHING).en,
        missing_zh=(missing or _NOTHING).zh,
        processes=[_from_process(each) for each in allocation.processes],
        open_deduction_count=allocation.open_deduction_count,
        approval_steps=approval.steps,
        initial_gap_percent=_decimal(approval.initial_gap_percent),
        approved_gap_percent=_decimal(approval.approved_gap_percent),
        issue=_from_issue(allocation.issue),
    )
    if approval.verified_t is not None:
        message.verified_emissions.CopyFrom(wire.from_exact(approval.verified_t, _EMISSIONS))
    if allocation.balance_value is not None:
        balance = allocation.balance_value
        message.balance_value.value.CopyFrom(wire.from_decimal(balance.value_t_per_t))
        message.balance_value.source.CopyFrom(wire.from_source(balance.source))
    return message


def _each(field: str, messages: Iterable[Sent], translate: Callable[[Sent], Made]) -> list[Made]:
    found: list[Made] = []
    for index, message in enumerate(messages):
        with within(f"{field}[{index}]."):
            found.append(translate(message))
    return found


def _to_production(message: allocation_pb2.UnitProduction) -> Production:
    names.FACILITY.parse(message.facility, "facility")
    return Production(
        facility=message.facility,
        unit_class=message.unit_class,
        merged_classes=tuple(message.merged_classes),
        electricity=_to_quantity(message.electricity, "electricity"),
        heat=_to_quantity(message.heat, "heat"),
        load_factor_ratio=_to_ratio(message.load_factor_ratio, "load_factor_ratio"),
        cogeneration=message.cogeneration,
        cooling=_to_cooling(message.cooling),
        heat_ratio=_optional_ratio(message, "heat_ratio"),
        verified=_optional_quantity(message, "verified_emissions"),
        special_case=message.special_case,
        previous=_to_previous(message),
        evidence=message.evidence,
    )


def _to_process(message: allocation_pb2.ProcessProduction) -> Process:
    return Process(
        facility=message.facility,
        verified=_optional_quantity(message, "verified_emissions"),
        intensity_emissions=_optional_quantity(message, "intensity_emissions"),
        product=_optional_quantity(message, "product"),
        special_case=message.special_case,
        previous=_to_previous(message),
        evidence=message.evidence,
    )


def _to_previous(
    message: allocation_pb2.UnitProduction | allocation_pb2.ProcessProduction,
) -> Previous:
    if not message.HasField("previous"):
        return NOTHING_KNOWN
    previous = message.previous
    with within("previous."):
        return Previous(
            verified=_optional_quantity(previous, "verified_emissions"),
            electricity=_optional_quantity(previous, "electricity"),
            heat=_optional_quantity(previous, "heat"),
            load_factor_ratio=_optional_ratio(previous, "load_factor_ratio"),
            heat_ratio=_optional_ratio(previous, "heat_ratio"),
        )


def _to_cooling(value: allocation_pb2.UnitCooling.ValueType) -> Cooling | None:
    if value == allocation_pb2.UNIT_COOLING_UNSPECIFIED:
        return None
    return Cooling(allocation_pb2.UnitCooling.Name(value).removeprefix(_COOLING))


def _from_cooling(cooling: Cooling | None) -> allocation_pb2.UnitCooling.ValueType:
    if cooling is None:
        return allocation_pb2.UNIT_COOLING_UNSPECIFIED
    return allocation_pb2.UnitCooling.Value(_COOLING + cooling.value)


def _to_ratio(message: decimal_pb2.Decimal, field: str) -> Decimal:
    with within(f"{field}."):
        return Quantity.parse(message.value, _RATIO).value


def _optional_ratio(message: Message, field: str) -> Decimal | None:
    return _to_ratio(getattr(message, field), field) if message.HasField(field) else None


def _to_quantity(message: quantity_pb2.Quantity, field: str) -> Quantity:
    with within(f"{field}."):
        return wire.to_quantity(message)


def _optional_quantity(message: Message, field: str) -> Quantity | None:
    return _to_quantity(getattr(message, field), field) if message.HasField(field) else None


def _quantity(quantity: Quantity | None) -> quantity_pb2.Quantity | None:
    return None if quantity is None else wire.from_quantity(quantity)


def _decimal(value: Decimal | None) -> decimal_pb2.Decimal | None:
    return None if value is None else wire.from_decimal(value)


def _from_previous(previous: Previous) -> allocation_pb2.PreviousYear | None:
    if previous == NOTHING_KNOWN:
        return None
    return allocation_pb2.PreviousYear(
        verified_emissions=_quantity(previous.verified),
        electricity=_quantity(previous.electricity),
        heat=_quantity(previous.heat),
        load_factor_ratio=_decimal(previous.load_factor_ratio),
        heat_ratio=_decimal(previous.heat_ratio),
    )


def _from_production(production: Production) -> allocation_pb2.UnitProduction:
    return allocation_pb2.UnitProduction(
        facility=production.facility,
        unit_class=production.unit_class,
        merged_classes=production.merged_classes,
        electricity=wire.from_quantity(production.electricity),
        heat=wire.from_quantity(production.heat),
        load_factor_ratio=wire.from_decimal(production.load_factor_ratio),
        cogeneration=production.cogeneration,
        cooling=_from_cooling(production.cooling),
        heat_ratio=_decimal(production.heat_ratio),
        verified_emissions=_quantity(production.verified),
        special_case=production.special_case,
        previous=_from_previous(production.previous),
        evidence=production.evidence,
    )


def _from_unit(unit: UnitAllocation) -> allocation_pb2.UnitAllocation:
    return allocation_pb2.UnitAllocation(
        production=_from_production(unit.production),
        unit_class=unit.unit_class,
        power_benchmark_t_per_mwh=wire.from_decimal(unit.power_benchmark_t_per_mwh),
        heat_benchmark_t_per_gj=wire.from_decimal(unit.heat_benchmark_t_per_gj),
        cooling_factor_ratio=wire.from_decimal(unit.cooling_factor_ratio),
        heat_factor_ratio=wire.from_decimal(unit.heat_factor_ratio),
        peak_factor_ratio=wire.from_decimal(unit.peak_factor_ratio),
        power_allowance_count=unit.power_allowance_count,
        heat_allowance_count=unit.heat_allowance_count,
        allowance_count=unit.allowance_count,
        approved_count=unit.approved_count,
        pre_allocated_count=unit.pre_allocated_count,
        steps=unit.steps,
    )


def _from_process(each: ProcessAllocation) -> allocation_pb2.ProcessAllocation:
    process, missing = each.process, each.missing or _NOTHING
    return allocation_pb2.ProcessAllocation(
        production=allocation_pb2.ProcessProduction(
            facility=process.facility,
            verified_emissions=_quantity(process.verified),
            intensity_emissions=_quantity(process.intensity_emissions),
            product=_quantity(process.product),
            special_case=process.special_case,
            previous=_from_previous(process.previous),
            evidence=process.evidence,
        ),
        allowance_count=each.allowance_count,
        pre_allocated_count=each.pre_allocated_count,
        missing=missing.en,
        missing_zh=missing.zh,
        steps=each.steps,
    )


def _from_issue(issue: Issue | None) -> allocation_pb2.AllocationIssue | None:
    if issue is None:
        return None
    return allocation_pb2.AllocationIssue(
        pre_deducted_count=issue.pre_deducted_count,
        pre_issued_count=issue.pre_issued_count,
        refunded_count=issue.refunded_count,
        deducted_count=issue.deducted_count,
        final_issued_count=issue.final_issued_count,
        total_issued_count=issue.total_issued_count,
        open_deduction_count=issue.open_count,
    )


def _state(allocation: Allocation) -> allocation_pb2.AllocationState.ValueType:
    if not allocation.known:
        return allocation_pb2.ALLOCATION_STATE_INCOMPLETE
    if allocation.approved_count is None:
        return allocation_pb2.ALLOCATION_STATE_INITIAL
    return allocation_pb2.ALLOCATION_STATE_APPROVED
