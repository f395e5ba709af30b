"""What the tests of the desk's tables share."""

from __future__ import annotations

TABLES = frozenset({"bulletins", "quotes"})
"""Tables whose guard has a test of its own, since they take more to fill."""
