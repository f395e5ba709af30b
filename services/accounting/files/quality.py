"""When a month is odd, and which evidence is due when: `methods/quality`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from services.accounting.domain.method import Method
from services.accounting.domain.quality.evidence import EvidenceRules, Item, Schedule
from services.accounting.domain.quality.outlier import OutlierRule
from services.accounting.files.document import Table, source
from services.kernel.errors import Words
from services.kernel.period import Period

FOLDER: Final = Path(__file__).parents[1] / "methods" / "quality"


def outlier_rule(folder: Path = FOLDER) -> OutlierRule:
    """Return when a month is held to be odd."""
    data = _read(folder)
    table = data["outlier"]
    return OutlierRule(
        deviations=float(table["deviations"]),
        mad_per_deviation=float(table["mad_per_deviation"]),
        least_month_count=table["least_month_count"],
        least_spread_ratio=float(table["least_spread_ratio"]),
        history_year_count=table["history_year_count"],
        slip_ratios=tuple(float(each) for each in table["slip_ratios"]),
        slip_tolerance_ratio=float(table["slip_tolerance_ratio"]),
        source=source(table, data),
    )


def evidence_rules(methods: Mapping[str, Method], folder: Path = FOLDER) -> EvidenceRules:
    """Return which evidence each sector files every month, and until when.

    `methods` are those whose guides the rules are of, and others, by id.
    """
    data = _read(folder)
    sectors = {each["method_id"] for each in data["evidence_schedules"]}
    assert all(methods[each].industries for each in sectors), "a sector is of some industries"
    return EvidenceRules(
        methods={each: methods[each] for each in sorted(sectors)},
        schedules=tuple(_schedule(each, data) for each in data["evidence_schedules"]),
        items=tuple(
            Item(
                method_id=each["method_id"],
                item_id=each["item_id"],
                name=Words(en=each["name_en"], zh=each["name_zh"]),
                is_known=each["is_known"],
                source=source(each, data),
            )
            for each in data["evidence_items"]
        ),
    )


def _read(folder: Path) -> Table:
    return tomllib.loads((folder / "rules.toml").read_text(encoding="utf-8"))


def _schedule(table: Table, data: Table) -> Schedule:
    assert ("due_date" in table) != ("due_day_count" in table), "one of them says when it is due"
    return Schedule(
        method_id=table["method_id"],
        first_month=_month(table["first_month"]),
        last_month=_month(table["last_month"]) if "last_month" in table else None,
        due_day_count=table.get("due_day_count"),
        due_date=date.fromisoformat(table["due_date"]) if "due_date" in table else None,
        source=source(table, data),
    )


def _month(text: str) -> Period:
    first = date.fromisoformat(f"{text}-01")
    return Period.month(first.year, first.month)
