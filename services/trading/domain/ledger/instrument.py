"""What the ledger counts."""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.errors import FieldInvalid, Words
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.ledger.transfer import INSTRUMENT

_FIRST_VINTAGE = 2013


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One vintage of allowances, one vintage of one project's reductions, or cash."""

    instrument: str
    kind: InstrumentKind
    vintage_year: int
    """0 for cash."""
    project: str
    """The number of the project of reductions; empty for others."""

    @property
    def name(self) -> str:
        """The resource name."""
        return INSTRUMENT.format(instrument=self.instrument)


def checked(instrument: Instrument) -> Instrument:
    """Return `instrument` if it says what its kind needs, and nothing else.

    Raises:
        FieldInvalid: at `instrument.vintage_year` or `instrument.project`.
    """
    if instrument.kind is InstrumentKind.CASH:
        if instrument.vintage_year:
            raise _wrong(
                "vintage_year", str(instrument.vintage_year), "0: cash has none", "0（资金无年份）"
            )
    elif instrument.vintage_year < _FIRST_VINTAGE:
        raise _wrong(
            "vintage_year",
            str(instrument.vintage_year),
            f"the vintage, {_FIRST_VINTAGE} or later",
            f"{_FIRST_VINTAGE} 年及以后的年份",
        )
    if (instrument.kind is InstrumentKind.OFFSET) != bool(instrument.project):
        raise _wrong(
            "project",
            instrument.project,
            "the project of reductions; nothing for other kinds",
            "减排量须填项目编号；其他品种留空",
        )
    return instrument


def _wrong(field: str, given: str, en: str, zh: str) -> FieldInvalid:
    return FieldInvalid(field=f"instrument.{field}", given=given, allowed=Words(en=en, zh=zh))
