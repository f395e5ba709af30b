"""The tables of accounting: one module a noun; all but the rollups are insert-only."""

from __future__ import annotations

from pathlib import Path

from services.accounting.store import (
    base_years,
    bindings,
    books,
    corrections,
    curve_days,
    curve_months,
    curves,
    evaluations,
    evidence,
    indicator_systems,
    inventories,
    lines,
    periods,
    plans,
    rebookings,
    records,
    report_files,
    rollup_check,
    rollups,
    sources,
    statistics,
    verifications,
)
from services.accounting.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = [
    "MIGRATIONS",
    "base_years",
    "bindings",
    "books",
    "corrections",
    "curve_days",
    "curve_months",
    "curves",
    "evaluations",
    "evidence",
    "indicator_systems",
    "inventories",
    "lines",
    "metadata",
    "periods",
    "plans",
    "rebookings",
    "records",
    "report_files",
    "rollup_check",
    "rollups",
    "sources",
    "statistics",
    "verifications",
]
