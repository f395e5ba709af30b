"""Outlooks, pathways and scenarios ⇄ their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.accounting.domain.explanation import zone_analysis
from services.accounting.domain.method import Method
from services.accounting.domain.outlook.pathway import Distance, Pathway, Shape
from services.accounting.domain.outlook.scenario import OtherFactor, Scenario, Shift
from services.accounting.domain.outlook.year_end import OutlookRule, YearEnd
from services.accounting.domain.role import Role
from services.accounting.wire.explanation import from_explanation
from services.kernel import names
from services.kernel.errors import Language, Words, within
from services.runtime import wire
from zonecarbon.accounting.v1 import zone_analysis_service_pb2 as pb
from zonecarbon.accounting.v1 import zone_outlook_pb2
from zonecarbon.registry.v1 import factor_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An outlook of an owner, or what lacks for one."""

    owner: str
    year: int
    known: int
    """What the known months add up to, grams of CO2 equivalent."""
    known_month_count: int
    found: YearEnd | None
    needs: Words | None = None
    """What lacks, where nothing was found."""


def from_told(told: Told, rule: OutlookRule) -> zone_outlook_pb2.YearOutlook:
    """Return the message of an outlook."""
    message = zone_outlook_pb2.YearOutlook(
        owner=told.owner,
        year=told.year,
        known_co2e_g=told.known,
        known_month_count=told.known_month_count,
        told=told.found is not None,
        needs=told.needs.en if told.needs else "",
        needs_zh=told.needs.zh if told.needs else "",
        interval_ratio=rule.interval_ratio,
    )
    if (found := told.found) is not None:
        message.year_co2e_g = found.total
        message.lower_co2e_g, message.upper_co2e_g = found.lower, found.upper
        message.month_co2e_g.extend(found.months)
        message.backtests.extend(
            zone_outlook_pb2.OutlookBacktest(
                year=each.year,
                actual_co2e_g=each.actual,
                seasonal_co2e_g=each.seasonal,
                naive_co2e_g=each.naive,
                seasonal_error_ratio=each.seasonal_error_ratio,
                naive_error_ratio=each.naive_error_ratio,
                inside_interval=each.inside,
            )
            for each in found.backtests
        )
    return message


def from_outlook(
    whole: Told,
    enterprises: Sequence[Told],
    late: Sequence[str],
    *,
    rule: OutlookRule,
    language: Language,
) -> zone_outlook_pb2.Outlook:
    """Return the message of the outlook of an enterprise, or of a zone and its enterprises."""
    tree = (
        zone_analysis.year_end(whole.owner, whole.year, whole.found, rule) if whole.found else None
    )
    return zone_outlook_pb2.Outlook(
        whole=from_told(whole, rule),
        enterprises=[from_told(each, rule) for each in enterprises],
        late_enterprises=late,
        rule=wire.from_source(rule.source),
        explanation=from_explanation(tree, language) if tree else None,
    )


def to_shape(value: zone_outlook_pb2.PathwayShape.ValueType) -> Shape:
    """Return how a pathway goes: linear where it is not said."""
    if value == zone_outlook_pb2.PATHWAY_SHAPE_GEOMETRIC:
        return Shape.GEOMETRIC
    return Shape.LINEAR


def from_tracking(
    request: pb.TrackTargetRequest,
    method: Method,
    way: Pathway,
    distances: Mapping[int, Distance],
    language: Language,
) -> zone_outlook_pb2.TargetTracking:
    """Return the message of a way to a target; years that are not in `distances` are not known."""
    latest = distances[max(distances)]
    tree = zone_analysis.distance(request.parent, way, latest)
    return zone_outlook_pb2.TargetTracking(
        zone=request.parent,
        method_id=method.method_id,
        base_year=way.base_year,
        base_co2e_g=round(way.base),
        target_year=way.target_year,
        target_co2e_g=round(way.target),
        shape=zone_outlook_pb2.PathwayShape.Value(f"PATHWAY_SHAPE_{way.shape.value}"),
        years=[
            _from_year(way, year, distances.get(year))
            for year in range(way.base_year, way.target_year + 1)
        ],
        explanation=from_explanation(tree, language),
    )


def _from_year(way: Pathway, year: int, found: Distance | None) -> zone_outlook_pb2.TargetYear:
    if found is None:
        return zone_outlook_pb2.TargetYear(year=year, planned_co2e_g=way.at(year))
    return zone_outlook_pb2.TargetYear(
        year=year,
        planned_co2e_g=found.planned,
        net_co2e_g=round(found.figure),
        known=True,
        distance_g=found.difference,
        ahead_month_count=found.months_ahead,
        needed_annual_ratio=found.needed_annual_ratio,
    )


def to_scenario(request: pb.SimulateZoneRequest) -> Scenario:
    """Return what is other than it is.

    Raises:
        NameInvalid, QuantityInvalid, UnitUnknown, UnitAmbiguous: a part is wrong; at its field.
    """
    for index, name in enumerate(request.exits):
        names.ENTERPRISE.parse(name, f"exits[{index}]")
    return Scenario(
        exits=tuple(request.exits),
        factors=[_to_factor(each, index) for index, each in enumerate(request.factors)],
        shifts=[
            Shift(
                from_subject=each.from_subject,
                to_subject=each.to_subject,
                share=Fraction(each.share_ratio).limit_denominator(10**9),
                enterprise=_to_member(each.enterprise, f"shifts[{index}].enterprise"),
            )
            for index, each in enumerate(request.shifts)
        ],
    )


def _to_factor(message: zone_outlook_pb2.OtherFactor, index: int) -> OtherFactor:
    with within(f"factors[{index}].quantity."):
        quantity = wire.to_quantity(message.quantity).non_negative()
    return OtherFactor(
        role=Role(factor_pb2.FactorRole.Name(message.role).removeprefix("FACTOR_ROLE_")),
        subject=message.subject,
        quantity=quantity,
        enterprise=_to_member(message.enterprise, f"factors[{index}].enterprise"),
    )


def _to_member(name: str, field: str) -> str:
    if name:
        names.ENTERPRISE.parse(name, field)
    return name
