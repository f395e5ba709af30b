"""What accounting knows of an enterprise; the registry says it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.kernel.names import ENTERPRISE


class Label(StrEnum):
    """What stands behind data, the most real first."""

    REPORTED = "REPORTED"
    REPLAYED = "REPLAYED"
    SYNTHETIC = "SYNTHETIC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """An enterprise as the registry had it when it was asked."""

    name: str
    """The resource name, "enterprises/chp"."""
    display_name: str
    industry_code: str
    """GB/T 4754-2017, four digits."""
    region_code: str
    """The province in which it emits, "CN-JS"."""
    label: Label
    revision: int
    """The registry's revision that holds this version of it."""

    @property
    def enterprise_id(self) -> str:
        """The id in its name."""
        return ENTERPRISE.parse(self.name)["enterprise"]
