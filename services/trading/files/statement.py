"""A statement of the ledger → CSV."""

from __future__ import annotations

import csv
import io
from typing import Final

from services.trading.domain.ledger.statement import Line, Statement

_HEADING: Final = (
    "settlement_date",
    "instrument",
    "purpose",
    "line",
    "transfer",
    "kind",
    "phase",
    "trade_date",
    "change_count",
    "balance_count",
    "evidence",
)


def statement_csv(statement: Statement) -> bytes:
    """Return the file of a statement: a heading, then a line each; UTF-8 with a byte order mark.

    Units are tonnes, of cash fen. Balances follow the order of settlement.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADING)
    opened = None
    for line in statement.lines():
        writer.writerow(_cells(line, opening=line.key != opened))
        opened = line.key
    # Without the mark, spreadsheets take Chinese for something else.
    return text.getvalue().encode("utf-8-sig")


def _cells(line: Line, *, opening: bool) -> list[object]:
    _, instrument, purpose = line.key
    transfer = line.transfer
    if transfer is None:
        bare = "opening" if opening else "closing"
        blank = [""] * 5
        return [line.day, instrument, purpose.value, bare, *blank, line.balance_count, ""]
    return [
        line.day,
        instrument,
        purpose.value,
        "entry",
        transfer.transfer,
        transfer.kind.name,
        transfer.phase.value,
        transfer.trade_date,
        line.change_count,
        line.balance_count,
        transfer.evidence,
    ]
