"""A value with the version it is in, and when that became known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Versioned(Generic[Value]):
    """What was known of a thing from a revision on."""

    value: Value
    version: int
    """From 1."""
    revision: int
    """Trading's revision that holds it."""
    create_time: datetime
