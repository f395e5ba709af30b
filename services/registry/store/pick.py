"""Which rows of a list are wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """The row called `only`, or the `size` next ones after `after`."""

    only: str = ""
    after: str = ""
    size: int = 1
    as_of: int | None = None
    """The revision at which they were known; None for now."""
