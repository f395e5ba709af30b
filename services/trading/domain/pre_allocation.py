"""What is issued before emissions are verified (预分配配额).

    since 2021     ratio × verified emissions of the plan's earlier year, by unit, rounded down
    2019 and 2020  ratio × output of 2018 × benchmarks × factors

Source: 国环规气候〔2020〕3号, 附件2 二（一）; 国环规气候〔2024〕1号, 五（一）;
draft of 2026-07-27, 四（一）1 and 附1 表1-1 注2.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from services.kernel.errors import FieldRequired, within
from services.kernel.mass import round_integer
from services.trading.domain.correction import exact
from services.trading.domain.plan import PreAllocation, PreAllocationBasis
from services.trading.domain.production import Previous, Production, emissions_t
from services.trading.domain.rulebook import Rulebook, UnitClass
from services.trading.domain.steps import equals


def of_verified(rule: PreAllocation, previous: Previous) -> int | None:
    """Return the pre-allocation from verified emissions, tonnes; None where nobody said them."""
    if rule.basis is not PreAllocationBasis.PREVIOUS_VERIFIED or previous.verified is None:
        return None
    verified_t = emissions_t(previous.verified, "previous.verified_emissions")
    return round_integer(Fraction(rule.ratio) * verified_t, rule.rounding)


def of_unit(rulebook: Rulebook, unit_class: UnitClass, unit: Production) -> int | None:
    """Return the pre-allocation of a generating unit, tonnes; None: no plan or no figures for it.

    Raises:
        FieldRequired: output is given in part; at `previous`.
    """
    rule = rulebook.plan.pre_allocation
    if rule is None:
        return None
    if rule.basis is PreAllocationBasis.PREVIOUS_VERIFIED:
        return of_verified(rule, unit.previous)
    if unit.previous.electricity is None:
        return None
    with within("previous."):
        return round_integer(_of_output(rulebook, unit_class, unit, rule), rule.rounding)


def _of_output(
    rulebook: Rulebook, unit_class: UnitClass, unit: Production, rule: PreAllocation
) -> Fraction:
    """Return the share of the output of the earlier year, times benchmarks and factors, tonnes.

    Condensing units take Fr = 1, cogeneration units Ff = 1.
    """
    previous, benchmark = unit.previous, rulebook.benchmark(unit_class)
    electricity, heat = previous.electricity, previous.heat
    if electricity is None or heat is None:
        raise FieldRequired(field="electricity" if electricity is None else "heat")
    fuel = unit_class.fuel_group
    cooling = rulebook.cooling_factor
    factors = [Decimal(1) if cooling is None else cooling.of(fuel, unit.cooling)]
    heat_factor = rulebook.heat_factor(fuel)
    if heat_factor is not None:
        factors.append(heat_factor.of(previous.heat_ratio, cogeneration=unit.cogeneration))
    if rulebook.peak_factor is not None and not unit.cogeneration:
        if previous.load_factor_ratio is None:
            raise FieldRequired(field="load_factor_ratio")
        load = previous.load_factor_ratio
        factors.append(rulebook.peak_factor.of(unit_class.unit_class, load))
    power_t = electricity.non_negative().to("MWh") * Fraction(benchmark.power_t_per_mwh)
    heat_t = heat.non_negative().to("GJ") * Fraction(benchmark.heat_t_per_gj)
    return Fraction(rule.ratio) * (power_t * exact(*factors) + heat_t)


def said(rule: PreAllocation, count: int) -> str:
    """Say what a pre-allocation is."""
    most = "at most " if rule.at_most else ""
    return (
        f"pre-allocation: {most}{count} t, {equals(Fraction(rule.ratio))} of {rule.previous_year}"
        f" ({rule.rule}; rounding: {rule.rounding_rule})"
    )
