"""Rules and the computation of an allocation in words, with the figures put in."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.kernel import units
from services.kernel.mass import Rounding, round_fraction
from services.kernel.quantity import Quantity
from services.trading.domain.peak_factor import PeakFactor
from services.trading.domain.production import Production
from services.trading.domain.rule import Rule
from services.trading.domain.rulebook import Rulebook, UnitClass

_SHOWN_DECIMALS: Final = 6


def of_class(unit_class: UnitClass) -> str:
    """Say what the unit's class is."""
    return (
        f"class {unit_class.unit_class}, {unit_class.title}: a unit that {unit_class.definition}"
        f" ({unit_class.rule})"
    )


def of_peak(peak: PeakFactor, production: Production, unit_class: str, factor: Decimal) -> str:
    """Say why the factor for low load is what it is."""
    load = production.load_factor_ratio
    at_load = f"F {equals(Fraction(load) * peak.full_load)}"
    if unit_class not in peak.applies_to:
        classes = ", ".join(sorted(peak.applies_to))
        return f"{peak.symbol} = {factor}: only classes {classes} have another ({peak.rule})"
    if not peak.covers(unit_class, cogeneration=production.cogeneration):
        return (
            f"{peak.symbol} = {factor}: only units that supply no heat have another ({peak.rule})"
        )
    if not peak.applies(unit_class, load, cogeneration=production.cogeneration):
        return f"{peak.symbol} = {factor}: {at_load} is not below {peak.threshold} ({peak.rule})"
    how = f"{_how(peak.rounding)} at {peak.decimals} decimals"
    return (
        f"{peak.expression} with {at_load}: {factor}, rounded {how}"
        f" ({peak.rule}; rounding: {peak.rounding_rule})"
    )


def of_factor(symbol: str, factor: Decimal, why: str, rule: Rule) -> str:
    """Say why a correction is what it is."""
    return f"{symbol} = {factor}: {why} ({rule})"


def of_quantity(symbol: str, quantity: Quantity, unit: str) -> str:
    """Say what was produced, in the unit of the benchmark."""
    converted = equals(quantity.to(unit))
    reported = "" if quantity.unit == unit else f", reported as {quantity}"
    return f"{symbol} {converted} {unit}{reported}"


def of_quota(equation: str, exact_t: Fraction, rounding: Rounding, whole_t: int) -> str:
    """Say how a quota was computed and became whole tonnes."""
    return f"{equation} {equals(exact_t)} t, rounded {_how(rounding)}: {whole_t} t"


def peak_in_words(peak: PeakFactor | None) -> str:
    """Say what the factor for low load of a rulebook is; empty where it has none."""
    if peak is None:
        return ""
    classes = ", ".join(sorted(peak.applies_to))
    whose = "" if peak.cogeneration_too else " that supply no heat"
    return (
        f"{peak.expression} for classes {classes}{whose} where F < {peak.threshold},"
        f" else {peak.otherwise} ({peak.rule})"
    )


def rounding_in_words(rulebook: Rulebook) -> str:
    """Say how a rulebook rounds."""
    peak, quota = rulebook.peak_factor, rulebook.quota_rounding
    if peak is None:
        return f"allocation {_how(quota.approved)} to whole tonnes ({quota.rule})"
    return (
        f"{peak.symbol} {_how(peak.rounding)} at {peak.decimals} decimals ({peak.rounding_rule});"
        f" electricity {_how(quota.power)} and heat {_how(quota.heat)} to whole tonnes"
        f" ({quota.rule})"
    )


def equals(value: Fraction) -> str:
    """Return "= 0.125" where a number ends, else "≈ 0.666667"."""
    text = units.written(value)
    if "/" not in text:
        return f"= {text}"
    return f"≈ {round_fraction(value, _SHOWN_DECIMALS, Rounding.HALF_UP):f}"


def _how(rounding: Rounding) -> str:
    return {
        Rounding.FLOOR: "down",
        Rounding.CEILING: "up",
        Rounding.HALF_UP: "half up",
        Rounding.HALF_EVEN: "half to even",
    }[rounding]
