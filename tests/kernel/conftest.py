"""Settings of the property tests."""

from __future__ import annotations

from hypothesis import settings

# The gate gives the same answer every time, on a busy machine too, and leaves no files behind.
settings.register_profile("gate", database=None, deadline=None, derandomize=True)
settings.load_profile("gate")
