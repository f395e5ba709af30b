"""Roles: what a factor is multiplied with, and how it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.kernel.errors import Words


class Role(StrEnum):
    """What a factor is multiplied with; the contract says it in words."""

    NET_CALORIFIC_VALUE = "NET_CALORIFIC_VALUE"
    CARBON_CONTENT_PER_HEAT = "CARBON_CONTENT_PER_HEAT"
    CARBON_CONTENT = "CARBON_CONTENT"
    OXIDATION_RATE = "OXIDATION_RATE"
    GRID_AVERAGE = "GRID_AVERAGE"
    GRID_RESIDUAL = "GRID_RESIDUAL"
    GRID_FOSSIL = "GRID_FOSSIL"
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
    METHANE_CAPACITY = "METHANE_CAPACITY"
    METHANE_CORRECTION = "METHANE_CORRECTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a role is called, and what its figures look like."""

    name: Words
    units: tuple[str, ...]
    """One unit of each dimension that a figure may have; empty: any that the formula takes."""
    is_share: bool = False
    """Whether it lies between 0 and 100 %."""


def _manner(en: str, zh: str, *units: str, is_share: bool = False) -> Manner:
    return Manner(name=Words(en=en, zh=zh), units=units, is_share=is_share)


MANNERS: Final[Mapping[Role, Manner]] = {
    Role.NET_CALORIFIC_VALUE: _manner(
        "net calorific value",
        "低位发热量",
        *("GJ(NCV)/t", "GJ(NCV)/10^4 Nm3", "GJ(NCV)/10^4 Sm3", "MJ(NCV)/L"),
        *("GJ(GCV)/t", "GJ(GCV)/10^4 Nm3", "mmBtu(GCV)/scf"),
    ),
    Role.CARBON_CONTENT_PER_HEAT: _manner(
        "carbon content per heat", "单位热值含碳量", "tC/TJ(NCV)", "tC/TJ(GCV)"
    ),
    Role.CARBON_CONTENT: _manner(
        "carbon content", "元素碳含量", "tC/t", "tC/10^4 Nm3", "tC/10^4 Sm3"
    ),
    Role.OXIDATION_RATE: _manner("oxidation rate", "碳氧化率", "%", is_share=True),
    Role.GRID_AVERAGE: _manner("grid factor", "电力排放因子", "tCO2/MWh"),
    Role.GRID_RESIDUAL: _manner("residual grid factor", "剩余电力排放因子", "tCO2/MWh"),
    Role.GRID_FOSSIL: _manner("fossil power factor", "化石能源电力排放因子", "tCO2/MWh"),
    Role.ELECTRICITY_NONFOSSIL: _manner(
        "non-fossil power factor", "非化石能源电力排放因子", "tCO2/MWh"
    ),
    Role.HEAT_DEFAULT: _manner("heat factor", "热力排放因子", "tCO2/GJ"),
    Role.HEAT_CONSTANT: _manner("reference enthalpy", "基准焓", "kJ/kg"),
    Role.GWP100: _manner(
        "global warming potential",
        "全球变暖潜势",
        *("kgCO2e/kg", "kgCO2e/kgCH4", "kgCO2e/kgN2O", "kgCO2e/kgSF6"),
        *("kgCO2e/kgNF3", "kgCO2e/kgCF4", "kgCO2e/kgC2F6"),
    ),
    Role.CO2_PER_HEAT: _manner(
        "CO2 per heat", "单位热值二氧化碳排放", "kgCO2/TJ(NCV)", "kgCO2/TJ(GCV)"
    ),
    Role.CH4_PER_HEAT: _manner(
        "CH4 per heat", "单位热值甲烷排放", "kgCH4/TJ(NCV)", "kgCH4/TJ(GCV)"
    ),
    Role.N2O_PER_HEAT: _manner(
        "N2O per heat", "单位热值氧化亚氮排放", "kgN2O/TJ(NCV)", "kgN2O/TJ(GCV)"
    ),
    Role.CO2_FACTOR: _manner("CO2 factor", "二氧化碳排放因子"),
    Role.CH4_FACTOR: _manner("CH4 factor", "甲烷排放因子"),
    Role.N2O_FACTOR: _manner("N2O factor", "氧化亚氮排放因子"),
    Role.CF4_FACTOR: _manner("CF4 factor", "四氟化碳排放因子", "kgCF4/t"),
    Role.C2F6_FACTOR: _manner("C2F6 factor", "六氟乙烷排放因子", "kgC2F6/t"),
    Role.CO2E_FACTOR: _manner("CO2e factor", "二氧化碳当量排放因子"),
    Role.DENSITY: _manner("density", "密度", "t/m3", "kg/Nm3", "kg/Sm3"),
    Role.COMPONENT_SHARE: _manner("share of the component", "组分含量", "%", is_share=True),
    Role.CONVERSION_RATE: _manner("conversion rate", "转化率", "%", is_share=True),
    Role.VOLATILE_SHARE: _manner("volatile share", "挥发分", "%", is_share=True),
    Role.VOLATILE_COEFFICIENT: _manner("volatile coefficient K", "挥发分系数 K", "1"),
    Role.ANODE_CARBON: _manner("net anode carbon", "阳极净耗", "tC/t"),
    Role.SULPHUR_SHARE: _manner("sulphur share", "含硫量", "%", is_share=True),
    Role.ASH_SHARE: _manner("ash share", "灰分", "%", is_share=True),
    Role.CF4_SLOPE: _manner("CF4 slope", "CF4 斜率系数", "kgCF4/t"),
    Role.ANODE_EFFECT_MINUTES: _manner(
        "anode effect minutes per cell-day", "阳极效应持续时间（分钟/槽日）", "1"
    ),
    Role.STEAM_ENTHALPY: _manner("steam enthalpy", "蒸汽热焓", "kJ/kg"),
    Role.METHANE_CAPACITY: _manner("methane capacity", "甲烷最大生产能力", "kgCH4/t"),
    Role.METHANE_CORRECTION: _manner("methane correction factor", "甲烷修正因子", "1"),
}
"""Every role's manner."""

MEASURABLE: Final = frozenset(
    {
        Role.NET_CALORIFIC_VALUE,
        Role.CARBON_CONTENT_PER_HEAT,
        Role.CARBON_CONTENT,
        Role.OXIDATION_RATE,
        Role.HEAT_DEFAULT,
        Role.CO2_FACTOR,
        Role.CH4_FACTOR,
        Role.N2O_FACTOR,
        Role.COMPONENT_SHARE,
        Role.CONVERSION_RATE,
        Role.VOLATILE_SHARE,
        Role.ANODE_CARBON,
        Role.SULPHUR_SHARE,
        Role.ASH_SHARE,
        Role.ANODE_EFFECT_MINUTES,
    }
)
"""What an enterprise can have a figure of its own for; whether it applies is the rules' to say."""
