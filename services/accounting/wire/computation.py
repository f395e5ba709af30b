"""A computation that stores nothing ⇄ its messages."""

from __future__ import annotations

from collections.abc import Sequence

from services.accounting.domain.binding import Given
from services.accounting.domain.computation import Activity, Computed
from services.accounting.domain.emission import Booked, Step, total
from services.accounting.domain.method import Category, Role
from services.accounting.wire import activity
from services.accounting.wire.line import from_binding, from_booked
from services.kernel.errors import AtField, FieldInvalid, FieldRequired, Language
from services.runtime import wire
from zonecarbon.accounting.v1 import accounting_service_pb2, line_pb2
from zonecarbon.registry.v1 import factor_pb2


def to_activities(messages: Sequence[line_pb2.ActivityInput]) -> list[Activity]:
    """Return the activities, each with the errors that reading it found."""
    return [_to_activity(message, f"activities[{at}]") for at, message in enumerate(messages)]


def from_computed(
    results: Sequence[Computed], registry_revision: int, language: Language
) -> accounting_service_pb2.ComputeEmissionsResponse:
    """Return the answer."""

    def summed(*categories: Category) -> Booked:
        return total(
            [
                (each.sign, each.emission.booked)
                for each in results
                if each.need.term.category in categories
            ]
        )

    return accounting_service_pb2.ComputeEmissionsResponse(
        results=[_from_computed(each, registry_revision, language) for each in results],
        direct=from_booked(summed(Category.DIRECT)),
        indirect=from_booked(summed(Category.INDIRECT)),
        total=from_booked(summed(*Category)),
    )


def _to_activity(message: line_pb2.ActivityInput, path: str) -> Activity:
    errors: list[AtField] = []
    kind = activity.to_kind(message.kind)
    if kind is None and message.kind:
        errors.append(_unknown("kind", str(message.kind), activity.KINDS))
    elif kind is None:
        errors.append(FieldRequired(field="kind"))
    quantity = None
    if message.HasField("quantity"):
        quantity = activity.to_quantity(message.quantity, errors)
    else:
        errors.append(FieldRequired(field="quantity"))
    return Activity(
        path=path,
        kind=kind,
        subject=message.subject,
        quantity=quantity,
        given=tuple(_to_given(message.given_factors, errors)),
        errors=tuple(errors),
    )


def _to_given(messages: Sequence[line_pb2.GivenFactor], errors: list[AtField]) -> list[Given]:
    given = []
    for index, message in enumerate(messages):
        path = f"given_factors[{index}]"
        wrong: list[AtField] = []
        role = _to_role(message.role, wrong)
        quantity = None
        if message.HasField("quantity"):
            quantity = activity.to_quantity(message.quantity, wrong)
        else:
            wrong.append(FieldRequired(field="quantity"))
        if role is not None and quantity is not None:
            given.append(Given(path=path, role=role, quantity=quantity))
        errors += [error.within(f"{path}.") for error in wrong]
    return given


def _to_role(value: factor_pb2.FactorRole.ValueType, errors: list[AtField]) -> Role | None:
    if not value:
        errors.append(FieldRequired(field="role"))
        return None
    try:
        return Role(factor_pb2.FactorRole.Name(value).removeprefix("FACTOR_ROLE_"))
    except ValueError:
        errors.append(_unknown("role", str(value), [role.value for role in Role]))
        return None


def _unknown(field: str, given: str, allowed: Sequence[str]) -> FieldInvalid:
    return FieldInvalid(field=field, given=given, allowed=", ".join(allowed))


def _from_computed(
    computed: Computed, registry_revision: int, language: Language
) -> line_pb2.ComputedEmissions:
    asked = registry_revision if computed.need.queries() else 0
    return line_pb2.ComputedEmissions(
        emissions=from_booked(computed.emission.booked),
        unrounded_t=wire.from_decimal(wire.shown(computed.emission.value_t)),
        binding=from_binding(computed.binding, asked),
        steps=[_from_step(step, language) for step in computed.emission.steps],
    )


def _from_step(step: Step, language: Language) -> line_pb2.ComputationStep:
    clause = step.clause
    return line_pb2.ComputationStep(
        formula=step.formula.zh if language == "zh" else step.formula.en,
        result=wire.from_exact(step.value, step.unit),
        clause=f"{clause.document_no}, {clause.locator}" if clause else "",
    )
