"""What stands behind data."""

from __future__ import annotations

from enum import StrEnum


class Label(StrEnum):
    """Shown wherever a figure of the enterprise or zone is shown."""

    REPORTED = "REPORTED"
    REPLAYED = "REPLAYED"
    SYNTHETIC = "SYNTHETIC"
