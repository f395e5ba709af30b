"""Books whose factors have bounds and whose sources have an uncertainty, as a test says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from services.accounting.domain.binding import BoundFactor
from services.accounting.domain.line import Line
from services.accounting.domain.method import Basis
from services.accounting.domain.quality import uncertainty
from services.accounting.domain.quality.uncertainty import Propagated, Question
from services.kernel.names import HOME_METHOD
from tests.accounting.ledgers import Ledger

Ends = Mapping[str, tuple[str, str]]
"""The lower and the upper end of an interval, by the subject of the factor."""


def bounded(lines: Iterable[Line], ends: Ends | str) -> list[Line]:
    """Return lines whose factors have the ends of their subject; or all of them ± so many percent.

    A factor of another subject has none.
    """
    return [
        replace(
            line,
            binding=replace(
                line.binding,
                factors=tuple(_bounded(each, ends) for each in line.binding.factors),
            ),
        )
        for line in lines
    ]


def _bounded(factor: BoundFactor, ends: Ends | str) -> BoundFactor:
    if isinstance(ends, str):
        share = Decimal(ends) / 100
        value = factor.quantity.value
        return replace(factor, lower=value * (1 - share), upper=value * (1 + share))
    if factor.subject not in ends:
        return factor
    lower, upper = ends[factor.subject]
    return replace(factor, lower=Decimal(lower), upper=Decimal(upper))


def asked(
    books: Ledger,
    percents: Mapping[str, str] | str,
    ends: Ends | str = "0",
    *,
    by: str = HOME_METHOD,
    basis: Basis | None = None,
) -> Question:
    """Return the question for a total; `percents` by source, or the same for every source."""
    lines = bounded(books.current(by), ends)
    sources = {line.source.source_id for line in lines}
    stated = dict.fromkeys(sources, percents) if isinstance(percents, str) else percents
    inventory = books.inventory(by)
    return uncertainty.question(
        inventory,
        lines,
        {source_id: Decimal(percent) for source_id, percent in stated.items()},
        basis=basis or inventory.method.basis,
    )


def percent(found: Propagated | None) -> float:
    """Return the relative half-width; there is one."""
    assert found is not None
    assert found.half_width_ratio is not None
    return found.half_width_ratio * 100


def effects_t(found: Propagated | None) -> dict[str, float]:
    """Return how far each cause moves the total, in tonnes; there is an answer."""
    assert found is not None
    return {each.cause.name: float(Fraction(each.effect_g) / 10**6) for each in found.contributions}
