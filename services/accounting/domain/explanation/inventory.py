"""Why the figures of an enterprise's inventory are what they are: sums of lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from services.accounting.domain.activity import Kind
from services.accounting.domain.explanation.tree import GRAMS, Explanation, chosen, same
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Line
from services.kernel.errors import Words

_KINDS: Final[Mapping[str, Kind]] = {
    "combustion_co2_g": Kind.FUEL_COMBUSTION,
    "electricity_purchased_co2_g": Kind.ELECTRICITY_PURCHASED,
    "electricity_exported_co2_g": Kind.ELECTRICITY_EXPORTED,
    "heat_purchased_co2_g": Kind.HEAT_PURCHASED,
    "heat_exported_co2_g": Kind.HEAT_EXPORTED,
}
_INDIRECT: Final = tuple(figure for figure, kind in _KINDS.items() if kind.carrier)
FIGURES: Final = ("total_co2_g", "total_co2e_g", "indirect_co2_g", *_KINDS)

Describe = Callable[[Line], Explanation]
"""Explains a line, as far down as is wanted."""


def of(inventory: Inventory, figure: str, lines: Sequence[Line], describe: Describe) -> Explanation:
    """Return why a figure of `inventory` is what it is; `lines` are those it is made of.

    Raises:
        FieldInvalid: an inventory has no such figure.
    """
    figure = chosen(figure, FIGURES)
    if figure in _KINDS:
        kind = _KINDS[figure]
        return _node(
            inventory,
            figure,
            inventory.co2_g_by_kind[kind],
            Words(en="sum of lines", zh="各行之和"),
            [describe(line) for line in lines if line.source.kind is kind],
        )
    value, formula, parts = _SUMS[figure]
    children = [of(inventory, part, lines, describe) for part in parts]
    return _node(inventory, figure, value(inventory), formula, children)


_SUMS: Final[Mapping[str, tuple[Callable[[Inventory], int], Words, tuple[str, ...]]]] = {
    "total_co2_g": (
        lambda inventory: inventory.total.co2_g,
        Words(en="total = combustion + indirect", zh="合计 = 燃烧 + 间接"),
        ("combustion_co2_g", "indirect_co2_g"),
    ),
    "total_co2e_g": (
        lambda inventory: inventory.total.co2e_g,
        Words(
            en="total CO2e = total CO2 × 1: CO2 is the only gas, and what the others are "
            "measured by",
            zh="二氧化碳当量合计 = 二氧化碳合计 × 1：仅含二氧化碳，其全球变暖潜势为 1",
        ),
        ("total_co2_g",),
    ),
    "indirect_co2_g": (
        lambda inventory: inventory.indirect.co2_g,
        Words(
            en="indirect = electricity purchased − exported + heat purchased − exported",
            zh="间接 = 购入电力 − 输出电力 + 购入热力 − 输出热力",
        ),
        _INDIRECT,
    ),
}


def _node(
    inventory: Inventory,
    figure: str,
    value: int,
    formula: Words,
    children: Sequence[Explanation],
) -> Explanation:
    return Explanation(
        title=same(f"{inventory.name} {figure}"),
        value=Fraction(value),
        unit="gCO2e" if figure == "total_co2e_g" else GRAMS,
        formula=formula,
        resource=f"{inventory.name}@{inventory.version}",
        children=tuple(children),
    )
