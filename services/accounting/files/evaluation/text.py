"""An evaluation as CSV: one row a fact that an indicator's figure is made of."""

from __future__ import annotations

import csv as comma
import io
from collections.abc import Iterator

from services.accounting.files.evaluation.content import Content, Row

_HEADS = (
    *("indicator", "indicators", "part", "value", "unit", "requirement", "verdict", "score"),
    *("status", "formula", "input", "year", "amount", "unit", "fact", "version", "needs"),
)


def csv(told: Content) -> bytes:
    """Return the rows, UTF-8 with byte order mark so that spreadsheets read the Chinese."""
    lines = io.StringIO()
    writer = comma.writer(lines, lineterminator="\r\n")
    writer.writerow([told.label(key) for key in _HEADS])
    for row in told.rows:
        writer.writerows(_lines(row))
    return lines.getvalue().encode("utf-8-sig")


def _lines(row: Row) -> Iterator[list[str]]:
    head = [row.indicator_id, row.name, row.part, row.value, row.unit, row.requirement]
    head += [row.verdict, row.score, row.status, row.formula]
    for each in row.derived:
        made_of = [each.input, str(each.year), each.amount, each.unit, each.fact, str(each.version)]
        yield [*head, *made_of, row.note]
    if not row.derived:
        yield [*head, "", "", "", "", "", "", row.note]
