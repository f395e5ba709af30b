"""Trends and drivers of a zone → their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.accounting.domain.driver.zone import DRIVERS, Decomposition, Driver, Moved
from services.accounting.domain.enterprise import Label
from services.accounting.domain.explanation import zone_analysis
from services.accounting.domain.method import Method
from services.accounting.domain.trend.decoupling import Decoupling, DecouplingRule
from services.accounting.domain.trend.output import WAN_CNY
from services.accounting.domain.trend.zone import Step, Trend, Year
from services.accounting.wire.explanation import from_explanation
from services.accounting.wire.inventory import from_label
from services.kernel import trust
from services.kernel.errors import Language
from services.runtime import wire
from zonecarbon.accounting.v1 import zone_drivers_pb2, zone_trend_pb2
from zonecarbon.type.v1 import source_pb2

INTENSITY = "tCO2e/10^4 CNY"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What every statement of a zone over years names."""

    zone: str
    method: Method
    price_year: int
    status: trust.Status | None
    """The lowest of the factors; None where nothing is reported."""
    label: Label | None
    display_names: Mapping[str, str]
    """Of enterprises, by name."""
    without_heat: Mapping[int, Sequence[str]]
    """What has no heat content that is known, by year."""

    @property
    def status_value(self) -> source_pb2.SourceStatus.ValueType:
        """The status as the contract has it."""
        if self.status is None:
            return source_pb2.SOURCE_STATUS_UNSPECIFIED
        return wire.from_status(self.status)


def from_trend(
    about: About, trend: Trend, rule: DecouplingRule, language: Language
) -> zone_trend_pb2.ZoneTrend:
    """Return the message of a trend."""
    return zone_trend_pb2.ZoneTrend(
        zone=about.zone,
        method_id=about.method.method_id,
        gwp_set=about.method.gwp_set,
        scope2_basis=about.method.basis.value,
        price_year=about.price_year,
        years=[
            _from_year(*each, about.without_heat.get(each[0].year, ()))
            for each in zip(trend.years, trend.steps, strict=True)
        ],
        equivalent_annual_ratio=trend.equivalent_annual,
        energy_elasticity_ratio=trend.elasticity,
        tapio_ratio=trend.whole.tapio,
        decoupling=_from_state(trend.whole.decoupling),
        decoupling_rule=wire.from_source(rule.source),
        status=about.status_value,
        label=from_label(about.label),
        explanation=from_explanation(zone_analysis.trend(about.zone, trend), language),
    )


def _from_year(year: Year, step: Step, without_heat: Sequence[str]) -> zone_trend_pb2.ZoneTrendYear:
    intensity = year.intensity
    return zone_trend_pb2.ZoneTrendYear(
        year=year.year,
        net_co2e_g=year.net_co2e_g,
        energy_gj=year.energy_gj,
        output=None if year.output is None else wire.from_exact(year.output, WAN_CNY),
        intensity=None if intensity is None else wire.from_exact(intensity, INTENSITY),
        annual_decline_ratio=step.annual_decline,
        cumulative_decline_ratio=step.cumulative_decline,
        tapio_ratio=step.tapio,
        decoupling=_from_state(step.decoupling),
        without_heat_content=without_heat,
    )


def _from_state(state: Decoupling | None) -> zone_trend_pb2.DecouplingState.ValueType:
    name = state.value if state else "UNSPECIFIED"
    return zone_trend_pb2.DecouplingState.Value(f"DECOUPLING_STATE_{name}")


def from_decomposition(
    about: About, found: Decomposition, language: Language
) -> zone_drivers_pb2.ZoneDrivers:
    """Return the message of what moved a zone's net emissions."""
    return zone_drivers_pb2.ZoneDrivers(
        zone=about.zone,
        method_id=about.method.method_id,
        gwp_set=about.method.gwp_set,
        scope2_basis=about.method.basis.value,
        from_year=found.before.year,
        to_year=found.after.year,
        before_co2e_g=found.before.co2e_g,
        after_co2e_g=found.after.co2e_g,
        effects=_from_effects(found.effects_g, found.ratios),
        enterprises=[_from_moved(each, about) for each in found.enterprises],
        by_output=bool(about.price_year),
        price_year=about.price_year,
        unexplained_g=found.unexplained_g,
        status=about.status_value,
        label=from_label(about.label),
        explanation=from_explanation(zone_analysis.decomposition(about.zone, found), language),
        without_heat_content=sorted(
            {name for of_year in about.without_heat.values() for name in of_year}
        ),
    )


def _from_moved(moved: Moved, about: About) -> zone_drivers_pb2.EnterpriseDrivers:
    return zone_drivers_pb2.EnterpriseDrivers(
        enterprise=moved.enterprise,
        display_name=about.display_names[moved.enterprise],
        before_co2e_g=moved.before_co2e_g,
        after_co2e_g=moved.after_co2e_g,
        effect_g=[moved.effects_g[driver] for driver in DRIVERS],
    )


def _from_effects(
    effects_g: Mapping[Driver, float], ratios: Mapping[Driver, float] | None
) -> list[zone_drivers_pb2.DriverEffect]:
    return [
        zone_drivers_pb2.DriverEffect(
            driver=zone_drivers_pb2.EmissionDriver.Value(f"EMISSION_DRIVER_{driver.value}"),
            effect_g=effects_g[driver],
            effect_ratio=ratios[driver] if ratios else 0.0,
        )
        for driver in DRIVERS
    ]
