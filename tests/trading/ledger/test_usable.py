"""Which allowances count for a year."""

from __future__ import annotations

from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.ledger.usable import Holdings, vintages


def instrument(id_: str, kind: InstrumentKind, vintage_year: int) -> Instrument:
    return Instrument(instrument=id_, kind=kind, vintage_year=vintage_year, project="")


THERE = [
    *(instrument(f"cea-{year}", InstrumentKind.ALLOWANCE, year) for year in range(2021, 2026)),
    instrument("ccer-1", InstrumentKind.OFFSET, 2022),
    instrument("cny", InstrumentKind.CASH, 0),
]


def test_vintages_are_allowances_from_the_first_year_to_the_last() -> None:
    assert vintages(THERE, first=2022, last=2024) == {"cea-2022", "cea-2023", "cea-2024"}
    assert vintages(THERE, last=2021) == {"cea-2021"}
    assert vintages([instrument("cea-1", InstrumentKind.ALLOWANCE, 0)], last=2024) == {"cea-1"}


def test_nothing_is_banked_unless_it_is_said() -> None:
    assert Holdings(held_count=5, issued_count=5, opened=True).banked_count == 0
