"""What the national registration system states an account to hold: what the ledger is held against.

A statement is kept for ever. Of one vintage and origin the latest day counts, and of several
statements for that day the one that became known last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.trading.domain.versioned import Versioned


class Origin(StrEnum):
    """How an allowance came to its holder; the contract says it in words."""

    FREE = "FREE"
    BOUGHT = "BOUGHT"
    CARRIED_OVER = "CARRIED_OVER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A statement: so many allowances of one vintage and origin on a day."""

    vintage_year: int
    origin: Origin
    allowance_count: int
    statement_date: date
    evidence: str

    @property
    def id(self) -> str:
        """What it states anew: vintage and origin."""
        return f"{self.origin.lower().replace('_', '-')}-{self.vintage_year}"


Statement = Versioned[Holding]


def stated(statements: Iterable[Statement], by: date) -> list[Statement]:
    """Return what was stated last on or before a day, by vintage and origin."""
    last: dict[tuple[int, Origin], Statement] = {}
    for each in sorted(_on_or_before(statements, by), key=_order):
        last[each.value.vintage_year, each.value.origin] = each
    return [last[key] for key in sorted(last, key=lambda key: (key[0], [*Origin].index(key[1])))]


def _on_or_before(statements: Iterable[Statement], by: date) -> list[Statement]:
    return [each for each in statements if each.value.statement_date <= by]


def _order(statement: Statement) -> tuple[date, int]:
    return statement.value.statement_date, statement.version
