"""What an instrument says of itself, by its kind."""

from __future__ import annotations

import pytest

from services.kernel.errors import FieldInvalid
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.instrument import Instrument, checked

ALLOWANCE, OFFSET, CASH = InstrumentKind


@pytest.mark.parametrize(
    ("kind", "vintage_year", "project", "wrong"),
    [
        (ALLOWANCE, 2013, "", ""),
        (ALLOWANCE, 2012, "", "vintage_year"),
        (ALLOWANCE, 2024, "CCER-01-001", "project"),
        (OFFSET, 2013, "CCER-01-001", ""),
        (OFFSET, 2012, "CCER-01-001", "vintage_year"),
        (OFFSET, 2024, "", "project"),
        (CASH, 0, "", ""),
        (CASH, 2024, "", "vintage_year"),
        (CASH, 0, "CCER-01-001", "project"),
    ],
)
def test_each_kind_says_what_it_needs_and_nothing_else(
    kind: InstrumentKind, vintage_year: int, project: str, wrong: str
) -> None:
    given = Instrument(instrument="it", kind=kind, vintage_year=vintage_year, project=project)
    if not wrong:
        assert checked(given) == given
        return
    with pytest.raises(FieldInvalid) as refused:
        checked(given)
    assert refused.value.field == f"instrument.{wrong}"
