"""Months of enterprises and zones, kept beside the lines; those of the lines there are.

In which zones an enterprise is counted is not known here: who follows the registry places it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_MONTHS = 12
_Sums = defaultdict[tuple[int, str, str, str], list[int]]
"""Twelve integers by year, method, item and measure."""


def upgrade() -> None:
    op.create_table(
        "months",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("method_id", sa.Text(), nullable=False),
        sa.Column("by_item", sa.JSON(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "accounting_year", "method_id"),
    )
    op.create_table(
        "placements",
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("accounting_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("enterprise", "accounting_year"),
    )
    connection = op.get_bind()
    items = {row["binding"]: row["item_id"] for row in _rows(connection, _BINDINGS)}
    newest = connection.execute(sa.text("SELECT COALESCE(MAX(revision), 0) FROM revisions"))
    number = newest.scalar_one()
    for (enterprise,) in connection.execute(sa.text("SELECT DISTINCT enterprise FROM lines")).all():
        _fill(connection, enterprise, items, number)


_BINDINGS = sa.text("SELECT binding, item_id FROM bindings")
_LINES = sa.text(
    "SELECT line, version, accounting_year, method_id, month_date, binding, record_count, co2_g, "
    "other_mg, co2e_g FROM lines WHERE enterprise = :enterprise ORDER BY version"
).columns(month_date=sa.Date(), other_mg=sa.JSON(), co2e_g=sa.JSON())
_REBOOKINGS = sa.text(
    "SELECT binding, lines, versions, co2_g, other_mg, co2e_g FROM rebookings "
    "WHERE enterprise = :enterprise ORDER BY revision"
).columns(
    sa.column("binding", sa.Text()),
    *(sa.column(name, sa.JSON()) for name in ("lines", "versions", "co2_g", "other_mg", "co2e_g")),
)


def _rows(connection: sa.Connection, query: sa.Executable, **given: str) -> list[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(query, given).mappings()]


def _fill(
    connection: sa.Connection, enterprise: str, items: Mapping[str, str], number: int
) -> None:
    """Insert the months that an enterprise's current lines add up to."""
    current = {row["line"]: row for row in _rows(connection, _LINES, enterprise=enterprise)}
    for rebooking in _rows(connection, _REBOOKINGS, enterprise=enterprise):
        for line, changed in _rebooked(rebooking):
            if current[line]["version"] < changed["version"]:
                current[line] = {**current[line], **changed}
    sums: _Sums = defaultdict(lambda: [0] * _MONTHS)
    for row in current.values():
        if row["record_count"]:
            month: date = row["month_date"]
            for measure, value in _measures(row):
                key = (row["accounting_year"], row["method_id"], items[row["binding"]], measure)
                sums[key][month.month - 1] += value
    made: defaultdict[tuple[int, str], defaultdict[str, dict[str, list[int]]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for (year, method_id, item_id, measure), column in sums.items():
        if any(column):
            made[year, method_id][item_id][measure] = column
    rows = [
        {
            "owner": f"enterprises/{enterprise}",
            "accounting_year": year,
            "method_id": method_id,
            "by_item": by_item,
            "revision": number,
        }
        for (year, method_id), by_item in made.items()
    ]
    if rows:
        connection.execute(sa.insert(_MONTHS_TABLE), rows)


def _rebooked(rebooking: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a rebooking changes of each of its lines."""
    for index, line in enumerate(rebooking["lines"]):
        yield (
            line,
            {
                "version": rebooking["versions"][index],
                "binding": rebooking["binding"],
                "co2_g": rebooking["co2_g"][index],
                "other_mg": {gas: mg[index] for gas, mg in rebooking["other_mg"].items()},
                "co2e_g": {name: grams[index] for name, grams in rebooking["co2e_g"].items()},
            },
        )


def _measures(row: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    yield "line_count", 1
    yield "co2_g", row["co2_g"]
    for gas, mg in row["other_mg"].items():
        yield f"other_mg.{gas}", mg
    for gwp_set, grams in row["co2e_g"].items():
        yield f"co2e_g.{gwp_set}", grams


_MONTHS_TABLE = sa.table(
    "months",
    sa.column("owner", sa.Text()),
    sa.column("accounting_year", sa.Integer()),
    sa.column("method_id", sa.Text()),
    sa.column("by_item", sa.JSON()),
    sa.column("revision", sa.BigInteger()),
)
