"""A file by which activity was reported: what it is, and which of its rows became records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.accounting.domain.activity import FileRow
from services.kernel.encoding import Encoding
from services.kernel.names import REPORT_FILE


class Format(StrEnum):
    """What a file is written in."""

    CSV = "CSV"
    XLSX = "XLSX"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """A file of which rows were stored; its bytes are kept beside."""

    enterprise: str
    """The id."""
    file_name: str
    format: Format
    encoding: Encoding | None
    """None for a workbook."""
    sha256: str
    size: int
    """Bytes."""
    sheet: str
    """Empty for text."""
    template_version: int
    row_count: int
    row_numbers: tuple[int, ...]
    """Of the rows that became records, in the order of the records."""
    reporter: str
    request_id: str
    revision: int
    create_time: datetime

    @property
    def file_id(self) -> str:
        """Its id: a file takes a revision of its own, as the records it became."""
        return f"f{self.revision}"

    @property
    def name(self) -> str:
        """Its resource name."""
        return REPORT_FILE.format(enterprise=self.enterprise, report_file=self.file_id)

    def row(self, order_index: int) -> FileRow:
        """Return the row of the record that has that place among those of the revision."""
        return FileRow(
            report_file=self.name,
            file_name=self.file_name,
            sheet=self.sheet,
            row_number=self.row_numbers[order_index],
            sha256=self.sha256,
        )
