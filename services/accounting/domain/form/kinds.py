"""What people call the kinds of activity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.accounting.domain.activity import Kind
from services.kernel.errors import Words

NAMES: Final[Mapping[Kind, Words]] = {
    Kind.FUEL_COMBUSTION: Words(en="Fuel burnt", zh="化石燃料燃烧"),
    Kind.ELECTRICITY_PURCHASED: Words(en="Electricity bought", zh="购入电力"),
    Kind.ELECTRICITY_EXPORTED: Words(en="Electricity sold", zh="输出电力"),
    Kind.HEAT_PURCHASED: Words(en="Heat bought", zh="购入热力"),
    Kind.HEAT_EXPORTED: Words(en="Heat sold", zh="输出热力"),
    Kind.BIOMASS_COMBUSTION: Words(en="Biomass burnt", zh="生物质燃烧"),
    Kind.FEEDSTOCK_USED: Words(en="Fuel used as feedstock", zh="燃料用作原料"),
    Kind.FUEL_SOLD: Words(en="Own fuel sold", zh="外销自产燃料"),
    Kind.MATERIAL_CONSUMED: Words(en="Material consumed", zh="原料消耗"),
    Kind.PRODUCT_OUTPUT: Words(en="Product made", zh="产品产量"),
    Kind.GAS_RELEASED: Words(en="Gas released", zh="气体逸散"),
    Kind.WASTEWATER_TREATED: Words(en="Wastewater treated", zh="废水处理"),
    Kind.TRANSFORMATION_INPUT: Words(en="Input of transformation", zh="加工转换投入"),
    Kind.TRANSFORMATION_OUTPUT: Words(en="Output of transformation", zh="加工转换产出"),
    Kind.GREEN_POWER_CLAIMED: Words(en="Green power claimed", zh="绿色电力声明"),
    Kind.PROCESS_INPUT: Words(en="Input of a process", zh="工序投入"),
    Kind.PROCESS_OUTPUT: Words(en="Output of a process", zh="工序产出"),
    Kind.OTHER_INDIRECT: Words(en="Value chain activity", zh="价值链活动"),
}

ALLOWED: Final = Words(
    en=", ".join(f"{kind} ({name.en})" for kind, name in NAMES.items()),
    zh="、".join(name.zh for name in NAMES.values()),
)
"""What may be written, in each language."""


def choice(kind: Kind) -> str:
    """Return how the template offers a kind: "FUEL_COMBUSTION 化石燃料燃烧"."""
    return f"{kind} {NAMES[kind].zh}"


def named(text: str) -> Kind | None:
    """Return the kind that is chosen, or written by its code or a name; None where it is none."""
    for kind, name in NAMES.items():
        if text.casefold() in {
            each.casefold() for each in (kind, name.zh, name.en, choice(kind), f"{kind} {name.en}")
        }:
            return kind
    return None
