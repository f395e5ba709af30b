"""Which of what an enterprise has counts for a compliance year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.trading.domain.ledger.chart import InstrumentKind, Purpose
from services.trading.domain.ledger.instrument import Instrument

USABLE: Final = frozenset({Purpose.HELD, Purpose.ORDERED, Purpose.SURRENDERED})
"""An order can be withdrawn until it is executed. What was delivered counts until the authority
closes the year and takes it. What is pledged or frozen is not at the enterprise's disposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What the ledger says for a year."""

    held_count: int
    """Usable for the year, tonnes."""
    issued_count: int
    """Issued of the year's vintage, tonnes."""
    opened: bool
    """Whether the book has any transfer, of whatever day."""
    banked_count: int = 0
    """Of the year's vintage, carried over from earlier ones, tonnes."""


def vintages(instruments: Iterable[Instrument], *, first: int = 0, last: int) -> set[str]:
    """Return the allowances of vintages from `first` to `last`, by their ids."""
    return {
        each.instrument
        for each in instruments
        if each.kind is InstrumentKind.ALLOWANCE and first <= each.vintage_year <= last
    }
