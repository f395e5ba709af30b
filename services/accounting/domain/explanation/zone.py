"""Why the figures of a zone are what they are: members and transfers, and their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.accounting.domain.claim import BEYOND, unmatched
from services.accounting.domain.explanation.inventory import GIVEN_BACK, Describe
from services.accounting.domain.explanation.tree import GRAMS_CO2E, Explanation, chosen, same
from services.accounting.domain.line import Line
from services.accounting.domain.transfer import (
    Inside,
    Member,
    Passage,
    grams,
    inside_of,
    passage_of,
)
from services.accounting.domain.zone import (
    ZoneInventory,
    beyond_of,
    is_direct,
    is_import,
    own_beyond_of,
)
from services.kernel.errors import Words

_SUMS: Final[Mapping[str, tuple[Words, tuple[str, ...]]]] = {
    "net_co2e_g": (
        Words(en="net = direct + imported − exported", zh="净排放 = 直接 + 输入 − 输出"),
        ("direct_co2e_g", "imported_co2e_g", "exported_co2e_g"),
    ),
    "naive_co2e_g": (
        Words(
            en="naive = direct + imported + purchased inside",
            zh="简单加总 = 直接 + 输入 + 园区内购入",
        ),
        ("direct_co2e_g", "imported_co2e_g", "internal_purchased_co2e_g"),
    ),
    "double_count_co2e_g": (
        Words(en="double count = purchased inside", zh="重复计算 = 园区内购入"),
        ("internal_purchased_co2e_g",),
    ),
    "residual_co2e_g": (
        Words(
            en="residual = purchased inside − sold inside − green power claimed inside",
            zh="残差 = 园区内购入 − 园区内售出 − 园区内声明的绿色电力",
        ),
        ("internal_purchased_co2e_g", "internal_sold_co2e_g", "claimed_inside_co2e_g"),
    ),
    "members_total_co2e_g": (
        Words(en="sum of members = net + residual", zh="企业合计 = 净排放 + 残差"),
        ("net_co2e_g", "residual_co2e_g"),
    ),
}
_PARTS: Final = (
    "direct_co2e_g",
    "imported_co2e_g",
    "exported_co2e_g",
    "internal_purchased_co2e_g",
    "internal_sold_co2e_g",
    "claimed_inside_co2e_g",
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
        unit=GRAMS_CO2E,
        formula=formula,
        children=tuple(children),
    )


def _by_member(
    inventory: ZoneInventory, figure: str, describe: Describe | None
) -> Iterable[Explanation]:
    inside = inside_of(inventory.members)
    for member in inventory.members:
        lines = [
            line
            for line in member.lines
            if _BELONGS[figure](line, passage_of(member, line, inside))
        ]
        beyond = _given_back(member, figure, inside)
        if lines or beyond:
            claims = unmatched(member.crossing(inside)) if beyond else ()
            given_back = _GivenBack(grams=beyond, claims=claims)
            yield _of_member(member, lines, given_back, describe, is_signed=figure in _SIGNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _GivenBack:
    """What the zone gives back of a member's claims, and the claims that it is a part of."""

    grams: int
    claims: tuple[Line, ...]


def _given_back(member: Member, figure: str, inside: Inside) -> int:
    match figure:
        case "imported_co2e_g":
            return beyond_of(member, inside)
        case "claimed_inside_co2e_g":
            return beyond_of(member, inside) - own_beyond_of(member)
        case _:
            return 0


def _of_member(
    member: Member,
    lines: Sequence[Line],
    beyond: _GivenBack,
    describe: Describe | None,
    *,
    is_signed: bool,
) -> Explanation:
    assert member.inventory is not None, "who has lines has an inventory"
    method = member.inventory.method
    value = sum(
        (method.items[line.binding.item_id].sign if is_signed else 1) * grams([line])
        for line in lines
    )
    resource = f"{member.inventory.name}@{member.inventory.version}"
    told = tuple(describe(line, "emissions.co2e_g") for line in lines) if describe else ()
    if beyond.grams:
        claims = (describe(line, "emissions.co2e_g") for line in beyond.claims) if describe else ()
        told = (
            *told,
            Explanation(
                title=method.items[BEYOND].name,
                value=Fraction(beyond.grams),
                unit=GRAMS_CO2E,
                formula=GIVEN_BACK,
                resource=resource,
                children=tuple(claims),
            ),
        )
    return Explanation(
        title=same(f"{member.name} {member.enterprise.display_name}"),
        value=Fraction(value + beyond.grams),
        unit=GRAMS_CO2E,
        formula=Words(en="sum of lines, each with its sign", zh="各行按正负号求和"),
        resource=resource,
        children=told,
    )


_SIGNED: Final = frozenset({"direct_co2e_g", "imported_co2e_g"})
"""Figures whose lines keep the sign of their item; the others are told without one."""

_BELONGS: Final[Mapping[str, Callable[[Line, Passage | None], bool]]] = {
    "direct_co2e_g": lambda line, _: is_direct(line),
    "imported_co2e_g": is_import,
    "exported_co2e_g": lambda line, inner: line.source.kind.is_sale and inner is None,
    "internal_purchased_co2e_g": lambda line, inner: (
        line.source.kind.is_purchase and inner is not None
    ),
    "internal_sold_co2e_g": lambda line, inner: line.source.kind.is_sale and inner is not None,
    "claimed_inside_co2e_g": lambda _line, _inner: False,
}
"""Which lines a figure adds up; the second argument is None where energy crosses the boundary."""
