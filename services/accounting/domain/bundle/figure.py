"""The figures of an inventory and of its lines by name, so that two versions can be laid together.

A figure has a place, such as `lines/coke-2024-03` or `totals/location-based`, and a name in it,
such as `co2_g`. Decimals and sums are exact, so that equal means equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction

from services.accounting.domain.bundle.content import Statement
from services.accounting.domain.emission import Booked
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Line
from services.accounting.domain.reported import Reported, ReportedRow

Value = int | Fraction | str
Figures = dict[tuple[str, str], Value]
"""By place and name, in the order of the books."""


def place_of(line: Line) -> str:
    """Return where the figures of a line stand."""
    return f"lines/{line.line_id}"


def of_lines(lines: Iterable[Line]) -> Figures:
    """Return every figure of lines."""
    return {(place_of(line), name): value for line in lines for name, value in _of_line(line)}


def of_inventory(inventory: Inventory, statement: Statement) -> Figures:
    """Return every figure of an inventory, and of what is said of it."""
    found: Figures = {}
    for place, booked in _of_items(inventory):
        found |= {(place, name): value for name, value in _of_booked(booked)}
    found |= _of_statement(statement)
    for each in inventory.activity_totals:
        found[f"activity_totals/{each.kind}/{each.subject}", each.unit] = each.value
    found |= {("inventory", name): value for name, value in _of_whole(inventory, statement)}
    if inventory.reported:
        found |= _of_reported(inventory.reported)
    return found | _of_findings(inventory)


def _of_line(line: Line) -> Iterator[tuple[str, Value]]:
    yield "facility", line.facility
    for each in line.activities:
        yield f"activities.{each.unit}", Fraction(each.value)
    yield "activity", line.activity
    yield "activity_unit", line.activity_unit
    yield from _of_booked(line.booked)
    yield "reported_day_count", line.reported_day_count
    yield "record_count", line.record_count


def _of_booked(booked: Booked) -> Iterator[tuple[str, Value]]:
    yield "co2_g", booked.co2_g
    for gas, mg in booked.other_mg:
        yield f"{gas}_mg", mg
    for gwp_set, grams in booked.co2e_g:
        yield f"co2e_g.{gwp_set}", grams


def _of_items(inventory: Inventory) -> Iterator[tuple[str, Booked]]:
    for each in inventory.items:
        yield "/".join(filter(None, ("items", each.item_id, each.facility))), each.booked


def _of_statement(statement: Statement) -> Figures:
    found: Figures = {("direct", name): value for name, value in _of_booked(statement.direct)}
    for basis, each in statement.totals.items():
        place = f"totals/{basis}"
        found[place, "known"] = str(each.known)
        for part, booked in (("indirect", each.indirect), ("total", each.total)):
            found |= {(place, f"{part}.{name}"): value for name, value in _of_booked(booked)}
    return found


def _of_whole(inventory: Inventory, statement: Statement) -> Iterator[tuple[str, Value]]:
    yield "state", statement.state.value
    yield "status", inventory.status.value
    yield "reported_day_count", inventory.coverage.reported_day_count
    yield "source_day_count", inventory.coverage.source_day_count
    yield "registry_revision", inventory.registry_revision


def _of_reported(reported: Reported) -> Figures:
    found: Figures = {
        ("reported", "total_t"): Fraction(reported.total),
        ("reported", "booked_g"): reported.booked_g,
    }
    for number, row in enumerate(reported.rows, start=1):
        parts = ("reported", str(number), row.item_id, row.facility, row.subject)
        place = "/".join(filter(None, parts))
        found |= {(place, name): value for name, value in _of_row(row)}
    return found


def _of_row(row: ReportedRow) -> Iterator[tuple[str, Value]]:
    yield "sign", row.sign
    yield "in_total", str(row.in_total)
    yield f"activity, {row.activity.unit}", row.activity.fraction
    for number, factor in enumerate(row.factors, start=1):
        yield f"factor {number} {factor.role}, {factor.quantity.unit}", factor.quantity.fraction
    yield f"emissions, {row.emissions.unit}", row.emissions.fraction


def _of_findings(inventory: Inventory) -> Figures:
    """Return how many findings of a kind there are about a subject: their words are no figures."""
    counts = Counter(f"findings/{each.kind}/{each.subject}" for each in inventory.findings)
    return {(place, "count"): count for place, count in counts.items()}
