"""An evaluation as a file: what is told of it, and as CSV, workbook or page.

content    what stands in every file, in one language
text       as CSV
workbook   as a workbook
page       as a PDF, set by typst
"""

from __future__ import annotations

from services.accounting.files.evaluation.content import Content, content
from services.accounting.files.evaluation.page import pdf
from services.accounting.files.evaluation.text import csv
from services.accounting.files.evaluation.workbook import xlsx

__all__ = ["Content", "content", "csv", "pdf", "xlsx"]
