"""The national carbon market: its sectors, and the products that its vintages are traded as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.kernel.errors import Words

ALL_VINTAGES: Final = "CEA"
"""All vintages together, as monthly overviews print them.

Where nobody published a price of a vintage by itself, that of all vintages together stands in; a
price names its product, so the reader sees it.
"""


class Sector(StrEnum):
    """A sector of the market; the contract says it in words."""

    POWER = "POWER"
    STEEL = "STEEL"
    CEMENT = "CEMENT"
    ALUMINIUM = "ALUMINIUM"

    @property
    def words(self) -> Words:
        """What people call it."""
        return _WORDS[self]


_WORDS: Final = {
    Sector.POWER: Words(en="power", zh="发电"),
    Sector.STEEL: Words(en="steel", zh="钢铁"),
    Sector.CEMENT: Words(en="cement", zh="水泥"),
    Sector.ALUMINIUM: Words(en="aluminium", zh="铝冶炼"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Who is in since when, and what a vintage is called at the exchange."""

    first_compliance_years: Mapping[Sector, int]
    products: Mapping[int, str]
    """The product of each vintage that has one of its own."""

    def products_of(self, vintage_year: int) -> tuple[str, ...]:
        """Return the products that can value a vintage, the better one first."""
        own = self.products.get(vintage_year)
        return (ALL_VINTAGES,) if own is None else (own, ALL_VINTAGES)
