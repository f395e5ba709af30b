"""What is stored of the sources and months that a report speaks of: it is judged against them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import sqlalchemy as sa

from services.accounting.domain.activity import Kind
from services.accounting.domain.line import Entry, Grain
from services.accounting.domain.report import Books, Stored
from services.accounting.domain.row import Row
from services.accounting.store import corrections, curve_months, sources
from services.accounting.store.records import id_of, name_of, records
from services.kernel import names
from services.kernel.period import Period
from services.kernel.quantity import Quantity


def of(
    connection: sa.Connection,
    enterprise: str,
    rows: Sequence[Row],
    whole_years: Collection[int] = (),
) -> Books:
    """Return what is stored of what `rows` speak of.

    Their sources and months, and all that there are in `whole_years`; the records they correct, the
    certificates they claim, and the fuels of their months.
    """
    grains = {row.grain for row in rows if row.grain is not None}
    found = Books()
    for grain, entry in _entries(connection, enterprise, grains):
        found.current[grain].append(entry)
    for year in whole_years:
        for grain, entry in _entries_of_year(connection, enterprise, year):
            if grain not in grains:
                found.current[grain].append(entry)
    spoken_of = {row.source_id for row in rows} | {grain.source_id for grain in found.current}
    found.sources.update(sources.get(connection, enterprise, spoken_of))
    found.stored.update(_corrected(connection, enterprise, rows))
    claimed = {row.certificate for row in rows if row.certificate}
    found.certificates.update(_claimed(connection, enterprise, claimed))
    for key, entry in _fuels(connection, enterprise, rows):
        found.fuels.setdefault(key, []).append(entry)
    return found


def _entries(
    connection: sa.Connection, enterprise: str, grains: Collection[Grain]
) -> Iterator[tuple[Grain, Entry]]:
    if not grains:
        return
    c = records.c
    for row in connection.execute(
        sa.select(*_OF_ENTRY)
        .select_from(_WITH_MONTHS)
        .where(
            c.enterprise == enterprise,
            c.source_id.in_(sorted({grain.source_id for grain in grains})),
            c.start_date >= min(grain.month.start for grain in grains),
            c.start_date < max(grain.month.end for grain in grains),
            corrections.is_current(records),
        )
    ).mappings():
        entry = _entry(enterprise, row)
        grain = Grain(source_id=row["source_id"], month=entry.period.one_month())
        if grain in grains:
            yield grain, entry


def _entries_of_year(
    connection: sa.Connection, enterprise: str, year: int
) -> Iterator[tuple[Grain, Entry]]:
    c, whole = records.c, Period.year(year)
    for row in connection.execute(
        sa.select(*_OF_ENTRY)
        .select_from(_WITH_MONTHS)
        .where(
            c.enterprise == enterprise,
            c.start_date >= whole.start,
            c.start_date < whole.end,
            corrections.is_current(records),
        )
    ).mappings():
        entry = _entry(enterprise, row)
        yield Grain(source_id=row["source_id"], month=entry.period.one_month()), entry


_WITH_MONTHS = records.outerjoin(curve_months.curve_months, curve_months.of(records))
_OF_ENTRY = (
    records.c.record,
    records.c.source_id,
    records.c.value,
    records.c.unit_code,
    records.c.start_date,
    records.c.end_date,
    records.c.facility,
    *curve_months.DESCRIPTION,
)


def _entry(enterprise: str, row: sa.RowMapping) -> Entry:
    return Entry(
        name=name_of(enterprise, row["record"]),
        period=Period(start=row["start_date"], end=row["end_date"]),
        quantity=Quantity.parse(row["value"], row["unit_code"]),
        facility=row["facility"],
        curve_month=curve_months.read(row),
    )


def _claimed(
    connection: sa.Connection, enterprise: str, certificates: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the certificates that a record which counts has claimed, and that record if it is own.

    Of every enterprise: a certificate is retired once across all of them, and a foreign claim is
    told without saying whose.
    """
    if not certificates:
        return
    c = records.c
    rows = connection.execute(
        sa.select(c.certificate, c.enterprise, c.record).where(
            c.certificate.in_(sorted(certificates)), corrections.is_current(records)
        )
    )
    for certificate, whose, record in rows:
        if certificate is not None:
            yield certificate, name_of(enterprise, record) if whose == enterprise else ""


def _fuels(
    connection: sa.Connection, enterprise: str, rows: Sequence[Row]
) -> Iterator[tuple[tuple[str, Period], Entry]]:
    """Yield the current records of the fuels and months that `rows` speak of."""
    wanted = {
        (row.subject, row.grain.month)
        for row in rows
        if row.kind is not None and row.kind.is_fuel and row.grain is not None
    }
    if not wanted:
        return
    c = records.c
    fuels = [kind.value for kind in Kind if kind.is_fuel]
    for row in connection.execute(
        sa.select(*_OF_ENTRY, sources.sources.c.subject)
        .select_from(_WITH_MONTHS)
        .join(sources.sources, sources.of(records))
        .where(
            c.enterprise == enterprise,
            sources.sources.c.kind.in_(fuels),
            sources.sources.c.subject.in_(sorted({subject for subject, _ in wanted})),
            c.start_date >= min(month.start for _, month in wanted),
            c.start_date < max(month.end for _, month in wanted),
            corrections.is_current(records),
        )
    ).mappings():
        entry = _entry(enterprise, row)
        key = (row["subject"], entry.period.one_month())
        if key in wanted:
            yield key, entry


def _corrected(
    connection: sa.Connection, enterprise: str, rows: Sequence[Row]
) -> Iterator[tuple[str, Stored]]:
    """Yield the records that `rows` correct.

    Where all is well each is of its row's month: those are looked at first, and all others only for
    what is not found there.
    """
    wanted = {id_of(row.corrects) for row in rows if names.ACTIVITY_RECORD.matches(row.corrects)}
    months = {row.grain.month for row in rows if row.corrects and row.grain is not None}
    if months:
        c = records.c
        found = _stored(
            connection,
            enterprise,
            wanted,
            c.start_date >= min(month.start for month in months),
            c.start_date < max(month.end for month in months),
        )
        yield from found.items()
        wanted -= {id_of(name) for name in found}
    yield from _stored(connection, enterprise, wanted).items()


def _stored(
    connection: sa.Connection,
    enterprise: str,
    wanted: Collection[str],
    *where: sa.ColumnElement[bool],
) -> dict[str, Stored]:
    """Return the records of these ids, by name."""
    if not wanted:
        return {}
    c = records.c
    rows = connection.execute(
        sa.select(c.record, c.source_id, c.start_date, c.end_date, corrections.corrections.c.record)
        .outerjoin(corrections.corrections, corrections.of(records))
        .where(c.enterprise == enterprise, c.record.in_(sorted(wanted)), *where)
    )
    return {
        name_of(enterprise, record): Stored(
            grain=Grain(source_id=source_id, month=Period(start=start, end=end).one_month()),
            corrected_by=name_of(enterprise, corrected_by) if corrected_by else "",
        )
        for record, source_id, start, end, corrected_by in rows
    }
