"""What units cost, what they are worth, and what was gained: by a declared cost flow."""

from __future__ import annotations
