"""What a zone's energy depends on, from its message; the balance → its message."""

from __future__ import annotations

from services.accounting.domain.comprehensive_energy import (
    Balance,
    Declared,
    EnergyLine,
    Feedstock,
    Part,
    Recovery,
)
from services.accounting.domain.explanation import zone_analysis
from services.accounting.domain.metering.coal_equivalent import TCE, Coefficient
from services.accounting.domain.zone import ZoneInventory
from services.accounting.wire.coal_equivalent import to_coefficient
from services.accounting.wire.explanation import from_explanation
from services.accounting.wire.inventory import from_member_coverage
from services.kernel import names
from services.kernel.errors import DuplicateRow, Language, within
from services.runtime import wire
from zonecarbon.accounting.v1 import coal_equivalent_pb2, evaluation_pb2, zone_energy_pb2
from zonecarbon.accounting.v1 import zone_analysis_service_pb2 as pb
from zonecarbon.type.v1 import source_pb2

_NO_STATUS = source_pb2.SOURCE_STATUS_UNSPECIFIED


def to_declared(
    request: pb.ComputeZoneEnergyRequest | evaluation_pb2.EvaluationEnergy,
) -> Declared:
    """Return what the caller declares.

    Raises:
        DuplicateRow: a carrier has two coefficients.
        ParameterUndeclared: something that a coefficient depends on is not said.
        NameInvalid, QuantityInvalid, UnitUnknown, UnitAmbiguous: a part is wrong; at its field.
    """
    coefficients: dict[str, Coefficient] = {}
    for index, each in enumerate(request.coefficients):
        field = f"coefficients[{index}]"
        if each.subject in coefficients:
            first = list(coefficients).index(each.subject)
            raise DuplicateRow(field=field, first=f"coefficients[{first}]")
        with within(f"{field}."):
            coefficients[each.subject] = to_coefficient(each.coefficient)
    return Declared(
        coefficients=coefficients,
        feedstock=_to_feedstock(request.feedstock),
        recoveries=[_to_recovery(each, index) for index, each in enumerate(request.recoveries)],
    )


def from_declared(declared: Declared) -> evaluation_pb2.EvaluationEnergy:
    """Return the message of what was declared."""
    feedstock = declared.feedstock
    return evaluation_pb2.EvaluationEnergy(
        coefficients=[
            zone_energy_pb2.CarrierCoefficient(
                subject=subject,
                coefficient=coal_equivalent_pb2.CoalEquivalentCoefficient(
                    quantity=wire.from_quantity(each.quantity),
                    base=coal_equivalent_pb2.CoalEquivalentBase.Value(
                        f"COAL_EQUIVALENT_BASE_{each.base}"
                    ),
                    year=each.year,
                    source=wire.from_source(each.source),
                ),
            )
            for subject, each in declared.coefficients.items()
        ],
        feedstock=zone_energy_pb2.FeedstockEnergy.Value(f"FEEDSTOCK_ENERGY_{feedstock}")
        if feedstock
        else zone_energy_pb2.FEEDSTOCK_ENERGY_UNSPECIFIED,
        recoveries=[
            zone_energy_pb2.RecoveredEnergy(
                enterprise=each.enterprise,
                subject=each.subject,
                quantity=wire.from_quantity(each.quantity),
            )
            for each in declared.recoveries
        ],
    )


def _to_feedstock(value: zone_energy_pb2.FeedstockEnergy.ValueType) -> Feedstock | None:
    if not value:
        return None
    name = zone_energy_pb2.FeedstockEnergy.Name(value)
    return Feedstock(name.removeprefix("FEEDSTOCK_ENERGY_"))


def _to_recovery(message: zone_energy_pb2.RecoveredEnergy, index: int) -> Recovery:
    names.ENTERPRISE.parse(message.enterprise, f"recoveries[{index}].enterprise")
    with within(f"recoveries[{index}].quantity."):
        quantity = wire.to_quantity(message.quantity)
    return Recovery(enterprise=message.enterprise, subject=message.subject, quantity=quantity)


def from_balance(
    inventory: ZoneInventory,
    found: Balance,
    request: pb.ComputeZoneEnergyRequest,
    language: Language,
) -> zone_energy_pb2.ZoneEnergy:
    """Return the message of a zone's energy."""
    base = found.electricity_base
    return zone_energy_pb2.ZoneEnergy(
        inventory=inventory.name,
        lines=[_from_line(line) for line in found.lines],
        gross=wire.from_exact(found.gross_tce, TCE),
        transformation_duplicate=wire.from_exact(
            -found.tce(Part.PASSED_INSIDE, Part.TRANSFORMATION_OUTPUT), TCE
        ),
        recovery_duplicate=wire.from_exact(-found.tce(Part.RECOVERED), TCE),
        net=wire.from_exact(found.net_tce, TCE),
        electricity_base=_from_base(base.value) if base else _from_base("UNSPECIFIED"),
        feedstock=request.feedstock,
        member_coverage=from_member_coverage(inventory.snapshot.member_coverage),
        status=wire.from_status(found.status) if found.status else _NO_STATUS,
        explanation=from_explanation(zone_analysis.balance(inventory.name, found), language),
    )


def _from_base(name: str) -> coal_equivalent_pb2.CoalEquivalentBase.ValueType:
    return coal_equivalent_pb2.CoalEquivalentBase.Value(f"COAL_EQUIVALENT_BASE_{name}")


def _from_line(line: EnergyLine) -> zone_energy_pb2.ZoneEnergyLine:
    coefficient = line.coefficient
    return zone_energy_pb2.ZoneEnergyLine(
        part=zone_energy_pb2.EnergyPart.Value(f"ENERGY_PART_{line.part.value}"),
        subject=line.subject,
        quantity=wire.from_exact(line.quantity, line.unit),
        coal_equivalent=wire.from_exact(line.tce, TCE),
        deducted=line.part.sign < 0,
        coefficient=coal_equivalent_pb2.CoalEquivalentCoefficient(
            quantity=wire.from_quantity(coefficient.quantity),
            base=_from_base(coefficient.base.value),
            year=coefficient.year,
            source=wire.from_source(coefficient.source),
        ),
    )
