"""Allocation ⇄ its messages."""

from __future__ import annotations

from services.kernel import names
from services.kernel.errors import within
from services.kernel.quantity import Quantity
from services.runtime import wire
from services.trading.domain.allocation import Allocation, Production, UnitAllocation
from services.trading.domain.versioned import Versioned
from zonecarbon.trading.v1 import allocation_pb2, trading_service_pb2
from zonecarbon.type.v1 import quantity_pb2

_RATIO = "1"


def to_productions(request: trading_service_pb2.AllocateAllowancesRequest) -> list[Production]:
    """Return what the units produced.

    Raises:
        NameInvalid, QuantityInvalid, UnitUnknown, UnitAmbiguous: a field is none of its kind; at
            `units[i]`.
    """
    found: list[Production] = []
    for index, message in enumerate(request.units):
        with within(f"units[{index}]."):
            found.append(_to_production(message))
    return found


def from_allocation(stored: Versioned[Allocation]) -> allocation_pb2.Allocation:
    """Return the message of an allocation."""
    allocation = stored.value
    return allocation_pb2.Allocation(
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
    )


def _to_production(message: allocation_pb2.UnitProduction) -> Production:
    names.FACILITY.parse(message.facility, "facility")
    with within("load_factor_ratio."):
        ratio = Quantity.parse(message.load_factor_ratio.value, _RATIO)
    return Production(
        facility=message.facility,
        unit_class=message.unit_class,
        electricity=_to_quantity(message.electricity, "electricity"),
        heat=_to_quantity(message.heat, "heat"),
        load_factor_ratio=ratio.value,
        evidence=message.evidence,
    )


def _to_quantity(message: quantity_pb2.Quantity, field: str) -> Quantity:
    with within(f"{field}."):
        return wire.to_quantity(message)


def _from_unit(unit: UnitAllocation) -> allocation_pb2.UnitAllocation:
    production = unit.production
    return allocation_pb2.UnitAllocation(
        production=allocation_pb2.UnitProduction(
            facility=production.facility,
            unit_class=production.unit_class,
            electricity=wire.from_quantity(production.electricity),
            heat=wire.from_quantity(production.heat),
            load_factor_ratio=wire.from_decimal(production.load_factor_ratio),
            evidence=production.evidence,
        ),
        power_benchmark_t_per_mwh=wire.from_decimal(unit.power_benchmark_t_per_mwh),
        heat_benchmark_t_per_gj=wire.from_decimal(unit.heat_benchmark_t_per_gj),
        peak_factor_ratio=wire.from_decimal(unit.peak_factor_ratio),
        power_allowance_count=unit.power_allowance_count,
        heat_allowance_count=unit.heat_allowance_count,
        allowance_count=unit.allowance_count,
        steps=unit.steps,
    )
