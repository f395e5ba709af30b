"""A zone's emissions by industry, as they may be published."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from services.accounting.domain.publication import suppression
from services.accounting.domain.publication.suppression import SUM, SuppressionRule
from services.accounting.domain.transfer import Member, inside_of, passage_of
from services.accounting.domain.zone import ZoneInventory, beyond_of, is_direct, is_import

DIRECT: Final = "direct"
IMPORTED: Final = "imported"
_DIVISION_DIGITS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicCell:
    """A cell of the table, or a sum of it."""

    division: str
    """Of GB/T 4754-2017, two digits; empty for all."""
    item: str
    """Empty for both."""
    hidden: bool
    co2e_g: int
    """0 where it is hidden."""
    enterprise_count: int
    """0 where it is hidden."""


def published(inventory: ZoneInventory, rule: SuppressionRule) -> tuple[PublicCell, ...]:
    """Return the cells by division and item, sums last; those that nobody is in are left out."""
    cells: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for member in inventory.members:
        division = member.enterprise.industry_code[:_DIVISION_DIGITS]
        for item, grams in _parts(member, inventory).items():
            if grams:
                cells[division, item][member.name] = grams
    whole = suppression.table(cells)
    taken = suppression.hidden(whole, rule)
    return tuple(
        PublicCell(
            division=division,
            item=item,
            hidden=(division, item) in taken,
            co2e_g=0 if (division, item) in taken else whole.value((division, item)),
            enterprise_count=0
            if (division, item) in taken
            else len(whole.contributions[division, item]),
        )
        for division in (*whole.rows, SUM)
        for item in (*whole.columns, SUM)
        if (division, item) in whole.contributions
    )


def _parts(member: Member, inventory: ZoneInventory) -> dict[str, int]:
    """Return what a member emits and what it takes in, grams of CO2 equivalent."""
    if member.inventory is None:
        return {}
    inside, method = inside_of(inventory.members), member.inventory.method
    direct, imported = 0, beyond_of(member, inside)
    for line in member.lines:
        grams = method.items[line.binding.item_id].sign * line.booked.under(method.gwp_set)
        if is_direct(line):
            direct += grams
        elif is_import(line, passage_of(member, line, inside)):
            imported += grams
    return {DIRECT: direct, IMPORTED: imported}
