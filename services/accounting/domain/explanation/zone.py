"""Why the figures of a zone are what they are: members and transfers, and their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from services.accounting.domain.explanation.inventory import Describe
from services.accounting.domain.explanation.tree import GRAMS, Explanation, chosen, same
from services.accounting.domain.line import Line
from services.accounting.domain.transfer import Member, Passage, passage_of
from services.accounting.domain.zone import ZoneInventory
from services.kernel.errors import Words

_SUMS: Final[Mapping[str, tuple[Words, tuple[str, ...]]]] = {
    "net_co2_g": (
        Words(en="net = direct + imported − exported", zh="净排放 = 直接 + 输入 − 输出"),
        ("direct_co2_g", "imported_co2_g", "exported_co2_g"),
    ),
    "naive_co2_g": (
        Words(
            en="naive = direct + imported + purchased inside",
            zh="简单加总 = 直接 + 输入 + 园区内购入",
        ),
        ("direct_co2_g", "imported_co2_g", "internal_purchased_co2_g"),
    ),
    "double_count_co2_g": (
        Words(en="double count = purchased inside", zh="重复计算 = 园区内购入"),
        ("internal_purchased_co2_g",),
    ),
    "residual_co2_g": (
        Words(
            en="residual = purchased inside − sold inside",
            zh="残差 = 园区内购入 − 园区内售出",
        ),
        ("internal_purchased_co2_g", "internal_sold_co2_g"),
    ),
    "members_total_co2_g": (
        Words(en="sum of members = net + residual", zh="企业合计 = 净排放 + 残差"),
        ("net_co2_g", "residual_co2_g"),
    ),
}
_PARTS: Final = (
    "direct_co2_g",
    "imported_co2_g",
    "exported_co2_g",
    "internal_purchased_co2_g",
    "internal_sold_co2_g",
)
FIGURES: Final = (*_SUMS, *_PARTS)


def of(inventory: ZoneInventory, figure: str, describe: Describe | None) -> Explanation:
    """Return why a figure of the zone is what it is.

    `describe` explains a line; without it the tree ends at members and transfers, and each of
    those names the inventory that explains it.

    Raises:
        FieldInvalid: a zone has no such figure.
    """
    figure = chosen(figure, FIGURES)
    if figure in _SUMS:
        formula, parts = _SUMS[figure]
        children = [of(inventory, part, describe) for part in parts]
    else:
        formula = Words(en="sum over members", zh="各企业之和")
        children = list(_by_member(inventory, figure, describe))
    return Explanation(
        title=same(f"{inventory.name} {figure}"),
        value=Fraction(getattr(inventory, figure)),
        unit=GRAMS,
        formula=formula,
        children=tuple(children),
    )


def _by_member(
    inventory: ZoneInventory, figure: str, describe: Describe | None
) -> Iterable[Explanation]:
    inside = {member.name for member in inventory.members}
    for member in inventory.members:
        lines = [
            line
            for line in member.lines
            if _BELONGS[figure](line, passage_of(member, line, inside))
        ]
        if lines:
            yield _of_member(member, lines, describe)


def _of_member(member: Member, lines: Sequence[Line], describe: Describe | None) -> Explanation:
    assert member.inventory is not None, "who has lines has an inventory"
    return Explanation(
        title=same(f"{member.name} {member.enterprise.display_name}"),
        value=Fraction(sum(line.booked.co2_g for line in lines)),
        unit=GRAMS,
        formula=Words(en="sum of lines", zh="各行之和"),
        resource=f"{member.inventory.name}@{member.inventory.version}",
        children=tuple(map(describe, lines)) if describe else (),
    )


_BELONGS: Final[Mapping[str, Callable[[Line, Passage | None], bool]]] = {
    "direct_co2_g": lambda line, _: not line.source.kind.carrier,
    "imported_co2_g": lambda line, inner: line.source.kind.is_purchase and inner is None,
    "exported_co2_g": lambda line, inner: line.source.kind.is_sale and inner is None,
    "internal_purchased_co2_g": lambda line, inner: (
        line.source.kind.is_purchase and inner is not None
    ),
    "internal_sold_co2_g": lambda line, inner: line.source.kind.is_sale and inner is not None,
}
"""Which lines a figure adds up; the second argument is None where energy crosses the boundary."""
