"""ZoneCarbon's services: kernel < runtime < {registry, accounting, trading} < console."""

from __future__ import annotations

from typing import Final

RELEASE: Final = "0.1.0"
"""Of the product: what a bundle says that it was made by."""
