"""Why a guide's reported total is what it is: rows rounded in stages, and the rule that says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from services.accounting.domain.binding import BoundFactor
from services.accounting.domain.explanation.tree import Explanation, same
from services.accounting.domain.formula import Slot
from services.accounting.domain.inventory import Inventory
from services.accounting.domain.line import Line
from services.accounting.domain.reported import Reported, ReportedRow
from services.accounting.domain.role import MANNERS
from services.kernel.errors import Words

FIGURE = "reported.total_t"
UNIT = "tCO2e"


def of(inventory: Inventory, reported: Reported, lines: Sequence[Line]) -> Explanation:
    """Return why the reported total is what it is, down to the factors as they are printed.

    The activity of a row leads to its lines, each of which can be explained by its own name.
    """
    reporting = inventory.method.reporting
    assert reporting is not None, "a method without stages reports nothing"
    return Explanation(
        title=same(f"{inventory.name} {FIGURE}"),
        value=Fraction(reported.total),
        unit=UNIT,
        written=f"{reported.total:f}",
        formula=Words(
            en="sum of the rows in the total, each with its sign",
            zh="计入合计的各行按正负号求和",
        ),
        rounding=Words(
            en=f"rounded in stages as the guide prints them, at last to "
            f"{reporting.total_decimals} decimals; differs from the books by "
            f"{reported.difference_g} g",
            zh=f"按指南逐级修约，合计保留 {reporting.total_decimals} 位小数；"
            f"与账目相差 {reported.difference_g} g",
        ),
        source=reporting.clause,
        resource=f"{inventory.name}@{inventory.version}",
        children=tuple(_row(inventory, row, lines) for row in reported.rows if row.in_total),
    )


def _row(inventory: Inventory, row: ReportedRow, lines: Sequence[Line]) -> Explanation:
    item = inventory.method.items[row.item_id]
    place = f" {row.facility}" if row.facility else ""
    activity = Explanation(
        title=Words(en=f"activity of the year of {row.subject}", zh=f"{row.subject} 全年活动数据"),
        value=row.activity.fraction,
        unit=row.activity.unit,
        written=row.activity.text,
        formula=Words(en="sum of the lines of the year, rounded", zh="全年各行之和，修约"),
        children=tuple(_activity(line) for line in lines if _is_of(row, line)),
    )
    factors = (
        Explanation(
            title=Words(
                en=f"{MANNERS[each.role].name.en} of {each.subject}",
                zh=f"{each.subject} {MANNERS[each.role].name.zh}",
            ),
            value=each.quantity.fraction,
            unit=each.quantity.unit,
            written=each.quantity.text,
            source=each.source,
            resource=f"{each.name}@{each.version}" if each.name else "",
        )
        for each in row.factors
    )
    sign = "−" if row.sign < 0 else ""
    return Explanation(
        title=Words(
            en=f"{sign}{item.name.en}: {row.subject}{place}",
            zh=f"{sign}{item.name.zh}：{row.subject}{place}",
        ),
        value=row.emissions.fraction,
        unit=row.emissions.unit,
        written=row.emissions.text,
        formula=Words(en="activity × factors as printed", zh="活动数据 × 按指南修约的因子"),
        children=(activity, *factors),
    )


def _is_of(row: ReportedRow, line: Line) -> bool:
    """Tell whether a row has the activity of a line: the same thing with the same factors."""
    return (
        (row.item_id, row.facility, row.subject)
        == (line.binding.item_id, line.facility, line.source.subject)
    ) and _named(row.factors) == _named(line.binding.factors)


def _named(factors: Iterable[BoundFactor]) -> list[tuple[Slot, str, int]]:
    return [(each.slot, each.name, each.version) for each in factors]


def _activity(line: Line) -> Explanation:
    return Explanation(
        title=Words(
            en=f"activity of {line.source.source_id} in {line.month}",
            zh=f"{line.source.source_id} {line.month} 活动数据",
        ),
        value=line.activity,
        unit=line.activity_unit,
        resource=f"{line.name}@{line.version}",
    )
