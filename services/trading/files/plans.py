"""What a rulebook file says beyond benchmarks and factors → values of the domain."""

from __future__ import annotations

from decimal import Decimal

from services.kernel.mass import Rounding
from services.trading.domain.plan import (
    Borrowing,
    Design,
    GapCap,
    GasExemption,
    Intensity,
    Plan,
    PreAllocation,
    PreAllocationBasis,
    Said,
    SmallEmitter,
)
from services.trading.files.rules import Sources, Table, rule, words


def plan(book: Table, sources: Sources) -> Plan:
    """Return the rules of a plan."""
    cases = book.get("special_cases", ())
    return Plan(
        merged_units=_said(book.get("merged_units"), sources),
        gas_exemption=_gas_exemption(book.get("gas_exemption"), sources),
        gap_cap=_gap_cap(book.get("gap_cap"), sources),
        pre_allocation=_pre_allocation(book.get("pre_allocation"), sources),
        borrowing=_borrowing(book.get("borrowing"), sources),
        issue=_said(book.get("issue"), sources),
        differentiated_issue=_said(book.get("differentiated_issue"), sources),
        special_case=_said(next(iter(cases), None), sources),
        small_emitter=_small_emitter(book.get("small_emitter"), sources),
        intensity=_intensity(book.get("intensity"), sources),
    )


def _said(table: Table | None, sources: Sources) -> Said | None:
    return None if table is None else Said(text=words(table), rule=rule(table, sources))


def _gas_exemption(table: Table | None, sources: Sources) -> GasExemption | None:
    if table is None:
        return None
    return GasExemption(
        design=Design(table["design"]), text=words(table), rule=rule(table, sources)
    )


def _gap_cap(table: Table | None, sources: Sources) -> GapCap | None:
    if table is None:
        return None
    return GapCap(
        design=Design(table["design"]),
        gap_ratio=Decimal(table["gap_ratio"]),
        rounding=Rounding(table["rounding"]["mode"]),
        text=words(table),
        rule=rule(table, sources),
        rounding_rule=rule(table["rounding"], sources),
    )


def _pre_allocation(table: Table | None, sources: Sources) -> PreAllocation | None:
    if table is None:
        return None
    return PreAllocation(
        basis=PreAllocationBasis(table["basis"]),
        previous_year=table["previous_year"],
        ratio=Decimal(table["ratio"]),
        at_most={"AT_MOST": True, "FIXED": False}[table["limit"]],
        rounding=Rounding(table["rounding"]["mode"]),
        text=words(table),
        rule=rule(table, sources),
        rounding_rule=rule(table["rounding"], sources),
    )


def _borrowing(table: Table | None, sources: Sources) -> Borrowing | None:
    if table is None:
        return None
    return Borrowing(
        gap_ratio_min=Decimal(table["gap_ratio_min"]),
        share_ratio=Decimal(table["share_ratio"]),
        from_vintage_year=table["from_vintage_year"],
        text=words(table),
        rule=rule(table, sources),
    )


def _small_emitter(table: Table | None, sources: Sources) -> SmallEmitter | None:
    if table is None:
        return None
    return SmallEmitter(
        below_t=Decimal(table["below_t"]), text=words(table), rule=rule(table, sources)
    )


def _intensity(table: Table | None, sources: Sources) -> Intensity | None:
    if table is None:
        return None
    return Intensity(
        slope=Decimal(table["slope"]),
        deviation_limit=Decimal(table["deviation_limit"]),
        adjustment_limit=Decimal(table["adjustment_limit"]),
        text=words(table),
        rule=rule(table, sources),
    )
