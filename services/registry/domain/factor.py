"""Published factors, the rules by which methods find them, and the plausible range of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.kernel import names, units
from services.kernel.errors import FactorImplausible, FieldInvalid, UnitDimension, Words
from services.kernel.quantity import Quantity
from services.kernel.source import Source

CUSTOM_SET = "custom"
"""The set that holds nothing published: a rule names it where custom factors alone apply."""


class FactorRole(StrEnum):
    """What a factor is multiplied with; the contract says it in words."""

    NET_CALORIFIC_VALUE = "NET_CALORIFIC_VALUE"
    CARBON_CONTENT_PER_HEAT = "CARBON_CONTENT_PER_HEAT"
    CARBON_CONTENT = "CARBON_CONTENT"
    OXIDATION_RATE = "OXIDATION_RATE"
    GRID_AVERAGE = "GRID_AVERAGE"
    GRID_RESIDUAL = "GRID_RESIDUAL"
    GRID_FOSSIL = "GRID_FOSSIL"
    GRID_ETS_REPORTING = "GRID_ETS_REPORTING"
    ELECTRICITY_LIFE_CYCLE = "ELECTRICITY_LIFE_CYCLE"
    ELECTRICITY_NONFOSSIL = "ELECTRICITY_NONFOSSIL"
    HEAT_DEFAULT = "HEAT_DEFAULT"
    HEAT_CONSTANT = "HEAT_CONSTANT"
    GWP100 = "GWP100"
    CO2_PER_HEAT = "CO2_PER_HEAT"
    CH4_PER_HEAT = "CH4_PER_HEAT"
    N2O_PER_HEAT = "N2O_PER_HEAT"
    CO2_FACTOR = "CO2_FACTOR"
    CH4_FACTOR = "CH4_FACTOR"
    N2O_FACTOR = "N2O_FACTOR"
    CF4_FACTOR = "CF4_FACTOR"
    C2F6_FACTOR = "C2F6_FACTOR"
    CO2E_FACTOR = "CO2E_FACTOR"
    DENSITY = "DENSITY"
    COMPONENT_SHARE = "COMPONENT_SHARE"
    CONVERSION_RATE = "CONVERSION_RATE"
    VOLATILE_SHARE = "VOLATILE_SHARE"
    VOLATILE_COEFFICIENT = "VOLATILE_COEFFICIENT"
    ANODE_CARBON = "ANODE_CARBON"
    SULPHUR_SHARE = "SULPHUR_SHARE"
    ASH_SHARE = "ASH_SHARE"
    CF4_SLOPE = "CF4_SLOPE"
    ANODE_EFFECT_MINUTES = "ANODE_EFFECT_MINUTES"
    STEAM_ENTHALPY = "STEAM_ENTHALPY"
    COAL_EQUIVALENT = "COAL_EQUIVALENT"
    COAL_EQUAL_VALUE = "COAL_EQUAL_VALUE"
    METHANE_CAPACITY = "METHANE_CAPACITY"
    METHANE_CORRECTION = "METHANE_CORRECTION"


class RegionLevel(StrEnum):
    """How wide a place is."""

    PROVINCE = "PROVINCE"
    GRID_REGION = "GRID_REGION"
    NATION = "NATION"
    GLOBAL = "GLOBAL"
    ENTERPRISE = "ENTERPRISE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One published figure, as its source wrote it."""

    factor_set: str
    factor: str
    display_name: str
    display_name_zh: str
    role: FactorRole
    subject: str
    quantity: Quantity
    region_code: str
    data_start: date | None
    data_end: date | None
    lower: Decimal | None
    upper: Decimal | None
    source: Source

    @property
    def name(self) -> str:
        """The resource name."""
        return f"factorSets/{self.factor_set}/factors/{self.factor}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A factor in one of its versions, and when that became known."""

    factor: Factor
    version: int
    create_time: datetime
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A method takes a role's factors for an accounting year from one set."""

    method: str
    accounting_year: int
    role: FactorRole
    subject: str
    """"*" for every thing of the set."""
    factor_set: str
    region_levels: tuple[RegionLevel, ...]
    """The places that are tried, in order."""
    source: Source

    @property
    def name(self) -> str:
        """The resource name."""
        return names.APPLICABILITY_RULE.format(
            method=self.method,
            year=f"{self.accounting_year}",
            role=self.role.value,
            factor_set=self.factor_set,
            subject=self.subject,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A province and the regional grid it belongs to."""

    region_code: str
    grid_region_code: str
    display_name: str
    display_name_zh: str
    source: Source

    @property
    def name(self) -> str:
        """The resource name."""
        return names.REGION.format(region=self.region_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The range in which a figure of a role can lie at all, `least` and `most` included."""

    unit: str
    least: Fraction
    most: Fraction


# Not facts but guards against a slip of the pen by ten or a thousand: each is several times wider
# than any published figure of its role. Units that differ in dimension have a band each.
_BANDS: Mapping[FactorRole, tuple[Band, ...]] = {
    role: tuple(
        Band(unit=unit, least=Fraction(least), most=Fraction(most)) for unit, least, most in bands
    )
    for role, bands in {
        FactorRole.NET_CALORIFIC_VALUE: [
            ("GJ(NCV)/t", "4", "60"),
            ("GJ(NCV)/10^4 Nm3", "20", "1500"),
        ],
        FactorRole.CARBON_CONTENT_PER_HEAT: [("tC/TJ(NCV)", "8", "80")],
        FactorRole.CARBON_CONTENT: [("tC/t", "0.005", "1"), ("tC/10^4 Nm3", "0.005", "30")],
        FactorRole.OXIDATION_RATE: [("%", "70", "100")],
        FactorRole.GRID_AVERAGE: [("tCO2/MWh", "0", "1.5")],
        FactorRole.GRID_RESIDUAL: [("tCO2/MWh", "0", "1.5")],
        FactorRole.GRID_FOSSIL: [("tCO2/MWh", "0.2", "1.5")],
        FactorRole.GRID_ETS_REPORTING: [("tCO2/MWh", "0.2", "1.5")],
        FactorRole.ELECTRICITY_LIFE_CYCLE: [("kgCO2e/kWh", "0", "1.5")],
        FactorRole.ELECTRICITY_NONFOSSIL: [("tCO2/MWh", "0", "0.2")],
        FactorRole.HEAT_DEFAULT: [("tCO2/GJ", "0", "0.3")],
        FactorRole.HEAT_CONSTANT: [("kJ/kg", "1", "4000")],
        FactorRole.GWP100: [("kgCO2e/kg", "0", "30000")],
        FactorRole.CO2_PER_HEAT: [("kgCO2/TJ(NCV)", "20000", "300000")],
        FactorRole.CH4_PER_HEAT: [("kgCH4/TJ(NCV)", "0", "1000")],
        FactorRole.N2O_PER_HEAT: [("kgN2O/TJ(NCV)", "0", "100")],
        FactorRole.CO2_FACTOR: [
            ("tCO2/t", "0", "10"),
            ("tCO2/10^4 Nm3", "0", "100"),
            ("tCO2/10^4 Sm3", "0", "100"),
            ("tCO2/m3", "0", "10"),
            ("tCO2/MWh", "0", "3"),
            ("kgCO2/TJ(NCV)", "0", "300000"),
            ("kgCO2/TJ(GCV)", "0", "300000"),
        ],
        FactorRole.CH4_FACTOR: [("tCH4/t", "0", "1"), ("kgCH4/MWh", "0", "10")],
        FactorRole.N2O_FACTOR: [("tN2O/t", "0", "1"), ("kgN2O/MWh", "0", "10")],
        FactorRole.CF4_FACTOR: [("kgCF4/t", "0", "10")],
        FactorRole.C2F6_FACTOR: [("kgC2F6/t", "0", "1")],
        FactorRole.CO2E_FACTOR: [
            ("tCO2e/t", "0", "100"),
            ("tCO2e/MWh", "0", "3"),
            ("kgCO2e/m3", "0", "10000"),
            ("tCO2e/TJ(NCV)", "0", "300"),
            ("tCO2e/TJ(GCV)", "0", "300"),
        ],
        FactorRole.DENSITY: [("t/m3", "0.0005", "3"), ("kg/Nm3", "0.05", "10")],
        FactorRole.COMPONENT_SHARE: [("%", "0", "100")],
        FactorRole.CONVERSION_RATE: [("%", "0", "100")],
        FactorRole.VOLATILE_SHARE: [("%", "0", "100")],
        FactorRole.VOLATILE_COEFFICIENT: [("1", "0", "1")],
        FactorRole.ANODE_CARBON: [("tC/t", "0.1", "1")],
        FactorRole.SULPHUR_SHARE: [("%", "0", "15")],
        FactorRole.ASH_SHARE: [("%", "0", "60")],
        FactorRole.CF4_SLOPE: [("kgCF4/t", "0.02", "1")],
        FactorRole.ANODE_EFFECT_MINUTES: [("1", "0", "60")],
        FactorRole.STEAM_ENTHALPY: [("kJ/kg", "1", "5000")],
        FactorRole.COAL_EQUIVALENT: [
            ("kgce/kg", "0.0001", "3"),
            ("kgce/m3", "0.01", "10"),
            ("kgce/Nm3", "0.01", "10"),
            ("kgce/kWh", "0.05", "0.5"),
        ],
        FactorRole.COAL_EQUAL_VALUE: [("kgce/kWh", "0.2", "0.5")],
        FactorRole.METHANE_CAPACITY: [("kgCH4/t", "50", "1000")],
        FactorRole.METHANE_CORRECTION: [("1", "0", "1")],
    }.items()
}


def checked(factor: Factor) -> Factor:
    """Return `factor` if its unit fits its role and its figure and dates are plausible.

    Raises:
        UnitDimension: its unit does not fit its role; at `quantity.unit_code`.
        QuantityInvalid: it is negative; at `quantity.value`.
        FactorImplausible: it lies outside the band of its role; at `quantity.value`.
        FieldInvalid: its period ends before it starts, its bounds do not enclose it, or its set is
            the one that holds nothing published.
    """
    if factor.factor_set == CUSTOM_SET:
        raise FieldInvalid(
            field="name",
            given=factor.name,
            allowed=Words(
                en=f"a published set; {CUSTOM_SET} stands for factors of single enterprises",
                zh=f"已发布的数据集；{CUSTOM_SET} 仅代表企业自有因子",
            ),
        )
    check_plausible(factor.role, factor.quantity)
    if factor.data_start and factor.data_end and factor.data_end <= factor.data_start:
        raise FieldInvalid(
            field="data_end_date",
            given=str(factor.data_end),
            allowed=Words(en=f"after {factor.data_start}", zh=f"晚于 {factor.data_start}"),
        )
    check_enclosed(factor.quantity.value, factor.lower, factor.upper)
    return factor


def check_enclosed(value: Decimal, lower: Decimal | None, upper: Decimal | None) -> None:
    """Check that `value` lies between the bounds of its range; None bounds nothing.

    Raises:
        FieldInvalid: it does not; at `lower_value`.
    """
    least = value if lower is None else lower
    most = value if upper is None else upper
    if not least <= value <= most:
        raise FieldInvalid(
            field="lower_value",
            given=f"{least} … {most}",
            allowed=Words(en=f"bounds that enclose {value}", zh=f"包含 {value} 的上下限"),
        )


def check_plausible(role: FactorRole, quantity: Quantity) -> None:
    """Check that `quantity` can be a factor of `role`: its unit, its sign, its size.

    Raises:
        UnitDimension: its unit does not fit the role; at `quantity.unit_code`.
        QuantityInvalid: it is negative; at `quantity.value`.
        FactorImplausible: it lies outside the band of the role; at `quantity.value`.
    """
    quantity.non_negative("quantity.value")
    band = _band(role, quantity.unit)
    if not band.least <= quantity.to(band.unit) <= band.most:
        raise FactorImplausible(
            field="quantity.value",
            given=str(quantity),
            band=f"{float(band.least):g} … {float(band.most):g} {band.unit}",
        )


def checked_rule(rule: Rule) -> Rule:
    """Return `rule` if the places it tries can have a factor of its set.

    Raises:
        FieldInvalid: it seeks something published in the set that holds nothing published; at
            `region_levels`.
    """
    if rule.factor_set == CUSTOM_SET and rule.region_levels != (RegionLevel.ENTERPRISE,):
        raise FieldInvalid(
            field="region_levels",
            given=", ".join(rule.region_levels),
            allowed=Words(
                en=f"{RegionLevel.ENTERPRISE} alone, since the set {CUSTOM_SET} holds nothing "
                "published",
                zh=f"仅 {RegionLevel.ENTERPRISE}，因为数据集 {CUSTOM_SET} 中没有已发布的因子",
            ),
        )
    return rule


def _band(role: FactorRole, unit: str) -> Band:
    bands = _BANDS[role]
    for band in bands:
        if units.unit(unit).vector == units.unit(band.unit).vector:
            return band
    given, wanted = units.unit(unit), units.unit(bands[0].unit)
    raise UnitDimension(
        field="quantity.unit_code",
        given=unit,
        given_dimension=Words(en=given.dimension, zh=given.dimension_zh),
        wanted_dimension=Words(en=wanted.dimension, zh=wanted.dimension_zh),
        choices=tuple(code for band in bands for code in units.fitting(band.unit)),
    )
