"""Posting: what accepted rows make of the books. New versions of lines, and of inventories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.accounting.domain import inventory, line
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Grain, Line, Stamp
from services.accounting.domain.method import Method
from services.accounting.domain.report import Accepted, Books


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What is to be stored, all of it or nothing."""

    enterprise: str
    """The id of the enterprise whose books these are."""
    accepted: tuple[Accepted, ...]
    lines: tuple[Line, ...]
    """The lines that the rows touch, by source and month."""
    inventories: tuple[Inventory, ...]
    """The inventories of the years they touch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The books of an enterprise before the posting, of the years it touches."""

    lines: Mapping[Grain, Line]
    versions: Mapping[int, int]
    """The current version of each year's inventory; none where there is no inventory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Whose books they are, by which method and when they are written."""

    enterprise: Enterprise
    method: Method
    revision: int
    """0 where nothing will be stored."""
    registry_revision: int
    """At which the factors were found."""


def post(accepted: Sequence[Accepted], books: Books, before: Before, occasion: Occasion) -> Posting:
    """Return what `accepted` rows, already entered into `books`, make of what was `before`.

    Raises:
        FieldInvalid: a line or a total is beyond the bound of the books.
    """
    enterprise = occasion.enterprise.enterprise_id
    touched = {each.grain: each for each in accepted}
    new = [
        line.of(
            each.source,
            books.current[grain],
            method=occasion.method,
            binding=each.binding,
            stamp=Stamp(
                enterprise=enterprise,
                version=before.lines[grain].version + 1 if grain in before.lines else 1,
                revision=occasion.revision,
                registry_revision=occasion.registry_revision,
            ),
        )
        for grain, each in sorted(touched.items())
    ]
    after = {**before.lines, **{each.grain: each for each in new}}
    return Posting(
        enterprise=enterprise,
        accepted=tuple(accepted),
        lines=tuple(new),
        inventories=tuple(
            inventory.of(
                occasion.enterprise,
                [each for _, each in sorted(after.items()) if each.month.start.year == year],
                method=occasion.method,
                version=before.versions.get(year, 0) + 1,
                revision=occasion.revision,
            )
            for year in sorted({grain.month.start.year for grain in touched})
        ),
    )
