"""How far a published figure or rule can be trusted: one vocabulary of four words."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """What was read to know the figure; compares by trust, `OFFICIAL` being the greatest.

    >>> Status.OFFICIAL > Status.DRAFT > Status.SECONDARY > Status.UNVERIFIED
    True
    """

    OFFICIAL = "official"
    """The official text in force was read."""
    DRAFT = "draft"
    """The official text of a consultation draft was read."""
    SECONDARY = "secondary"
    """A page or a package that repeats the official text was read."""
    UNVERIFIED = "unverified"
    """Nothing was read: it was recalled from memory."""

    @property
    def trust(self) -> int:
        """The rank: 0 is the least."""
        return _RANKS[self]

    # A StrEnum compares by its letters, where "secondary" would be more than "official".
    def __lt__(self, other: str) -> bool:
        return self.trust < Status(other).trust

    def __le__(self, other: str) -> bool:
        return self.trust <= Status(other).trust

    def __gt__(self, other: str) -> bool:
        return self.trust > Status(other).trust

    def __ge__(self, other: str) -> bool:
        return self.trust >= Status(other).trust


_RANKS: Final = {status: rank for rank, status in enumerate(reversed(Status))}


def lowest(first: Status, *others: Status) -> Status:
    """Return the least of the statuses: what a result made from all of them deserves.

    >>> lowest(Status.OFFICIAL, Status.SECONDARY, Status.DRAFT)
    <Status.SECONDARY: 'secondary'>
    """
    return min((first, *others), key=lambda status: status.trust)


_SAID_AS: Final = (
    (re.compile(r"\bmemory\b|\bunverified\b|\bGAP\b|\bD\b"), Status.UNVERIFIED),
    (re.compile(r"\bsecondary page\b|\bpackage\b|\bimplied\b|\b[BC]\b|\bA-"), Status.SECONDARY),
    (re.compile(r"\(draft\b|\bdraft text\b"), Status.DRAFT),
    (re.compile(r"\bofficial text read\b|\bA\b"), Status.OFFICIAL),
)


def from_confidence(text: str) -> Status:
    """Return the status that a finder's own words on confidence stand for.

    Official text read, A: official; the same of a draft: draft; secondary page, package, B, C:
    secondary; memory, D: unverified. Of several words the lowest counts, and words that say none
    of these are unverified.

    >>> from_confidence("official text read (draft text)")
    <Status.DRAFT: 'draft'>
    >>> from_confidence("B (name) / D (threshold)")
    <Status.UNVERIFIED: 'unverified'>
    """
    return next((status for words, status in _SAID_AS if words.search(text)), Status.UNVERIFIED)
