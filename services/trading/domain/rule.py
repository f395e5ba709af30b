"""A published rule: where it stands, how far it can be trusted, and whether we chose it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.kernel.errors import Words
from services.kernel.source import Source
from services.kernel.trust import Status, lowest


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Where a rule stands."""

    source: Source
    """Its document, with the article as `locator`."""
    house_rule: bool = False
    """The rulebook's own document is silent and the house took the rule from elsewhere."""

    def __str__(self) -> str:
        """Return it as it is cited in a computation."""
        document = self.source.document_no or self.source.title
        cited = f"{document} {self.source.locator}, {self.source.status.value}"
        return f"house rule, after {cited}" if self.house_rule else cited


@dataclass(frozen=True, slots=True, kw_only=True)
class OmittedRule:
    """A rule of the document that this release does not apply."""

    name: str
    text: Words
    effect: str
    rule: Rule


def status_of(rules: Iterable[Rule]) -> Status:
    """Return the lowest status of the rules that a result was made with.

    House rules do not count: they stand where the document is silent, move a unit by less than two
    tonnes, and each step names them. Neither do the criteria of a class: they check what the caller
    says, and no figure comes from them.
    """
    first, *others = [each.source.status for each in rules if not each.house_rule]
    return lowest(first, *others)
