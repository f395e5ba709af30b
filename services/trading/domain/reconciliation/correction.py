"""What would put a break right: reversals of our transfers, and transfers as the statement says.

A correction is proposed by one principal and decided on by another. Where the statement is what is
wrong, or does not say what kind of transfer it means, there is none: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.kernel.errors import BreakUncorrectable, Words
from services.kernel.names import Pattern
from services.trading.domain.desk.actor import Actor
from services.trading.domain.ledger.chart import Kind
from services.trading.domain.ledger.transfer import Phase, Wanted
from services.trading.domain.reconciliation.difference import Break, BreakKind
from services.trading.domain.reconciliation.line import Line, sign_of
from services.trading.domain.versioned import Versioned

STATEMENT: Final = Pattern("statements/{statement}")
BREAK: Final = Pattern("statements/{statement}/breaks/{break}")
CORRECTION: Final = Pattern("statements/{statement}/corrections/{correction}")

_NOTHING_OF_OURS: Final = Words(
    en="the ledger is not what is wrong; have the statement put right",
    zh="账簿无误，请更正对账单",
)
_SAME: Final = Words(
    en="both sides come to the same; nothing is to be posted", zh="双方结果一致，无需入账"
)
_NO_KIND: Final = Words(
    en="the statement does not say what kind of transfer the line is; post it by hand",
    zh="对账单未注明业务类型，请人工入账",
)
_BALANCES: Final = Words(
    en="a statement of holdings says no transfer; reconcile one of transfers",
    zh="持有对账单不含划转明细，请核对划转对账单",
)
_BY_REVERSAL: Final = frozenset(
    {
        BreakKind.WRONG_QUANTITY,
        BreakKind.WRONG_VINTAGE,
        BreakKind.WRONG_ACCOUNT,
        BreakKind.SIGN,
        BreakKind.LATE,
        BreakKind.UNIT,
        BreakKind.PARTIAL_SETTLEMENT,
    }
)


class Verdict(StrEnum):
    """What was decided on a correction; the contract says it in words."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Transfers that somebody proposes to put a break right."""

    statement: str
    correction: str
    break_id: str
    wanted: tuple[Wanted, ...]
    evidence: str
    maker: Actor
    """Who proposes it."""

    @property
    def name(self) -> str:
        """The resource name."""
        return CORRECTION.format(statement=self.statement, correction=self.correction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided on a correction."""

    verdict: Verdict
    checker: str
    reason: str
    decide_time: datetime


Decided = tuple[Versioned[Correction], "Decision | None"]
"""A correction and what was decided on it."""


def proposed(found: Break, *, prefix: str, evidence: str) -> tuple[Wanted, ...]:
    """Return the transfers that would put a break right, settled on the days that they are about.

    Args:
        found: the break.
        prefix: how the ids of the transfers begin; the same again makes the same ids.
        evidence: what proves that the statement is right.

    Raises:
        BreakUncorrectable: no transfer of ours would.
    """
    makes = _Makes(prefix=prefix, evidence=evidence)
    if any(not each.kind and each.id.startswith(HOLDING) for each in found.ours):
        raise _none(found, _BALANCES)
    if found.kind is BreakKind.SPLIT_OR_MERGED:
        raise _none(found, _SAME)
    if found.kind is BreakKind.DUPLICATE and found.theirs:
        raise _none(found, _NOTHING_OF_OURS)
    if found.kind in {BreakKind.MISSING, BreakKind.DUPLICATE}:
        return makes.reversals(found.ours)
    if found.kind is BreakKind.EXTRA:
        return makes.transfers(found, found.theirs)
    if found.kind is BreakKind.REVERSED:
        return _of_reversed(found, makes)
    assert found.kind in _BY_REVERSAL, "the kinds are counted"
    return (*makes.reversals(found.ours), *makes.transfers(found, found.theirs))


HOLDING: Final = "holding-"
"""How the ids of lines begin that stand for balances."""


def check_decider(correction: Correction, checker: Actor) -> None:
    """Raise FourEyes or SamePerson where who proposed a correction would decide on it."""
    checker.check_other(correction.maker, correction.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Makes:
    prefix: str
    evidence: str

    def reversals(self, lines: Sequence[Line]) -> tuple[Wanted, ...]:
        return tuple(
            Wanted(
                book=line.book,
                transfer=f"{self.prefix}-back-{index}",
                phase=Phase.REVERSAL,
                target=line.id,
                trade_date=line.day,
                settlement_date=line.day,
                evidence=self.evidence,
            )
            for index, line in enumerate(lines, 1)
        )

    def transfers(self, found: Break, lines: Sequence[Line]) -> tuple[Wanted, ...]:
        return tuple(
            Wanted(
                book=line.book,
                transfer=f"{self.prefix}-to-{index}",
                phase=Phase.POSTED,
                kind=_kind(found, line),
                instrument=line.instrument,
                unit_count=abs(line.unit_count),
                trade_date=line.day,
                settlement_date=line.day,
                evidence=self.evidence,
            )
            for index, line in enumerate(lines, 1)
        )


def _of_reversed(found: Break, makes: _Makes) -> tuple[Wanted, ...]:
    if found.theirs:
        return makes.reversals(found.ours)
    # What we took back they still have: it is posted again, as it was.
    return makes.transfers(found, found.ours[:1])


def _kind(found: Break, line: Line) -> Kind:
    """Return the kind that the line says, else that of our transfer; it must move the same way."""
    for name in (line.kind, *(each.kind for each in found.ours)):
        if name and (sign_of(Kind[name]) > 0) is (line.unit_count > 0):
            return Kind[name]
    raise _none(found, _NO_KIND)


def _none(found: Break, problem: Words) -> BreakUncorrectable:
    return BreakUncorrectable(name=found.id, kind=found.kind.words, problem=problem)
