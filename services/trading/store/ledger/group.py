"""Transfers that stand or fall together, and what of the books they need."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self, TypeAlias

from services.runtime import auth
from services.runtime.auth import Tenant
from services.trading.domain.ledger.transfer import AccountKey, Wanted

RequestKey: TypeAlias = "tuple[str, str]"
"""Principal and id of a request for transfers that stand or fall together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Transfers that stand or fall together, and who wants them."""

    wanted: Sequence[Wanted]
    principal: str
    tenant: Tenant = auth.EVERYONE
    request_id: str = ""
    """The link of several; empty for one alone."""
    alone: bool = False
    """Whether a principal wants them by itself, for which it needs a mandate."""

    @property
    def request_key(self) -> RequestKey:
        """What the request is known by."""
        return self.principal, self.request_id

    def digest(self, digests: Iterable[bytes] | None = None) -> bytes:
        """Return the SHA-256 of what is wanted, under which names, in which order.

        Its transfers have the SHA-256 `digests`, which are made where they are not given.
        """
        of_each = (each.digest() for each in self.wanted) if digests is None else digests
        parts = (
            each.name.encode() + b"\0" + digest
            for each, digest in zip(self.wanted, of_each, strict=True)
        )
        return hashlib.sha256(b"".join(parts)).digest()


class Request(NamedTuple):
    """A request that is to be stored, in the order of its columns."""

    principal: str
    request_id: str
    digest: bytes
    record_time: datetime


@dataclass(slots=True)
class Needs:
    """What groups need to know of the books."""

    books: set[str] = field(default_factory=set)
    keys: set[AccountKey] = field(default_factory=set)
    ids: set[tuple[str, str]] = field(default_factory=set)
    requests: set[RequestKey] = field(default_factory=set)
    named: bool = False
    """Whether any transfer names another."""

    @classmethod
    def of(cls, groups: Iterable[Group]) -> Self:
        """Return what `groups` need."""
        needs = cls()
        for group in groups:
            if group.request_id:
                needs.requests.add(group.request_key)
            for each in group.wanted:
                needs._add(each)
        return needs

    def _add(self, each: Wanted) -> None:
        self.books.add(each.book)
        self.ids.add((each.book, each.transfer))
        if each.target:
            self.named = True
            self.ids.add((each.book, each.target))
        if each.kind is not None:
            self.keys.add((each.book, each.instrument, each.kind.debit))
            self.keys.add((each.book, each.instrument, each.kind.credit))
