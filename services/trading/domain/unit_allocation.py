"""What a rulebook allocates to one generating unit, from what it produced.

    A = Ae + Ah        Ae = Qe × Be × Fl × Fr × Ff        Ah = Qh × Bh

Qe electricity in MWh, Qh heat in GJ, Be and Bh the benchmarks of the unit's class; Fl and Fr until
2022. Every step is exact but for Ff, which is rounded by the rulebook, and the two quotas, which
become whole tonnes.

Source: 国环规气候〔2020〕3号, 附件2 and 附件3; 国环规气候〔2024〕1号, 附3 and 附4;
for 2025 and 2026 the consultation draft of 2026-07-27.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.kernel.errors import FieldInvalid, Words, within
from services.kernel.mass import Rounding, round_integer
from services.kernel.quantity import Quantity
from services.trading.domain import approval, pre_allocation, steps
from services.trading.domain.approval import Rules, Share
from services.trading.domain.correction import exact
from services.trading.domain.production import Production, emissions_t
from services.trading.domain.rulebook import FuelGroup, Rulebook, UnitClass, named

MOST_ALLOWANCES: Final = 10**12
"""A bound on slips of the pen: more than a hundred times what the whole market gets in a year."""

Factors = tuple[Decimal, Decimal, Decimal]
"""Fl, Fr and Ff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAllocation:
    """What one generating unit is allocated."""

    production: Production
    unit_class: str
    """The class it was allocated by: the least favourable of those that report together."""
    power_benchmark_t_per_mwh: Decimal
    heat_benchmark_t_per_gj: Decimal
    cooling_factor_ratio: Decimal
    heat_factor_ratio: Decimal
    peak_factor_ratio: Decimal
    power_allowance_count: int
    heat_allowance_count: int
    approved_count: int | None
    """None until its emissions are verified, where the plan asks for them."""
    pre_allocated_count: int | None
    """None where the plan has none, or nobody said what it is made from."""
    steps: tuple[str, ...] = field(compare=False)
    """The computation in words, with the figures put in."""

    @property
    def allowance_count(self) -> int:
        """For electricity and heat, tonnes: the initial allocation."""
        return self.power_allowance_count + self.heat_allowance_count


def allocate_unit(rulebook: Rulebook, production: Production) -> UnitAllocation:
    """Return what `rulebook` allocates to one unit.

    Raises:
        FieldInvalid: its class has no rules here, its load factor is not 0 to 1, it is no special
            case by this plan, or it gets more than can be; at the field.
        FieldRequired: the plan corrects for something that is not said; at the field.
        QuantityInvalid, UnitDimension: it produced less than nothing, or no energy.
    """
    unit_class = least_favourable(rulebook, production)
    electricity_mwh = _energy(production.electricity, "MWh", "electricity")
    heat_gj = _energy(production.heat, "GJ", "heat")
    _check_load_factor(production.load_factor_ratio)
    _check_special(rulebook, special_case=production.special_case)
    benchmark, rounding = rulebook.benchmark(unit_class), rulebook.quota_rounding
    factors = _factors(rulebook, production, unit_class)
    power_t = electricity_mwh * exact(benchmark.power_t_per_mwh, *factors)
    heat_t = heat_gj * Fraction(benchmark.heat_t_per_gj)
    power_count = _whole(power_t, rounding.power, "electricity")
    heat_count = _whole(heat_t, rounding.heat, "heat")
    cooling, for_heat, peak = factors
    unit = UnitAllocation(
        production=production,
        unit_class=unit_class.unit_class,
        power_benchmark_t_per_mwh=benchmark.power_t_per_mwh,
        heat_benchmark_t_per_gj=benchmark.heat_t_per_gj,
        cooling_factor_ratio=cooling,
        heat_factor_ratio=for_heat,
        peak_factor_ratio=peak,
        power_allowance_count=power_count,
        heat_allowance_count=heat_count,
        approved_count=None,
        pre_allocated_count=pre_allocation.of_unit(rulebook, unit_class, production),
        steps=(
            *_steps_of_factors(rulebook, production, unit_class, factors),
            steps.of_quantity("Qe", production.electricity, "MWh"),
            steps.of_quantity("Qh", production.heat, "GJ"),
            steps.of_quota(
                _equation(rulebook, benchmark.power_t_per_mwh, factors),
                power_t,
                rounding.power,
                power_count,
            ),
            steps.of_quota(
                f"Ah = Qh × Bh = Qh × {benchmark.heat_t_per_gj} t/GJ",
                heat_t,
                rounding.heat,
                heat_count,
            ),
            f"A = Ae + Ah = {power_count + heat_count} t",
            f"benchmarks: {benchmark.rule}; rounding of the quotas: {rounding.rule}",
        ),
    )
    return _with_approval(rulebook, unit)


def least_favourable(rulebook: Rulebook, production: Production) -> UnitClass:
    """Return the class that units which report together are allocated by: the lowest benchmark.

    Source: 国环规气候〔2024〕1号, 附1 表1 注1.

    Raises:
        FieldInvalid: the rulebook has no such class; at `unit_class` or `merged_classes[i]`.
    """
    classes = [rulebook.unit_class(production.unit_class)] + [
        rulebook.unit_class(each, f"merged_classes[{index}]")
        for index, each in enumerate(production.merged_classes)
    ]
    return min(classes, key=lambda each: rulebook.benchmark(each).power_t_per_mwh)


def check_rated_power(rulebook: Rulebook, unit_class: str, rated_power: Quantity) -> None:
    """Raise FieldInvalid at `unit_class` if a unit of this rated power cannot be of the class."""
    rated_mw = rated_power.to("MW")
    claimed = rulebook.unit_class(unit_class)
    if claimed.fits(rated_mw):
        return
    choices = named(each for each in rulebook.unit_classes if each.fits(rated_mw))
    definition = claimed.definition
    raise FieldInvalid(
        field="unit_class",
        given=unit_class,
        allowed=Words(
            en=f"{choices.en} for a unit with a rated power of {rated_power}; "
            f"class {unit_class} is one that {definition.en} ({claimed.rule})",
            zh=f"额定功率为 {rated_power} 的机组可选 {choices.zh}；"
            f"{unit_class} 类为{definition.zh}（{claimed.rule}）",
        ),
    )


def _factors(rulebook: Rulebook, production: Production, unit_class: UnitClass) -> Factors:
    """Return Fl, Fr and Ff; 1 where the plan has none."""
    cooling, peak = rulebook.cooling_factor, rulebook.peak_factor
    for_heat = rulebook.heat_factor(unit_class.fuel_group)
    cogeneration, load = production.cogeneration, production.load_factor_ratio
    one = Decimal(1)
    return (
        one if cooling is None else cooling.of(unit_class.fuel_group, production.cooling),
        one if for_heat is None else for_heat.of(production.heat_ratio, cogeneration=cogeneration),
        one if peak is None else peak.of(unit_class.unit_class, load, cogeneration=cogeneration),
    )


def _steps_of_factors(
    rulebook: Rulebook,
    production: Production,
    unit_class: UnitClass,
    factors: Factors,
) -> list[str]:
    found = [steps.of_class(unit_class)]
    merged = rulebook.plan.merged_units
    if production.merged_classes and merged is not None:
        classes = ", ".join((production.unit_class, *production.merged_classes))
        found.append(f"least favourable of {classes} ({merged.rule})")
    cooling, for_heat = rulebook.cooling_factor, rulebook.heat_factor(unit_class.fuel_group)
    if cooling is not None and unit_class.fuel_group in cooling.fuel_groups:
        why = f"cooling {production.cooling}"
        rule = cooling.rule_of(production.cooling)
        found.append(steps.of_factor(cooling.symbol, factors[0], why, rule))
    if for_heat is not None:
        why = (
            f"{for_heat.expression} with {production.heat_ratio}"
            if production.cogeneration
            else "no heat is supplied"
        )
        found.append(steps.of_factor(for_heat.symbol, factors[1], why, for_heat.rule))
    if rulebook.peak_factor is not None:
        peak = steps.of_peak(rulebook.peak_factor, production, unit_class.unit_class, factors[2])
        found.append(peak)
    return found


def _equation(rulebook: Rulebook, benchmark: Decimal, factors: Factors) -> str:
    if rulebook.cooling_factor is None:
        return f"Ae = Qe × Be × Ff = Qe × {benchmark} t/MWh × {factors[2]}"
    product = " × ".join(str(each) for each in factors)
    return f"Ae = Qe × Be × Fl × Fr × Ff = Qe × {benchmark} t/MWh × {product}"


def _with_approval(rulebook: Rulebook, unit: UnitAllocation) -> UnitAllocation:
    share = share_of(rulebook, unit)
    said = []
    rule = rulebook.plan.pre_allocation
    if rule is not None and unit.pre_allocated_count is not None:
        said.append(pre_allocation.said(rule, unit.pre_allocated_count))
    return replace(
        unit,
        approved_count=approval.approved_unit(rules_of(rulebook), share),
        steps=(*unit.steps, *said),
    )


def share_of(rulebook: Rulebook, unit: UnitAllocation) -> Share:
    """Return a unit as far as approval asks."""
    production = unit.production
    verified = production.verified
    return Share(
        initial_count=unit.allowance_count,
        verified_t=None if verified is None else emissions_t(verified, "verified_emissions"),
        gas=rulebook.unit_class(unit.unit_class).fuel_group is FuelGroup.GAS,
        by_verified=production.special_case,
    )


def _check_special(rulebook: Rulebook, *, special_case: bool) -> None:
    if special_case and rulebook.plan.special_case is None:
        raise FieldInvalid(
            field="special_case",
            given="true",
            allowed=Words(
                en=f"false: {rulebook.name} has no special cases that are allocated their "
                "verified emissions; such a unit is outside",
                zh=f"否：{rulebook.name} 没有按核查排放量核定配额的特殊情形，此类机组不纳入",
            ),
        )


def _check_load_factor(ratio: Decimal) -> None:
    if not 0 <= ratio <= 1:
        raise FieldInvalid(
            field="load_factor_ratio",
            given=str(ratio),
            allowed=Words(en="0 to 1: 60 % is 0.60", zh="0 至 1 之间的小数，例如 60 % 写作 0.60"),
        )


def _energy(quantity: Quantity, unit: str, field: str) -> Fraction:
    with within(f"{field}."):
        return quantity.non_negative().to(unit)


def _whole(allowances_t: Fraction, rounding: Rounding, field: str) -> int:
    count = round_integer(allowances_t, rounding)
    if count > MOST_ALLOWANCES:
        raise FieldInvalid(
            field=field,
            given=str(count),
            allowed=Words(
                en="what makes at most 10^12 allowances; check quantity and unit",
                zh="对应配额不超过 10^12 吨的数量，请核对数量和计量单位",
            ),
        )
    return count


def rules_of(rulebook: Rulebook) -> Rules:
    """Return what the approval of a rulebook goes by."""
    return Rules(plan=rulebook.plan, rounding=rulebook.quota_rounding.approved)
