"""Reports as files: CSV and XLSX ⇄ sheets of cells; the template, and the annotated workbook."""

from __future__ import annotations

from services.accounting.files.report.annotation import annotated
from services.accounting.files.report.original import MOST_BYTES, Original, opened
from services.accounting.files.report.package import MOST_UNPACKED_BYTES, UNPACKED_LIMIT
from services.accounting.files.report.template import csv_template, xlsx_template

__all__ = [
    "MOST_BYTES",
    "MOST_UNPACKED_BYTES",
    "UNPACKED_LIMIT",
    "Original",
    "annotated",
    "csv_template",
    "opened",
    "xlsx_template",
]
