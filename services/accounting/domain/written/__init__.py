"""Values as JSON writes them, one module a noun: what tables keep and what a bundle holds.

Each has `content`, which returns what JSON can hold, and `of`, which reads it again. Integers stay
integers; decimals are text with their digits, fractions text like "31/3"; a day is "2024-01-31".
"""

from __future__ import annotations

from services.accounting.domain.written import (
    amount,
    binding,
    booked,
    inventory,
    line,
    record,
    reported,
)

__all__ = ["amount", "binding", "booked", "inventory", "line", "record", "reported"]
