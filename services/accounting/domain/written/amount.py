"""Exact amounts: sums may have more digits than a quantity may be written with."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Final

_EXACT: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+|/[0-9]*[1-9][0-9]*)?")


def content(value: Decimal | Fraction) -> str:
    """Return an exact amount as text: a decimal with its digits, or a fraction.

    >>> content(Decimal("1.50")), content(Fraction(31, 3))
    ('1.50', '31/3')
    """
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def of(text: str) -> Decimal | Fraction:
    """Return the exact amount that `content` made.

    Raises:
        ValueError: it made no such text.
    """
    _check(text)
    return Fraction(text) if "/" in text else Decimal(text)


def decimal(text: str) -> Decimal:
    """Return the same, which is no fraction; raises as `of`."""
    _check(text)
    return Decimal(text)


def fraction(text: str) -> Fraction:
    """Return the same as a fraction; raises as `of`."""
    _check(text)
    return Fraction(text)


def _check(text: str) -> None:
    # Not even looked at otherwise: "1e999999999" alone would fill the memory.
    if _EXACT.fullmatch(text) is None:
        raise ValueError(f"{text[:40]!r} is no exact amount")
