"""Claims of green power: matched with bought grid electricity in order, and never beyond it.

Each claim is booked as a deduction of its own, for the whole of its quantity, so that a later
purchase changes no line of it. What is claimed beyond the year's consumption is given back in an
item of its own, and named.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from services.accounting.domain.activity import ELECTRICITY, INSTRUMENTS, Kind
from services.accounting.domain.binding import formula_of
from services.accounting.domain.emission import Booked, compute
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method
from services.kernel import units
from services.kernel.errors import Words

BEYOND: Final = "claims_beyond_consumption"
"""The item of a method that gives back what was claimed beyond consumption."""

MWH: Final = "MWh"


def beyond(lines: Sequence[Line], method: Method) -> dict[tuple[str, str], Booked]:
    """Return what is given back for claims beyond consumption; nothing where there are none.

    Rounded once for each line that is not matched in full.
    """
    if BEYOND not in method.items:
        return {}
    booked = Booked()
    for line, excess_mwh in _unmatched(lines):
        formula = formula_of(
            method, line.binding, method.term_of(line.source, line.binding.item_id)
        )
        excess = excess_mwh * units.conversion(MWH, line.activity_unit)
        booked += compute(formula, excess, line.binding, method.rounding).booked
    return {(BEYOND, ""): booked} if booked != Booked() else {}


def told(lines: Sequence[Line], method: Method) -> Iterator[tuple[str, Words]]:
    """Yield the source and the words for each kind of claim that found no consumption."""
    if BEYOND not in method.items:
        return
    by_source: defaultdict[str, Fraction] = defaultdict(Fraction)
    for line, excess_mwh in _unmatched(lines):
        by_source[line.source.source_id] += excess_mwh
    for source_id, excess_mwh in sorted(by_source.items()):
        amount = units.written(excess_mwh)
        yield (
            source_id,
            Words(
                en=f"{source_id}: {amount} MWh are claimed beyond the electricity that was bought "
                "from the grid in the year, and deduct nothing. Check the claims.",
                zh=f"{source_id}：声明的绿色电力超出全年自电网购入电量 {amount} MWh，"
                "超出部分不予扣除。请核对声明。",
            ),
        )


def unmatched(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the claims of `lines` that no bought electricity stands against, whole or in part."""
    return tuple(line for line, _ in _unmatched(lines))


def unmatched_mwh(lines: Sequence[Line], method: Method) -> dict[str, Fraction]:
    """Return what of each claim no bought electricity stands against, by line id, in MWh.

    Nothing of a method that gives nothing back.
    """
    if BEYOND not in method.items:
        return {}
    return {line.line_id: excess_mwh for line, excess_mwh in _unmatched(lines)}


def _unmatched(lines: Sequence[Line]) -> Iterator[tuple[Line, Fraction]]:
    """Yield the claims that consumption does not cover, each with its MWh; the last in order."""
    claims = sorted(
        (line for line in lines if line.source.kind is Kind.GREEN_POWER_CLAIMED),
        key=lambda line: (INSTRUMENTS.index(line.source.subject), line.month, line.line_id),
    )
    if not claims:
        return
    market = [line for line in lines if line.source.kind is Kind.ELECTRICITY_PURCHASED]
    bought: dict[object, Fraction] = {
        line.grain: _mwh(line) for line in market if line.source.subject == ELECTRICITY
    }
    remaining = sum(bought.values(), Fraction(0))
    for line in claims:
        claimed = _mwh(line)
        matched = min(claimed, remaining)
        remaining -= matched
        if claimed > matched:
            yield line, claimed - matched


def _mwh(line: Line) -> Fraction:
    return line.activity * units.conversion(line.activity_unit, MWH)
