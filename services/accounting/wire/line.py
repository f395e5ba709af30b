"""Lines, bindings and booked emissions → their messages."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from google.type import decimal_pb2

from services.accounting.domain.binding import Binding, BoundFactor
from services.accounting.domain.emission import Booked
from services.accounting.domain.line import Line
from services.accounting.wire import activity
from services.runtime import wire
from zonecarbon.accounting.v1 import line_pb2
from zonecarbon.registry.v1 import factor_pb2
from zonecarbon.type.v1 import emissions_pb2, quantity_pb2


def from_line(line: Line) -> line_pb2.EmissionLine:
    """Return the message of `line`."""
    (message,) = from_lines([line])
    return message


def from_lines(lines: Iterable[Line]) -> list[line_pb2.EmissionLine]:
    """Return the message of each line; what is said of a binding is made once for all of them."""
    bindings: dict[tuple[int, int], line_pb2.FactorBinding] = {}
    messages: list[line_pb2.EmissionLine] = []
    for line in lines:
        key = id(line.binding), line.registry_revision
        if key not in bindings:
            bindings[key] = from_binding(line.binding, line.registry_revision)
        messages.append(_from_line(line, bindings[key]))
    return messages


def _from_line(line: Line, binding: line_pb2.FactorBinding) -> line_pb2.EmissionLine:
    return line_pb2.EmissionLine(
        name=line.name,
        source_id=line.source.source_id,
        kind=activity.from_kind(line.source.kind),
        subject=line.source.subject,
        counterparty=line.source.counterparty,
        period=wire.from_period(line.month),
        activities=[
            wire.from_exact(each.value, each.unit)
            if isinstance(each.value, Fraction)
            else quantity_pb2.Quantity(
                value=decimal_pb2.Decimal(value=f"{each.value:f}"), unit_code=each.unit
            )
            for each in line.activities
        ],
        activity=wire.from_exact(line.activity, line.activity_unit),
        binding=binding,
        emissions=from_booked(line.booked, line.binding.gwp_sets[0]),
        reported_day_count=line.reported_day_count,
        record_count=line.record_count,
        resource_version=line.version,
        revision=line.revision,
        item_id=line.binding.item_id,
        facility=line.facility,
    )


def from_booked(booked: Booked, gwp_set: str) -> emissions_pb2.Emissions:
    """Return the message of booked emissions; `gwp_set` is the one their holder names."""
    return emissions_pb2.Emissions(
        co2_g=booked.co2_g,
        co2e_g=booked.under(gwp_set),
        other_gases=[
            emissions_pb2.GasMass(gas=emissions_pb2.Gas.Value(f"GAS_{gas.name}"), mass_mg=mg)
            for gas, mg in booked.other_mg
        ],
        co2_equivalents=[
            emissions_pb2.Co2Equivalent(gwp_set=name, co2e_g=grams) for name, grams in booked.co2e_g
        ],
    )


def from_binding(binding: Binding, registry_revision: int) -> line_pb2.FactorBinding:
    """Return the message of `binding`, found at a revision of the registry."""
    potentials = (each.factor for each in binding.potentials)
    return line_pb2.FactorBinding(
        method_id=binding.method_id,
        gwp_set=binding.gwp_sets[0],
        accounting_year=binding.accounting_year,
        factors=[_from_factor(factor) for factor in (*binding.factors, *potentials)],
        status=wire.from_status(binding.status),
        registry_revision=registry_revision,
        formula_id=binding.formula_id,
    )


def _from_factor(factor: BoundFactor) -> line_pb2.BoundFactor:
    level = f"REGION_LEVEL_{factor.region_level or 'UNSPECIFIED'}"
    return line_pb2.BoundFactor(
        role=factor_pb2.FactorRole.Value(f"FACTOR_ROLE_{factor.role.value}"),
        quantity=wire.from_quantity(factor.quantity),
        factor=factor.name,
        factor_version=factor.version,
        region_level=factor_pb2.RegionLevel.Value(level),
        region_code=factor.region_code,
        data_period=factor.data_period,
        source=wire.from_source(factor.source) if factor.source else None,
        rule_source=wire.from_source(factor.rule_source) if factor.rule_source else None,
        subject=factor.subject,
        origin=line_pb2.FactorOrigin.Value(f"FACTOR_ORIGIN_{factor.origin.value}"),
        lower_value=None if factor.lower is None else wire.from_decimal(factor.lower),
        upper_value=None if factor.upper is None else wire.from_decimal(factor.upper),
    )
