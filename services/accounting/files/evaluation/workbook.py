"""An evaluation as a workbook: summary, indicators, derivations, what lacks, open points."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import xlsxwriter

from services.accounting.files.evaluation.content import Content

_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no zone; it is told nowhere
_WIDE: Final = 60
_NARROW: Final = 10


def xlsx(told: Content) -> bytes:
    """Return the workbook; the same bytes for the same evaluation. Figures are text, as exact."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": _MADE})
        _sheet(book, told.label("evaluation"), [], _summary(told))
        heads = ["indicator", "indicators", "part", "value", "unit", "requirement", "verdict"]
        heads += ["score", "status", "formula", "source", "needs"]
        _sheet(
            book,
            told.label("indicators"),
            [told.label(key) for key in heads],
            [
                [
                    *(row.indicator_id, row.name, row.part, row.value, row.unit),
                    *(row.requirement, row.verdict, row.score, row.status, row.formula),
                    *(row.source, row.note),
                ]
                for row in told.rows
            ],
        )
        made_of = ["indicator", "input", "year", "amount", "unit", "fact", "version"]
        _sheet(
            book,
            told.label("derivation"),
            [told.label(key) for key in made_of],
            [
                [
                    *(each.indicator_id, each.input, str(each.year), each.amount, each.unit),
                    *(each.fact, str(each.version)),
                ]
                for row in told.rows
                for each in row.derived
            ],
        )
        _sheet(book, told.label("needs"), [], [[text] for text in told.needs])
        _sheet(book, told.label("open_points"), [], [[text] for text in told.open_points])
    return file.getvalue()


def _summary(told: Content) -> list[list[str]]:
    rows = [[told.title], *([label, text] for label, text in told.facts)]
    rows += [[text] for text in (told.consequence, told.warning) if text]
    return rows


def _sheet(
    book: xlsxwriter.Workbook, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    sheet = book.add_worksheet(name[:31].replace("/", " "))
    bold = book.add_format({"bold": True})
    lines = [heads, *rows] if heads else rows
    for at, line in enumerate(lines):
        for column, text in enumerate(line):
            sheet.write_string(at, column, text, bold if heads and at == 0 else None)
    for column in range(max((len(line) for line in lines), default=0)):
        longest = max(len(line[column]) for line in lines if len(line) > column)
        sheet.set_column(column, column, min(max(longest + 2, _NARROW), _WIDE))
    if heads:
        sheet.freeze_panes(1, 1)
