"""What stands in every file of an evaluation, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final

from services.accounting.domain.indicator.figure import Figure
from services.accounting.domain.indicator.kept import Kept
from services.accounting.domain.indicator.result import Result
from services.accounting.files.evaluation.words import (
    CONCLUSIONS,
    LABELS,
    PARTS,
    SIGNS,
    STATUSES,
    VERDICTS,
)
from services.kernel.errors import Language
from services.kernel.source import Source

_EXACT: Final = Context(prec=34, rounding=ROUND_HALF_EVEN)
_SHOWN: Final = Context(prec=10, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """One thing that an indicator's figure is made of."""

    indicator_id: str
    input: str
    year: int
    amount: str
    unit: str
    fact: str
    version: int
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An indicator as it is told."""

    indicator_id: str
    name: str
    part: str
    value: str
    """Exact, or rounded half to even to 34 digits; empty where there is none."""
    shown: str
    """The same rounded half to even to 10 digits, for a page."""
    unit: str
    requirement: str
    verdict: str
    score: str
    status: str
    formula: str
    source: str
    note: str
    """Why it is left out, cannot be computed, or what an answer rests on."""
    derived: tuple[Derived, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An evaluation as it is told in one language."""

    language: Language
    title: str
    facts: tuple[tuple[str, str], ...]
    """Label and text, for the head of the file."""
    consequence: str
    rows: tuple[Row, ...]
    needs: tuple[str, ...]
    open_points: tuple[str, ...]
    warning: str
    """That some figures are unverified; empty where none is."""

    def label(self, key: str) -> str:
        """Return a label in the language of the file."""
        return LABELS[key].said(self.language)


def content(kept: Kept, language: Language) -> Content:
    """Return what a file tells of an evaluation."""
    made = kept.evaluation
    consequence = made.system.consequences.get(made.conclusion)
    rows = tuple(_row(each, language) for each in made.results)
    unverified = STATUSES[min(STATUSES)].said(language)
    has_unverified = any(row.status == unverified for row in rows)
    return Content(
        language=language,
        title=made.system.title.said(language),
        facts=tuple(_facts(kept, language)),
        consequence=consequence.text.said(language) if consequence else "",
        rows=rows,
        needs=tuple(each.text.said(language) for each in made.needs)
        + tuple(each.said(language) for each in made.scores.lacking),
        open_points=tuple(
            f"{each.text.said(language)} {each.treatment.said(language)}"
            for each in made.system.open_points
        ),
        warning=LABELS["unverified"].said(language) if has_unverified else "",
    )


def exact(value: Fraction) -> str:
    """Return a value exactly, or rounded half to even to 34 digits.

    >>> exact(Fraction(1, 8)), exact(Fraction(1, 3))[:6]
    ('0.125', '0.3333')
    """
    return f"{_EXACT.divide(Decimal(value.numerator), Decimal(value.denominator)):f}"


def _facts(kept: Kept, language: Language) -> Iterator[tuple[str, str]]:
    made, knowledge = kept.evaluation, kept.knowledge
    told = {
        "evaluation": kept.name,
        "zone": made.question.zone,
        "year": str(made.question.accounting_year),
        "system": kept.system_name,
        "conclusion": CONCLUSIONS[made.conclusion].said(language),
        "score": "" if made.scores.total is None else exact(made.scores.total),
        "status": STATUSES[made.status].said(language),
        "method": f"{made.system.method_id} v{knowledge.method_version}"
        if knowledge.method_version
        else "",
        "knowledge": knowledge.time.isoformat(timespec="seconds"),
        "revisions": f"{knowledge.revision}, {knowledge.registry_revision}",
        "members": str(len(knowledge.members)),
        "digest": kept.digest,
    }
    for key, text in told.items():
        if text:
            yield LABELS[key].said(language), text


def _row(result: Result, language: Language) -> Row:
    indicator = result.indicator
    return Row(
        indicator_id=indicator.indicator_id,
        name=indicator.name.said(language),
        part=PARTS[indicator.part].said(language),
        value="" if result.value is None else exact(result.value),
        shown="" if result.value is None else _shown(result.value),
        unit="" if indicator.unit == "1" else indicator.unit,
        requirement=_requirement(result),
        verdict=VERDICTS[result.verdict].said(language),
        score="" if result.score is None else exact(result.score),
        status=STATUSES[result.status].said(language),
        formula=indicator.formula.text if indicator.formula else "",
        source=_cited(indicator.clause),
        note=_note(result, language),
        derived=tuple(
            each for figure in result.figures for each in _derived(indicator.indicator_id, figure)
        ),
    )


def _shown(value: Fraction) -> str:
    rounded = _SHOWN.divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{rounded.normalize(_SHOWN):f}"


def _requirement(result: Result) -> str:
    if result.case is not None and result.case.requirement is not None:
        required = result.case.requirement
        return f"{SIGNS[required.comparison]} {_without_one(str(required.limit))}"
    reference = result.indicator.reference
    return f"→ {_without_one(str(reference))}" if reference is not None else ""


def _without_one(text: str) -> str:
    """Return a quantity as people write it: a pure number has no unit."""
    return text.removesuffix(" 1")


def _note(result: Result, language: Language) -> str:
    if result.undefined is not None:
        return result.undefined.said(language)
    if result.needs:
        return "; ".join(each.text.said(language) for each in result.needs)
    answer = result.answer
    return "" if answer is None else answer.reason or answer.evidence


def _derived(indicator_id: str, figure: Figure) -> Iterator[Derived]:
    shares: Sequence[tuple[str, int, str, str]] = [
        (share.name, share.version, share.owner, exact(share.amount)) for share in figure.shares
    ] or [("", 0, "", "" if figure.amount is None else exact(figure.amount))]
    for fact, version, owner, amount in shares:
        yield Derived(
            indicator_id=indicator_id,
            input=figure.ask.input_id,
            year=figure.year,
            amount=amount,
            unit=figure.unit,
            fact=fact,
            version=version,
            owner=owner,
        )


def _cited(source: Source) -> str:
    parts = (source.title, source.document_no, source.locator)
    return ", ".join(part for part in parts if part)
