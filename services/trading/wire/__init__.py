"""Trading's messages ⇄ its values: one module a noun."""

from __future__ import annotations
