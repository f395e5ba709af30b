"""A row of a report: what it says, and the errors that can be seen in it alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from services.accounting.domain.activity import CurveMonth, EmissionSource, Kind
from services.accounting.domain.line import Entry, Grain
from services.accounting.domain.refusal import (
    PeriodNotOver,
    ReferenceNotFound,
    unproven,
    wrong_category,
    wrong_steam,
    wrong_subject,
)
from services.kernel import names
from services.kernel.errors import (
    AtField,
    DomainError,
    DuplicateRow,
    FieldInvalid,
    FieldRequired,
    NameInvalid,
    PeriodInvalid,
    QuantityInvalid,
    Words,
)
from services.kernel.names import Pattern
from services.kernel.period import Period
from services.kernel.quantity import Quantity

SOURCE_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")

REFERENCES: Final[Mapping[str, Pattern]] = {
    "counterparty": names.COUNTERPARTY,
    "facility": names.FACILITY,
    "meter": names.METER,
    "corrects": names.ACTIVITY_RECORD,
}
"""Fields that name a resource, each one of the reporting enterprise's own."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row as far as it could be read; what could not be read is None and stands in `errors`."""

    path: str
    """Where it stands in the request: "records[3]"."""
    content: bytes
    """All it says; two rows that say the same are the same."""
    source_id: str
    kind: Kind | None
    subject: str
    quantity: Quantity | None
    period: Period | None
    facility: str
    meter: str
    counterparty: str
    evidence: str
    certificate: str
    corrects: str
    steam: str = ""
    value_chain_category: int = 0
    curve_month: CurveMonth | None = None
    """Set where it is the month of a curve."""
    errors: tuple[DomainError, ...] = ()

    @cached_property
    def source(self) -> EmissionSource | None:
        """The emission source it speaks of."""
        if self.kind is None:
            return None
        return EmissionSource(
            source_id=self.source_id,
            kind=self.kind,
            subject=self.subject or self.kind.carrier,
            counterparty=self.counterparty,
            steam=self.steam,
            value_chain_category=self.value_chain_category,
        )

    @cached_property
    def grain(self) -> Grain | None:
        """The source and month that it belongs to."""
        if self.period is None or not self.period.within_one_month:
            return None
        return Grain(source_id=self.source_id, month=self.period.one_month())

    @property
    def references(self) -> tuple[str, ...]:
        """What it names in the registry."""
        return tuple(filter(None, (self.counterparty, self.facility, self.meter)))

    @cached_property
    def entry(self) -> Entry | None:
        """What it would add to the books; None where too little could be read."""
        if self.period is None or self.quantity is None:
            return None
        return Entry(
            name=self.path,
            period=self.period,
            quantity=self.quantity,
            facility=self.facility,
            curve_month=self.curve_month,
        )

    def refused_for(self, errors: Iterable[DomainError]) -> Row:
        """Return the row with further errors, their fields within its path; each once."""
        placed = [
            error.within(f"{self.path}.") if isinstance(error, AtField) else error
            for error in errors
        ]
        if not placed:
            return self
        return replace(self, errors=tuple(dict.fromkeys((*self.errors, *placed))))


def checked(rows: Sequence[Row], *, enterprise: str, today: date) -> tuple[Row, ...]:
    """Return the rows with the errors that can be seen without knowing anything else."""
    first: dict[bytes, str] = {}
    found = []
    for row in rows:
        errors = [*_fields(row), *_names(row, enterprise), *_amounts(row), *_days(row, today)]
        whole = row.refused_for(errors)
        if row.content in first:
            duplicate = DuplicateRow(field=row.path, first=first[row.content])
            whole = replace(whole, errors=(*whole.errors, duplicate))
        first.setdefault(row.content, row.path)
        found.append(whole)
    return tuple(found)


def _fields(row: Row) -> Iterator[DomainError]:
    if row.source_id and not SOURCE_ID.fullmatch(row.source_id):
        yield FieldInvalid(field="source_id", given=row.source_id, allowed=SOURCE_ID.pattern)
    if row.kind is None:
        return
    yield from wrong_subject(row.kind, row.subject)
    yield from wrong_category(row.kind, row.value_chain_category)
    yield from wrong_steam(row.kind, row.steam)
    yield from unproven(row.kind, row.subject, row.evidence, row.certificate)
    carrier = row.kind.carrier
    if carrier and not row.counterparty:
        yield FieldRequired(field="counterparty")
    if not carrier and row.counterparty:
        allowed = Words(
            en="nothing: only bought and sold electricity and heat have a counterparty",
            zh="留空：只有购入和输出的电力、热力才有交易对方",
        )
        yield FieldInvalid(field="counterparty", given=row.counterparty, allowed=allowed)


def _names(row: Row, enterprise: str) -> Iterator[DomainError]:
    for name_field, pattern in REFERENCES.items():
        name = getattr(row, name_field)
        if not name:
            continue
        try:
            ids = pattern.parse(name, name_field)
        except NameInvalid as error:
            yield error
        else:
            if ids["enterprise"] != enterprise:
                # Another's and a missing one look alike.
                yield ReferenceNotFound(field=name_field, name=name)


def _amounts(row: Row) -> Iterator[DomainError]:
    if row.quantity is not None:
        try:
            row.quantity.non_negative("quantity.value")
        except QuantityInvalid as error:
            yield error


def _days(row: Row, today: date) -> Iterator[DomainError]:
    if row.period is None:
        return
    try:
        row.period.one_month()
    except PeriodInvalid as error:
        yield error
    if row.period.end > today + timedelta(days=1):
        yield PeriodNotOver(given=str(row.period), today=today)
