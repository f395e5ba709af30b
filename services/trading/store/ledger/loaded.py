"""What was loaded of some books, to post to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.trading.domain.ledger.posting import Books


@dataclass(slots=True, kw_only=True)
class Loaded:
    """Books, and what of them only the store asks for."""

    books: Books = field(default_factory=Books)
    enterprises: dict[str, str] = field(default_factory=dict)
    """The enterprise of each book that there is."""
    there: set[tuple[str, int]] = field(default_factory=set)
    """Book and number of the transfers that are stored."""
