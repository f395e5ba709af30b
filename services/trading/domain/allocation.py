"""What a rulebook allocates to generating units, from what they produced.

    A = Ae + Ah        Ae = Qe × Be × Ff        Ah = Qh × Bh

Qe electricity in MWh, Qh heat in GJ, Be and Bh the benchmarks of the unit's class, Ff the
peak-regulation factor. Every step is exact but for Ff, which is rounded by the rulebook, and the
two quotas, which become whole tonnes.

Source: 国环规气候〔2024〕1号, 附3; for 2025 and 2026 the consultation draft of 2026-07-27.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.kernel.batch import check_each_once
from services.kernel.errors import FieldInvalid, Words, within
from services.kernel.mass import Rounding, round_integer
from services.kernel.names import FACILITY
from services.kernel.quantity import Quantity
from services.kernel.trust import Status, lowest
from services.trading.domain import steps
from services.trading.domain.account import Account
from services.trading.domain.rule import Rule
from services.trading.domain.rulebook import Benchmark, Rulebook, named

MOST_ALLOWANCES: Final = 10**12
"""A bound on slips of the pen: more than a hundred times what the whole market gets in a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """What a generating unit produced in a compliance year."""

    facility: str
    """The resource name of the unit."""
    unit_class: str
    electricity: Quantity
    heat: Quantity
    load_factor_ratio: Decimal
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitAllocation:
    """What one generating unit is allocated."""

    production: Production
    power_benchmark_t_per_mwh: Decimal
    heat_benchmark_t_per_gj: Decimal
    peak_factor_ratio: Decimal
    power_allowance_count: int
    heat_allowance_count: int
    steps: tuple[str, ...] = field(compare=False)
    """The computation in words, with the figures put in."""

    @property
    def allowance_count(self) -> int:
        """For electricity and heat, tonnes."""
        return self.power_allowance_count + self.heat_allowance_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What an account is allocated for a compliance year. Ours, until the province approves one."""

    account: str
    compliance_year: int
    rulebook: str
    rulebook_version: int
    status: Status
    units: tuple[UnitAllocation, ...]
    omitted_rules: tuple[str, ...]

    @property
    def allowance_count(self) -> int:
        """Sum over the units, tonnes."""
        return sum(each.allowance_count for each in self.units)


def allocate(account: Account, rulebook: Rulebook, productions: Sequence[Production]) -> Allocation:
    """Return what `rulebook` allocates to the units of `account`.

    Raises:
        DuplicateRow: a unit stands there twice.
        FieldInvalid: a unit is another enterprise's; at `units[i].facility`.
        FieldInvalid, QuantityInvalid, UnitDimension: as `allocate_unit`, at `units[i]`.
    """
    check_each_once("units", (each.facility for each in productions))
    allocated: list[UnitAllocation] = []
    for index, production in enumerate(productions):
        with within(f"units[{index}]."):
            _check_owner(account, production.facility)
            allocated.append(allocate_unit(rulebook, production))
    return Allocation(
        account=account.account,
        compliance_year=rulebook.compliance_year,
        rulebook=rulebook.rulebook,
        rulebook_version=rulebook.version,
        status=status_of(_applied(rulebook, productions)),
        units=tuple(allocated),
        omitted_rules=tuple(each.text.en for each in rulebook.omitted_rules),
    )


def allocate_unit(rulebook: Rulebook, production: Production) -> UnitAllocation:
    """Return what `rulebook` allocates to one unit.

    Raises:
        FieldInvalid: its class has no rules here, its load factor is not 0 to 1, or it gets more
            than can be; at `unit_class`, `load_factor_ratio`, `electricity` or `heat`.
        QuantityInvalid, UnitDimension: it produced less than nothing, or no energy.
    """
    unit_class = rulebook.unit_class(production.unit_class)
    electricity_mwh = _energy(production.electricity, "MWh", "electricity")
    heat_gj = _energy(production.heat, "GJ", "heat")
    _check_load_factor(production.load_factor_ratio)
    benchmark, rounding = rulebook.benchmark(unit_class), rulebook.quota_rounding
    peak = rulebook.peak_factor.of(unit_class.unit_class, production.load_factor_ratio)
    power_t = electricity_mwh * Fraction(benchmark.power_t_per_mwh) * Fraction(peak)
    heat_t = heat_gj * Fraction(benchmark.heat_t_per_gj)
    power_count = _whole(power_t, rounding.power, "electricity")
    heat_count = _whole(heat_t, rounding.heat, "heat")
    return UnitAllocation(
        production=production,
        power_benchmark_t_per_mwh=benchmark.power_t_per_mwh,
        heat_benchmark_t_per_gj=benchmark.heat_t_per_gj,
        peak_factor_ratio=peak,
        power_allowance_count=power_count,
        heat_allowance_count=heat_count,
        steps=(
            steps.of_class(unit_class),
            steps.of_peak(
                rulebook.peak_factor, unit_class.unit_class, production.load_factor_ratio, peak
            ),
            steps.of_quantity("Qe", production.electricity, "MWh"),
            steps.of_quantity("Qh", production.heat, "GJ"),
            steps.of_quota(
                f"Ae = Qe × Be × Ff = Qe × {benchmark.power_t_per_mwh} t/MWh × {peak}",
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


def check_rated_power(rulebook: Rulebook, unit_class: str, rated_power: Quantity) -> None:
    """Raise FieldInvalid at `unit_class` if a unit of this rated power cannot be of the class."""
    rated_mw = rated_power.to("MW")
    claimed = rulebook.unit_class(unit_class)
    if claimed.fits(rated_mw):
        return
    choices = named(each for each in rulebook.allocatable if each.fits(rated_mw))
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


def status_of(rules: Iterable[Rule]) -> Status:
    """Return the lowest status of the rules that a result was made with.

    House rules do not count: they stand where the document is silent, move a unit by less than two
    tonnes, and each step names them. Neither do the criteria of a class: they check what the caller
    says, and no figure comes from them.
    """
    first, *others = [each.source.status for each in rules if not each.house_rule]
    return lowest(first, *others)


def _applied(rulebook: Rulebook, productions: Sequence[Production]) -> list[Rule]:
    peak = rulebook.peak_factor
    rules = [rulebook.formula.rule, rulebook.quota_rounding.rule, peak.rule]
    for each in productions:
        rules.append(_benchmark(rulebook, each).rule)
        if peak.applies(each.unit_class, each.load_factor_ratio):
            rules.append(peak.rounding_rule)
    return rules


def _benchmark(rulebook: Rulebook, production: Production) -> Benchmark:
    return rulebook.benchmark(rulebook.unit_class(production.unit_class))


def _check_owner(account: Account, facility: str) -> None:
    if FACILITY.parse(facility, "facility")["enterprise"] != account.enterprise:
        raise FieldInvalid(
            field="facility",
            given=facility,
            allowed=Words(
                en=f"a generating unit of {account.enterprise_name}, whose account this is",
                zh=f"该账户所属企业 {account.enterprise_name} 的发电机组",
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
