"""The part of the page that says what moved the zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.console import Group, RenderableType

from tools.demo.layout import below, rounding, section, t, table
from tools.demo.words import Result

_DRIVERS: Final[Mapping[str, str]] = {
    "activity": "activity: the energy of all together  活动水平（能源消费总量）",
    "structure": "structure: who used it, who came and went  结构（企业份额）",
    "intensity": "energy per output  能源强度",
    "mix": "mix of fuels, power and heat  能源品种结构",
    "factor": "factors of fuels, power and heat  排放因子",
    "non_energy": "processes and all else of no energy  非能源排放",
}


def drivers(found: Result, hidden: Result) -> RenderableType:
    """Return what moved the zone's net emissions, who did, and what may be published of it."""
    begin, end = found["from_year"], found["to_year"]
    effects = [(round(grams), _DRIVERS[name]) for name, grams in found["effects_g"].items()]
    parts = [(found["before_co2e_g"], f"net of {begin}  净排放"), *effects]
    rows = table(gap=1)
    rows.add_column("tCO2e", justify="right", no_wrap=True)
    rows.add_column("")
    for grams, words in [*parts, *rounding(parts, found["after_co2e_g"])]:
        rows.add_row(t(grams, sign="" if grams == found["before_co2e_g"] else "+"), words)
    rows.add_row(t(found["after_co2e_g"]), f"= net of {end}  净排放", style="bold")
    return Group(
        section(
            f"Drivers 驱动因素 {begin} → {end}",
            f"LMDI-I, {found['method']}, {found['scope2_basis']}, {found['gwp_set']} · energy is "
            f"heat content · data {found['label']}, factors {found['status']}",
        ),
        rows,
        *(
            below(f"non-energy, as its heat content is not known 热值未知: {each}")
            for each in found["without_heat_content"]
        ),
        below(f"who moved it most, of {found['enterprise_count']} 变化最大的企业:"),
        *(
            below(f"{t(each['difference_g'], sign='+'):>10} {each['enterprise']}", indent=4)
            for each in found["enterprises"]
        ),
        below(
            f"table by industry to be published 拟公布的分行业表: {hidden['hidden_count']} of "
            f"{hidden['cell_count']} cells hidden, which would reveal one enterprise"
        ),
    )
