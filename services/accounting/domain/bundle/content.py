"""A bundle: an inventory in one of its versions, with all that its figures follow from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from services.accounting.domain.activity import Record
from services.accounting.domain.emission import Booked
from services.accounting.domain.inventory import Inventory, State
from services.accounting.domain.line import Line
from services.accounting.domain.method import Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisTotal:
    """The totals of an inventory on one basis of bought energy."""

    known: bool
    """Whether no figure of it is missing for want of a factor."""
    indirect: Booked
    total: Booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is said of an inventory that follows from its items, findings and gaps."""

    state: State
    direct: Booked
    totals: Mapping[Basis, BasisTotal]

    @classmethod
    def of(cls, inventory: Inventory) -> Self:
        """Return what is said of `inventory`."""
        return cls(
            state=inventory.state,
            direct=inventory.direct,
            totals={
                basis: BasisTotal(
                    known=inventory.knows(basis),
                    indirect=inventory.indirect_by(basis),
                    total=inventory.total_by(basis),
                )
                for basis in inventory.method.bases
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """An inventory, its statement, the lines it adds up and the records they are made of."""

    inventory: Inventory
    statement: Statement
    create_time: datetime
    """When the version was stored: what was known then is what it says."""
    method_version: int
    """Of the method's data that the inventory was made with."""
    lines: tuple[Line, ...]
    """In the order of the books: by source, month and id."""
    records: tuple[Record, ...]
    """All of the year that counted, by source and day; those too that the method leaves out."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of a bundle that was read: the digest of each binding, by the key that lines name it with."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Of a bundle that was read: how each unit of its list is defined, by code."""

    @classmethod
    def of(
        cls,
        inventory: Inventory,
        lines: Iterable[Line],
        records: Iterable[Record],
        *,
        create_time: datetime,
        method_version: int,
    ) -> Self:
        """Return the bundle of an inventory, of its lines with records and of its records.

        Their order does not matter: a database may sort texts in its own way.
        """
        return cls(
            inventory=inventory,
            statement=Statement.of(inventory),
            create_time=create_time,
            method_version=method_version,
            lines=tuple(sorted(lines, key=lambda each: (each.grain, each.line_id))),
            records=tuple(sorted(records, key=lambda each: (each.source, each.period, each.name))),
        )
