"""The ledger held against statements of the registration system: lines, breaks, corrections."""

from __future__ import annotations
