"""For which years an account has still to surrender, and what of it counts for each.

A year is open until its deadline, unless all of a verified obligation is delivered; after it, as
long as something lacks of what is known to be owed. Which vintages count after the deadline, the
rule on arrears says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.trading.domain.account import Account
from services.trading.domain.compliance import Compliance
from services.trading.domain.obligation import Basis
from services.trading.domain.plan import Vintages
from services.trading.domain.rulebook import Shelf
from services.trading.domain.surrender import Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A year of an account, as far as it is known."""

    compliance_year: int
    deadline: date | None
    vintages: Vintages
    """What counts until the deadline."""
    late_vintages: Vintages
    """What counts after it."""
    settled: Settled | None
    """What is owed and delivered; None where no obligation is known."""

    def is_open(self, on: date) -> bool:
        """Tell whether anything may be delivered for it on a day."""
        if self.settled is None:
            return not self._is_over(on)
        return self.lacking_count(on) != 0

    def lacking_count(self, on: date) -> int | None:
        """Return what it lacks at the most, tonnes; None where that may still become more."""
        if self.settled is None:
            return None
        is_final = self.settled.owed.basis is Basis.VERIFIED or self._is_over(on)
        return self.settled.missing_count if is_final else None

    def vintages_on(self, on: date) -> Vintages:
        """Return what counts on a day."""
        return self.late_vintages if self._is_over(on) else self.vintages

    def _is_over(self, on: date) -> bool:
        return self.deadline is not None and on > self.deadline


def dues(
    account: Account, shelf: Shelf, compliance: Compliance, settled: Iterable[Settled]
) -> list[Due]:
    """Return the years of an account that have rules, the oldest first."""
    known = {each.owed.compliance_year: each for each in settled}
    arrears, found = compliance.arrears, []
    for year in sorted(shelf.years(account.sector)):
        rulebook = shelf.get(account.sector, year)
        if account.takes_part(year):
            found.append(
                Due(
                    compliance_year=year,
                    deadline=rulebook.surrender_date,
                    vintages=rulebook.vintages,
                    late_vintages=arrears.vintages if arrears.covers(year) else rulebook.vintages,
                    settled=known.get(year),
                )
            )
    return found


def of_allowances(of: Iterable[Due], on: date, *, before_count: int, count: int) -> list[Due]:
    """Return the years that some tonnes count for when as many were delivered before them.

    The oldest that is open comes first, as `surrender.settle` counts: each takes what it lacks, and
    one that may still become more takes all. What is left over is the last one's.
    """
    found: list[Due] = []
    years = [each for each in of if each.is_open(on)]
    skipped, left = before_count, count
    for each in years:
        lacking = each.lacking_count(on)
        if lacking is None:
            return [*found, each]
        free = max(lacking - skipped, 0)
        skipped = max(skipped - lacking, 0)
        if free:
            found.append(each)
            left -= free
        if left <= 0:
            return found
    return [*found, *(each for each in years[-1:] if each not in found)]


def of_offsets(of: Sequence[Due], on: date) -> Due | None:
    """Return the year that offsets of a day count for: whose deadline is the next; or None."""
    ahead = [each for each in of if each.deadline is not None and each.deadline >= on]
    return min(ahead, key=lambda each: (each.deadline, each.compliance_year), default=None)
