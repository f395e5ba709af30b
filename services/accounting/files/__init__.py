"""The data files of this release → values of the domain: one module a noun.

The files are our own and shipped with the code, so what is wrong in one is a defect and stops the
start; nothing is repaired and nothing is assumed.
"""

from __future__ import annotations

from services.accounting.files.metering import (
    calibration_rules,
    equivalent_values,
    heat_rules,
    steam_table,
)
from services.accounting.files.methods import method, methods
from services.accounting.files.park import park_indicators

__all__ = [
    "calibration_rules",
    "equivalent_values",
    "heat_rules",
    "method",
    "methods",
    "park_indicators",
    "steam_table",
]
