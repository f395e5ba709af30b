"""Transfers ⇄ rows of plain values: the same for both databases, without what an ORM would cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from services.trading.domain.ledger.chart import Kind, Purpose
from services.trading.domain.ledger.transfer import Phase, Transfer, microseconds, moment
from services.trading.store.ledger.tables import transfers

COLUMNS: Final = tuple(column.name for column in transfers.c)
_PHASE, _KIND, _DEBIT, _CREDIT = (
    COLUMNS.index(name) for name in ("phase", "kind", "debit", "credit")
)
_TRADE_DATE, _SETTLEMENT_DATE, _TIMEOUT_TIME, _RECORD_TIME = (
    COLUMNS.index(name) for name in ("trade_date", "settlement_date", "timeout_time", "record_time")
)
# Many transfers have the same.
_iso = lru_cache(date.isoformat)
_KINDS: Final = {kind.name: kind for kind in Kind}
_PHASES: Final = {phase.value: phase for phase in Phase}
_PURPOSES: Final = {purpose.value: purpose for purpose in Purpose}


def to_values(each: Transfer) -> list[Any]:
    """Return the columns of a transfer, in the order of `COLUMNS`, as SQLite stores them.

    Dates are text, moments are microseconds since 1970.
    """
    values: list[Any] = [*each]
    # Of all that is text, its driver takes only what is no more than that for such.
    values[_PHASE] = str(each.phase)
    values[_KIND] = each.kind.name
    values[_DEBIT] = str(each.debit)
    values[_CREDIT] = str(each.credit)
    values[_TRADE_DATE] = _iso(each.trade_date)
    values[_SETTLEMENT_DATE] = _iso(each.settlement_date)
    values[_TIMEOUT_TIME] = microseconds(each.timeout_time)
    values[_RECORD_TIME] = microseconds(each.record_time)
    return values


def from_values(row: Sequence[Any]) -> Transfer:
    """Return the transfer of a row as `to_values` makes it, or as a driver gives it.

    Bytes may be hexadecimal digits, dates and moments what Python has for them.

    Raises:
        KeyError, ValueError, TypeError: something in it is none of its kind.
    """
    record_time = _moment(row[18])
    assert record_time is not None, "the column takes no null"
    return Transfer(
        book=row[0],
        number=row[1],
        transfer=row[2],
        phase=_PHASES[row[3]],
        kind=_KINDS[row[4]],
        instrument=row[5],
        debit=_PURPOSES[row[6]],
        credit=_PURPOSES[row[7]],
        unit_count=row[8],
        reserved_count=row[9],
        released_count=row[10],
        target_number=row[11],
        link=row[12],
        trade_date=_date(row[13]),
        settlement_date=_date(row[14]),
        timeout_time=_moment(row[15]),
        evidence=row[16],
        principal=row[17],
        record_time=record_time,
        digest=_bytes(row[19]),
        debit_version=row[20],
        debit_balance=row[21],
        debit_reserved=row[22],
        credit_version=row[23],
        credit_balance=row[24],
        credit_reserved=row[25],
        hash=_bytes(row[26]),
    )


def from_row(row: Sequence[Any]) -> Transfer:
    """Return the transfer of a row that begins with the columns as the table has them."""
    values = dict(zip(COLUMNS, row, strict=False))
    values["phase"] = _PHASES[values["phase"]]
    values["kind"] = _KINDS[values["kind"]]
    values["debit"] = _PURPOSES[values["debit"]]
    values["credit"] = _PURPOSES[values["credit"]]
    return Transfer(**values)


def _moment(value: int | datetime | None) -> datetime | None:
    return value if isinstance(value, datetime) else moment(value)


def _date(value: str | date) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _bytes(value: str | bytes) -> bytes:
    return bytes.fromhex(value) if isinstance(value, str) else bytes(value)
