"""A computation: the emissions of activities, of which nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import (
    Binding,
    Found,
    Given,
    Need,
    bind,
    check_given,
    misfit,
    unresolved,
)
from services.accounting.domain.emission import Emission, Step, of_quantity
from services.accounting.domain.method import Method
from services.accounting.domain.refusal import ranked, wrong_subject
from services.kernel import units
from services.kernel.errors import (
    AtField,
    DomainError,
    FactorNotApplicable,
    QuantityInvalid,
    Words,
    within,
)
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An activity as far as it could be read; what could not be is None and stands in `errors`."""

    path: str
    """Where it stands in the request: "activities[2]"."""
    kind: Kind | None
    subject: str
    quantity: Quantity | None
    given: tuple[Given, ...]
    """Factors that the caller brings."""
    errors: tuple[AtField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """By which method, for which year and place."""

    method: Method
    accounting_year: int
    region_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """The emissions of an activity, and what led to them."""

    sign: int
    """1 where it adds to the total, -1 where it is deducted."""
    need: Need
    binding: Binding
    emission: Emission


def needs(activities: Sequence[Activity], question: Question) -> tuple[Need, ...]:
    """Return what the factors of each activity depend on.

    Raises:
        DomainError: the first, by precedence, of what is wrong with an activity in itself.
    """
    errors = [
        error.within(f"{activity.path}.")
        for activity in activities
        for error in (*activity.errors, *_wrong(activity, question.method))
    ]
    _refuse(errors)
    return tuple(_need(activity, question) for activity in activities)


def answer(
    activities: Sequence[Activity], wanted: Sequence[Need], found: Found
) -> tuple[Computed, ...]:
    """Return the emissions of each activity, with the factors that were `found`.

    Raises:
        DomainError: the first, by precedence: a factor is not there, or a unit does not fit.
    """
    _refuse(
        error if isinstance(error, FactorNotApplicable) else error.within(f"{activity.path}.")
        for activity, need in zip(activities, wanted, strict=True)
        for error in unresolved(need, found, year_field="accounting_year")
    )
    bindings = [bind(need, found) for need in wanted]
    _refuse(
        error.within(f"{activity.path}.")
        for activity, binding in zip(activities, bindings, strict=True)
        for error in misfit(_quantity(activity), binding)
    )
    return tuple(
        _computed(activity, need, binding)
        for activity, need, binding in zip(activities, wanted, bindings, strict=True)
    )


def _refuse(errors: Iterable[DomainError]) -> None:
    for error in ranked(errors):
        raise error


def _wrong(activity: Activity, method: Method) -> Iterator[AtField]:
    if activity.quantity is not None:
        try:
            activity.quantity.non_negative("quantity.value")
        except QuantityInvalid as error:
            yield error
    if activity.kind is not None:
        yield from wrong_subject(activity.kind, activity.subject)
        yield from check_given(method.terms[activity.kind], activity.given)


def _need(activity: Activity, question: Question) -> Need:
    assert activity.kind is not None, "what could not be read is refused"
    return Need(
        method=question.method,
        kind=activity.kind,
        subject=activity.kind.carrier or activity.subject,
        accounting_year=question.accounting_year,
        region_code=question.region_code,
        given=activity.given,
    )


def _quantity(activity: Activity) -> Quantity:
    assert activity.quantity is not None, "what could not be read is refused"
    return activity.quantity


def _computed(activity: Activity, need: Need, binding: Binding) -> Computed:
    quantity, unit = _quantity(activity), binding.activity_unit
    with within(f"{activity.path}."):
        emission = of_quantity(need.method, need.term, quantity, binding)
    if quantity.unit != unit:
        path = units.explain(quantity.unit, unit).steps[-1]
        first = Step(
            formula=Words(en=path, zh=path), value=quantity.to(unit), unit=unit, clause=None
        )
        emission = replace(emission, steps=(first, *emission.steps))
    return Computed(sign=need.term.sign, need=need, binding=binding, emission=emission)
