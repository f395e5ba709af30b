"""What an enterprise may choose from when it fills in the form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.accounting.domain.activity import ORIGINS
from services.accounting.domain.form import kinds, subjects
from services.accounting.domain.method import ANY_SUBJECT, Method, Term
from services.kernel import units
from services.kernel.errors import Words

Choices = Mapping[str, Sequence[str]]
"""By the key of the column, each as its cell has it."""

_USUAL_UNITS: Final = (
    *("t", "kg", "10^4 t", "MWh", "kWh", "10^4 kWh", "GJ", "10^4 Nm3", "Nm3", "GJ(NCV)"),
)
"""Offered first."""

_NO_ACTIVITY: Final = ("time", "money", "a pure number", "coal equivalent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A thing of the factor library."""

    name: Words
    roles: frozenset[str]
    """Of its factors; there are roles that no method uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Possessions:
    """What the registry knows as the enterprise's own: ids with what people call them."""

    facilities: Mapping[str, str]
    meters: Mapping[str, str]
    counterparties: Mapping[str, str]


def choices(methods: Sequence[Method], library: Mapping[str, Subject], own: Possessions) -> Choices:
    """Return what may be chosen where these methods count; `library` by the subject."""
    terms = [term for method in methods for term in method.terms]
    counted = {term.kind for term in terms}
    counted_subjects = {subject for term in terms for subject in _subjects(term, library)}
    return {
        "kind": [kinds.choice(kind) for kind in kinds.NAMES if kind in counted],
        "subject": sorted(_called(each, library) for each in counted_subjects),
        "unit_code": _units(),
        "facility": _named(own.facilities),
        "meter": _named(own.meters),
        "counterparty": _named(own.counterparties),
    }


def _subjects(term: Term, library: Mapping[str, Subject]) -> Iterator[str]:
    """Yield what a term counts; of one that counts all, what the library has its factors of."""
    if term.kind.carrier:
        yield from ORIGINS[term.kind.carrier]
        return
    yield from (each for each in term.subjects if each != ANY_SUBJECT)
    if ANY_SUBJECT in term.subjects:
        wanted = {
            slot.role
            for formula in term.formulas
            for slot in formula.slots()[:1]
            if not slot.subject
        }
        yield from (subject for subject, known in library.items() if known.roles & wanted)


def _called(subject: str, library: Mapping[str, Subject]) -> str:
    own, known = subjects.NAMES.get(subject), library.get(subject)
    name = own or (known.name if known else None)
    return f"{subject} {name.zh or name.en}".strip() if name else subject


def _units() -> list[str]:
    """Return the units an activity can be in, the usual ones first: those of no ratio."""
    plain = [
        each.code
        for each in units.units()
        if " / " not in each.dimension and each.dimension not in _NO_ACTIVITY
    ]
    return list(dict.fromkeys((*_USUAL_UNITS, *plain)))


def _named(own: Mapping[str, str]) -> list[str]:
    return [f"{id_} {name}" for id_, name in sorted(own.items())]
