"""Heat from steam, from hot water, from a circuit behind an exchanger, and the heat of a fuel.

    steam           Q = m × (h − h₀) / 1000         in GJ
    hot water       Q = m × (T − T₀) × c / 1000     in GJ
    user circuit    Q = Q(user) / η                 in GJ
    fuel            Q = FC × NCV                    in GJ(NCV)

h₀ is the enthalpy of the feed water. Whether it is subtracted is worth 3 % and differs by document;
so a heat names its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeAlias, TypeVar

from services.accounting.domain.metering import steam as tables
from services.accounting.domain.metering.figure import Finding, FindingKind, Step, conversion
from services.accounting.domain.metering.steam import Enthalpy, Saturated, State, SteamTable
from services.kernel import trust, units
from services.kernel.errors import FactorImplausible, FieldInvalid, FieldRequired, Words, within
from services.kernel.quantity import Quantity, product
from services.kernel.source import Source
from services.kernel.trust import Status

GJ: Final = "GJ"
_KJ_PER_KG: Final = "kJ/kg"


Section = TypeVar("Section")


class RuleName(StrEnum):
    """A document's rule for heat."""

    NDRC_2013_2015 = "NDRC_2013_2015"
    CETS_STEEL_2024 = "CETS_STEEL_2024"
    CETS_POWER_2026 = "CETS_POWER_2026"
    GBT32151_34_2024 = "GBT32151_34_2024"


@dataclass(frozen=True, slots=True, kw_only=True)
class SteamRule:
    """How a document counts the heat of steam."""

    base_enthalpy_kj_per_kg: Decimal | None
    """What is subtracted for the feed water; None where the document subtracts nothing."""
    formula: Words
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class HotWaterRule:
    """How a document counts the heat of hot water."""

    base_temperature_c: Decimal
    specific_heat_kj_per_kg_c: Decimal
    formula: Words
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCircuitRule:
    """How a document counts heat that is metered behind an exchanger."""

    exchanger_efficiency: Decimal
    formula: Words
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRule:
    """What one document says; None where it says nothing of a carrier."""

    rule: RuleName
    enthalpies: Words | None
    """The table the document takes enthalpies from, where it is not the one we hold."""
    steam: SteamRule | None
    hot_water: HotWaterRule | None
    user_circuit: UserCircuitRule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A rule, and why it is the one."""

    rule: HeatRule
    source: Source | None
    """What led from method and year to the rule; None where the caller named the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRules:
    """The rules, and which method takes which in an accounting year."""

    rules: Mapping[RuleName, HeatRule]
    applicable: Mapping[tuple[str, int], Choice]
    """By method and accounting year."""

    def said(self, choice: Choice, of: Callable[[HeatRule], Section | None]) -> Section:
        """Return what the chosen rule's document says of a carrier.

        Raises:
            FieldInvalid: nothing; at `heat_rule`.
        """
        section = of(choice.rule)
        if section is None:
            saying = ", ".join(name for name, rule in self.rules.items() if of(rule) is not None)
            raise FieldInvalid(
                field="heat_rule",
                given=choice.rule.rule,
                allowed=Words(
                    en=f"{saying}; this document says nothing of such heat that we have read",
                    zh=f"{saying}；该文件中未见此类热量的算法",
                ),
            )
        return section

    def named(self, rule: RuleName) -> Choice:
        """Return the rule that the caller names."""
        return Choice(rule=self.rules[rule], source=None)

    def chosen(self, method_id: str, accounting_year: int) -> Choice:
        """Return the rule that a method takes for an accounting year.

        Raises:
            FieldRequired: no method is named, so nothing leads to a rule; at `heat_rule`.
            FieldInvalid: no rule is known for the method or for the year.
        """
        if not method_id:
            raise FieldRequired(field="heat_rule")
        found = self.applicable.get((method_id, accounting_year))
        if found is not None:
            return found
        years = [str(year) for method, year in self.applicable if method == method_id]
        methods = dict.fromkeys(method for method, _ in self.applicable)
        allowed = ", ".join(years or methods)
        raise FieldInvalid(
            field="accounting_year" if years else "method_id",
            given=str(accounting_year) if years else method_id,
            allowed=Words(
                en=f"{allowed}; or name the document's rule itself in heat_rule",
                zh=f"{allowed}；或在 heat_rule 中直接指明文件规则",
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Steam:
    """Steam by mass, and its state or its enthalpy."""

    mass: Quantity
    heat_content: State | Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class HotWater:
    """Hot water by mass, as it leaves."""

    mass: Quantity
    supply_temperature_c: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class UserCircuit:
    """Heat as metered on the circuit behind an exchanger."""

    heat: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuel:
    """A fuel by mass or volume, and its net calorific value."""

    quantity: Quantity
    net_calorific_value: Quantity


Carrier: TypeAlias = Steam | HotWater | UserCircuit


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """A heat, exact, and the way to it."""

    value: Fraction
    unit: str
    steps: tuple[Step, ...]
    status: Status
    choice: Choice | None = None
    """The rule; None for a fuel, which needs none."""
    enthalpy: Enthalpy | None = None
    """The looked-up enthalpy; None where the caller gave one or none is needed."""
    findings: tuple[Finding, ...] = ()


def heat(carrier: Carrier, choice: Choice, rules: HeatRules, table: SteamTable) -> Heat:
    """Return the heat of `carrier` in GJ, exact, by the chosen rule.

    Raises:
        FieldInvalid: the rule's document says nothing of the carrier, at `heat_rule`; or the water
            is no warmer than the base, or hotter than water can be.
        QuantityInvalid, UnitDimension: an amount is negative or measures something else.
        SteamStateOutside: the tables do not hold the state.
        FactorImplausible: a given enthalpy is that of no steam in the tables.
    """
    match carrier:
        case Steam():
            steam = rules.said(choice, lambda rule: rule.steam)
            with within("steam."):
                return _of_steam(carrier, steam, choice, table)
        case HotWater():
            hot_water = rules.said(choice, lambda rule: rule.hot_water)
            with within("hot_water."):
                return _of_hot_water(carrier, hot_water, choice, table)
        case UserCircuit():
            user_circuit = rules.said(choice, lambda rule: rule.user_circuit)
            with within("user_circuit."):
                return _of_user_circuit(carrier, user_circuit, choice)


def fuel_heat(fuel: Fuel) -> Heat:
    """Return the heat of a fuel in GJ by its net calorific value, exact.

    It needs no rule: FC × NCV is the same in every document. The caller's value is unverified.

    >>> gas = Quantity.parse("21", "10^4 Nm3")
    >>> value = Quantity.parse("389.31", "GJ(NCV)/10^4 Nm3")
    >>> fuel_heat(Fuel(quantity=gas, net_calorific_value=value)).value
    Fraction(817551, 100)

    Raises:
        QuantityInvalid, UnitDimension: an amount is negative or the two do not make net heat.
    """
    with within("fuel.quantity."):
        fuel.quantity.non_negative()
    with within("fuel.net_calorific_value."):
        fuel.net_calorific_value.positive()
        value = product(fuel.quantity, fuel.net_calorific_value, to="GJ(NCV)")
    formula = Words(en="heat = fuel × net calorific value", zh="热量 = 燃料消耗量 × 平均低位发热量")
    return Heat(
        value=value,
        unit="GJ(NCV)",
        steps=(Step(formula=formula, value=value, unit="GJ(NCV)", source=None),),
        status=Status.UNVERIFIED,
    )


def _of_steam(carrier: Steam, rule: SteamRule, choice: Choice, table: SteamTable) -> Heat:
    mass_t, steps = _in(carrier.mass, "t", "mass")
    given = carrier.heat_content
    if isinstance(given, Quantity):
        looked_up, kj_per_kg, source = None, _plausible(given, table), None
        status, formula = Status.UNVERIFIED, _AS_GIVEN
        findings: tuple[Finding, ...] = (_GIVEN,)
    else:
        field = "saturated_pressure_mpa" if isinstance(given, Saturated) else "state"
        looked_up = tables.enthalpy(given, table, field)
        kj_per_kg, status, source = looked_up.kj_per_kg, looked_up.status, looked_up.source
        formula, findings = _LOOKED_UP, (*looked_up.findings, *_other_table(choice.rule))
    base = Fraction(rule.base_enthalpy_kj_per_kg or 0)
    value = mass_t * (kj_per_kg - base) * units.coefficient("t", _KJ_PER_KG, to=GJ)
    return Heat(
        value=value,
        unit=GJ,
        steps=(
            *steps,
            Step(formula=formula, value=kj_per_kg, unit=_KJ_PER_KG, source=source),
            Step(formula=rule.formula, value=value, unit=GJ, source=rule.source),
        ),
        status=_status(choice, rule.source.status, status),
        choice=choice,
        enthalpy=looked_up,
        findings=findings,
    )


def _of_hot_water(carrier: HotWater, rule: HotWaterRule, choice: Choice, table: SteamTable) -> Heat:
    mass_t, steps = _in(carrier.mass, "t", "mass")
    base, hottest = rule.base_temperature_c, table.saturated[-1].temperature_c
    if not base <= carrier.supply_temperature_c <= hottest:
        raise FieldInvalid(
            field="supply_temperature_c",
            given=f"{carrier.supply_temperature_c:f}",
            allowed=Words(
                en=f"{base} °C, where the heat begins to count, to {hottest} °C, the last at which"
                " there is water",
                zh=f"{base} ℃（热量起算温度）至 {hottest} ℃（液态水的最高温度）",
            ),
        )
    warmth = Fraction(carrier.supply_temperature_c) - Fraction(base)
    kj_per_kg = warmth * Fraction(rule.specific_heat_kj_per_kg_c)
    value = mass_t * kj_per_kg * units.coefficient("t", _KJ_PER_KG, to=GJ)
    return Heat(
        value=value,
        unit=GJ,
        steps=(*steps, Step(formula=rule.formula, value=value, unit=GJ, source=rule.source)),
        status=_status(choice, rule.source.status),
        choice=choice,
    )


def _of_user_circuit(carrier: UserCircuit, rule: UserCircuitRule, choice: Choice) -> Heat:
    heat_gj, steps = _in(carrier.heat, GJ, "heat")
    value = heat_gj / Fraction(rule.exchanger_efficiency)
    return Heat(
        value=value,
        unit=GJ,
        steps=(*steps, Step(formula=rule.formula, value=value, unit=GJ, source=rule.source)),
        status=_status(choice, rule.source.status),
        choice=choice,
    )


def _in(quantity: Quantity, unit: str, path: str) -> tuple[Fraction, tuple[Step, ...]]:
    """Return the amount in `unit`, and the step that leads there if one is needed."""
    with within(f"{path}."):
        steps = conversion(quantity.non_negative(), unit)
    return quantity.to(unit), steps


def _plausible(given: Quantity, table: SteamTable) -> Fraction:
    """Return a given enthalpy in kJ/kg if it is that of some steam in the tables."""
    with within("enthalpy."):
        kj_per_kg = given.to(_KJ_PER_KG)
        lowest, highest = table.band_kj_per_kg
        if not lowest <= kj_per_kg <= highest:
            raise FactorImplausible(
                field="value", given=str(given), band=f"{lowest} to {highest} kJ/kg"
            )
    return kj_per_kg


def _status(choice: Choice, *statuses: Status) -> Status:
    led = [choice.source.status] if choice.source else []
    return trust.lowest(*statuses, *led)


def _other_table(rule: HeatRule) -> tuple[Finding, ...]:
    if rule.enthalpies is None:
        return ()
    return (
        Finding(
            kind=FindingKind.TABLE_OF_ANOTHER_DOCUMENT,
            text=Words(
                en="The enthalpy is from the tables of GB/T 32151.34-2024; the document of the rule"
                f" says: {rule.enthalpies.en}. Give the enthalpy itself to use another table.",
                zh="焓值取自 GB/T 32151.34-2024 的热焓表；该规则文件所指为："
                f"{rule.enthalpies.zh}。如采用其他热焓表，请直接填报焓值。",
            ),
        ),
    )


_GIVEN: Final = Finding(
    kind=FindingKind.ENTHALPY_GIVEN,
    text=Words(
        en="The enthalpy was given and is used as it is; keep its evidence.",
        zh="焓值为填报值，按原值采用；请留存其证明材料。",
    ),
)
_AS_GIVEN: Final = Words(en="h as given", zh="焓值（填报值）")
_LOOKED_UP: Final = Words(
    en=f"h = Σ weight × printed enthalpy ({tables.ALGORITHM})",
    zh=f"焓值 = Σ 权重 × 表列焓值（{tables.ALGORITHM}）",
)
