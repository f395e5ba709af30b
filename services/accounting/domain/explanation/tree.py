"""The tree that explains a figure, and its text."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from services.kernel import units
from services.kernel.errors import FieldInvalid, Language, Words
from services.kernel.source import Source

GRAMS: Final = "gCO2"
GRAMS_CO2E: Final = "gCO2e"
SILENT: Final = Words(en="", zh="")


class Explanation(NamedTuple):
    """A figure and what it is made of; a tuple, since a tree has thousands of them."""

    title: Words
    value: Fraction | None = None
    unit: str = ""
    written: str = ""
    """The digits as their source wrote them, where there is one."""
    formula: Words = SILENT
    """How it follows from the children."""
    rounding: Words = SILENT
    source: Source | None = None
    resource: str = ""
    """The resource it stands in, with its version."""
    children: tuple[Explanation, ...] = ()


def chosen(figure: str, figures: Sequence[str], *, listed: str = "") -> str:
    """Return `figure`, the first of `figures` where it is empty.

    `listed` tells a caller all of them in short, where they are many.

    Raises:
        FieldInvalid: it is none of them.
    """
    if figure and figure not in figures:
        allowed = same(listed or ", ".join(figures))
        raise FieldInvalid(field="figure", given=figure, allowed=allowed)
    return figure or figures[0]


def same(text: str) -> Words:
    """Return words that are the same in both languages: a name, a symbol."""
    return Words(en=text, zh=text)


def text(explanation: Explanation, language: Language) -> str:
    """Return the tree as text, two spaces deeper at each level."""
    told: list[str] = []
    _tell(told, explanation, language, "")
    return "\n".join(told)


def _tell(told: list[str], explanation: Explanation, language: Language, indent: str) -> None:
    head = explanation.title.said(language)
    if explanation.value is not None:
        head += f": {explanation.written or units.written(explanation.value)} {explanation.unit}"
    told.append(indent + head)
    resource = explanation.resource
    below = (
        explanation.formula.said(language),
        explanation.rounding.said(language),
        _cited(explanation.source) if explanation.source else "",
        "" if head.startswith(resource) else resource,
    )
    told += [f"{indent}  · {each}" for each in below if each]
    deeper = indent + "  "
    for child in explanation.children:
        _tell(told, child, language, deeper)


def _cited(source: Source) -> str:
    parts = (source.title, source.document_no, source.locator, f"[{source.status}]")
    return ", ".join(filter(None, parts))
