"""The data files of this release → values of the domain, and bundles: one module a noun.

The data files are our own and shipped with the code, so what is wrong in one is a defect and stops
the start; nothing is repaired and nothing is assumed. A bundle comes from outside, and what is
wrong in one is told.
"""

from __future__ import annotations

from services.accounting.files.indicators import consistency, indicator_systems, input_catalogue
from services.accounting.files.metering import (
    calibration_rules,
    equivalent_values,
    heat_rules,
    steam_table,
)
from services.accounting.files.methods import method, methods
from services.accounting.files.park import park_rules
from services.accounting.files.quality import evidence_rules, outlier_rule
from services.accounting.files.zone import ZoneRules, zone_rules

__all__ = [
    "ZoneRules",
    "calibration_rules",
    "consistency",
    "equivalent_values",
    "evidence_rules",
    "heat_rules",
    "indicator_systems",
    "input_catalogue",
    "method",
    "methods",
    "outlier_rule",
    "park_rules",
    "steam_table",
    "zone_rules",
]
