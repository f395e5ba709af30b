"""Files by which activity was reported: the originals, and which of their rows became records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from services.accounting.domain.activity import Record
from services.accounting.domain.form.report_file import Format, ReportFile
from services.accounting.store.records import order_index
from services.accounting.store.tables import metadata
from services.kernel.encoding import Encoding
from services.runtime.stored import Stored


class ReportFileColumns(Stored):
    """One row a file of which rows were stored."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    report_file: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    file_name: sa.Named[str] = sa.Column(sa.Text)
    format: sa.Named[str] = sa.Column(sa.Text)
    text_encoding: sa.Named[str | None] = sa.Column(sa.Text)
    """None for a workbook."""
    sha256: sa.Named[str] = sa.Column(sa.Text)
    file_size: sa.Named[int] = sa.Column(sa.BigInteger)
    """Bytes."""
    sheet: sa.Named[str] = sa.Column(sa.Text)
    template_version: sa.Named[int] = sa.Column(sa.Integer)
    row_count: sa.Named[int] = sa.Column(sa.Integer)
    row_numbers: sa.Named[list[int]] = sa.Column(sa.JSON)
    """Of the rows that became records, in the order of the records of the revision."""
    reporter: sa.Named[str] = sa.Column(sa.Text)
    request_id: sa.Named[str] = sa.Column(sa.Text)
    content: sa.Named[bytes] = sa.Column(sa.LargeBinary)
    """The original."""


report_files = sa.Table(
    "report_files",
    metadata,
    ReportFileColumns,
    # The same bytes have one effect; the database keeps watch too.
    sa.UniqueConstraint("enterprise", "sha256"),
    sa.Index("report_files_in_order", "enterprise", "revision"),
)
_DESCRIPTION = [each for each in report_files.c if each is not report_files.c.content]


def add(connection: sa.Connection, file: ReportFile, content: bytes) -> None:
    """Insert a file."""
    connection.execute(
        sa.insert(report_files).values(
            enterprise=file.enterprise,
            report_file=file.file_id,
            file_name=file.file_name,
            format=file.format.value,
            text_encoding=file.encoding.value if file.encoding else None,
            sha256=file.sha256,
            file_size=file.size,
            sheet=file.sheet,
            template_version=file.template_version,
            row_count=file.row_count,
            row_numbers=list(file.row_numbers),
            reporter=file.reporter,
            request_id=file.request_id,
            content=content,
            create_time=file.create_time,
            revision=file.revision,
        )
    )


def find(connection: sa.Connection, enterprise: str, report_file: str) -> ReportFile | None:
    """Return a file of the enterprise; None where there is none."""
    return next(
        iter(_select(connection, enterprise, report_files.c.report_file == report_file)), None
    )


def of_digest(connection: sa.Connection, enterprise: str, sha256: str) -> ReportFile | None:
    """Return the file of the enterprise with those bytes; None where there is none."""
    return next(iter(_select(connection, enterprise, report_files.c.sha256 == sha256)), None)


def page(connection: sa.Connection, enterprise: str, *, after: int, size: int) -> list[ReportFile]:
    """Return files in the order they were stored, those of revisions after one."""
    return _select(connection, enterprise, report_files.c.revision > after, limit=size)


def content(connection: sa.Connection, file: ReportFile) -> bytes:
    """Return the original."""
    c = report_files.c
    return connection.execute(
        sa.select(c.content).where(c.enterprise == file.enterprise, c.report_file == file.file_id)
    ).scalar_one()


def with_rows(
    connection: sa.Connection, enterprise: str, records: Sequence[Record]
) -> list[Record]:
    """Return records with the rows of files they were reported by."""
    if not records:
        return []
    revisions = {each.revision for each in records}
    c = report_files.c
    within = sa.and_(c.revision >= min(revisions), c.revision <= max(revisions))
    files = {file.revision: file for file in _select(connection, enterprise, within)}
    return [
        replace(each, file_row=files[each.revision].row(order_index(each)))
        if each.revision in files
        else each
        for each in records
    ]


def _select(
    connection: sa.Connection,
    enterprise: str,
    which: sa.ColumnElement[bool],
    limit: int | None = None,
) -> list[ReportFile]:
    c = report_files.c
    rows = connection.execute(
        sa.select(*_DESCRIPTION)
        .where(c.enterprise == enterprise, which)
        .order_by(c.revision)
        .limit(limit)
    ).mappings()
    return [
        ReportFile(
            enterprise=row["enterprise"],
            file_name=row["file_name"],
            format=Format(row["format"]),
            encoding=Encoding(row["text_encoding"]) if row["text_encoding"] else None,
            sha256=row["sha256"],
            size=row["file_size"],
            sheet=row["sheet"],
            template_version=row["template_version"],
            row_count=row["row_count"],
            row_numbers=tuple(row["row_numbers"]),
            reporter=row["reporter"],
            request_id=row["request_id"],
            revision=row["revision"],
            create_time=row["create_time"],
        )
        for row in rows
    ]
