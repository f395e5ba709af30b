"""What is to be stored of posts, and what must hold for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from services.runtime.database import Database
from services.trading.domain.ledger.chain import Head
from services.trading.domain.ledger.transfer import Transfer
from services.trading.store.ledger.group import Request


class Outdated(Exception):
    """The books are not where they were thought to be; nothing was stored."""


Appending: TypeAlias = Callable[[Database], None]
"""Inserts what was decided, if the books are where they are thought; else it is `Outdated`."""


class Condition(NamedTuple):
    """What beside the books must still be as it was read: `query` gives `value`."""

    query: str = "SELECT 0"
    value: int = 0


class Ends(NamedTuple):
    """Where the books are thought to be: none of them has no transfer."""

    heads: Mapping[str, Head]
    condition: Condition


@dataclass(slots=True)
class Saved:
    """Transfers in their order, and the requests that they came with."""

    transfers: list[Transfer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Tell whether it is anything."""
        return bool(self.transfers or self.requests)
