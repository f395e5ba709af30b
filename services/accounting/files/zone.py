"""What the analysis of zones goes by: `methods/zone`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.accounting.domain.outlook.year_end import OutlookRule
from services.accounting.domain.publication.suppression import SuppressionRule
from services.accounting.domain.trend.decoupling import DecouplingRule
from services.accounting.files.document import source

FOLDER: Final = Path(__file__).parents[1] / "methods" / "zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRules:
    """When the two are coupled, when a forecast is made, which cells are hidden."""

    decoupling: DecouplingRule
    outlook: OutlookRule
    suppression: SuppressionRule


def zone_rules(folder: Path = FOLDER) -> ZoneRules:
    """Return what the analysis of zones goes by."""
    data = tomllib.loads((folder / "rules.toml").read_text(encoding="utf-8"))
    coupled, outlook, hidden = (data[each] for each in ("decoupling", "outlook", "suppression"))
    return ZoneRules(
        decoupling=DecouplingRule(
            coupling_min=float(coupled["coupling_min"]),
            coupling_max=float(coupled["coupling_max"]),
            source=source(coupled, data),
        ),
        outlook=OutlookRule(
            least_month_count=outlook["least_month_count"],
            interval_ratio=float(outlook["interval_ratio"]),
            backtest_year_count=outlook["backtest_year_count"],
            recent_month_count=outlook["recent_month_count"],
            source=source(outlook, data),
        ),
        suppression=SuppressionRule(
            least_contributor_count=hidden["least_contributor_count"],
            largest_share_ratio=float(hidden["largest_share_ratio"]),
            protection_ratio=float(hidden["protection_ratio"]),
            source=source(hidden, data),
        ),
    )
