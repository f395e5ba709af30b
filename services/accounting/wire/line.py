"""Lines and bindings → their messages."""

from __future__ import annotations

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
    return line_pb2.EmissionLine(
        name=line.name,
        source_id=line.source.source_id,
        kind=activity.from_kind(line.source.kind),
        subject=line.source.subject,
        counterparty=line.source.counterparty,
        period=wire.from_period(line.month),
        activities=[
            quantity_pb2.Quantity(
                value=decimal_pb2.Decimal(value=f"{each.value:f}"), unit_code=each.unit
            )
            for each in line.activities
        ],
        activity=wire.from_exact(line.activity, line.binding.activity_unit),
        binding=from_binding(line.binding, line.registry_revision),
        emissions=from_booked(line.booked),
        reported_day_count=line.reported_day_count,
        record_count=line.record_count,
        resource_version=line.version,
        revision=line.revision,
    )


def from_booked(booked: Booked) -> emissions_pb2.Emissions:
    """Return the message of booked emissions."""
    return emissions_pb2.Emissions(co2_g=booked.co2_g, co2e_g=booked.co2e_g)


def from_binding(binding: Binding, registry_revision: int) -> line_pb2.FactorBinding:
    """Return the message of `binding`, found at a revision of the registry."""
    return line_pb2.FactorBinding(
        method_id=binding.method_id,
        gwp_set=binding.gwp_set,
        accounting_year=binding.accounting_year,
        factors=[_from_factor(factor) for factor in binding.factors],
        status=wire.from_status(binding.status),
        registry_revision=registry_revision,
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
    )
