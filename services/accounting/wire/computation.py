"""A computation that stores nothing ⇄ its messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.accounting.domain.binding import BoundFactor, Given
from services.accounting.domain.computation import Activity, Computed, Question, by_item
from services.accounting.domain.emission import Booked, total
from services.accounting.domain.formula import Step
from services.accounting.domain.method import Category
from services.accounting.domain.role import Role
from services.accounting.wire import activity
from services.accounting.wire.inventory import from_item
from services.accounting.wire.line import from_binding, from_booked
from services.kernel.errors import AtField, FieldInvalid, FieldRequired, Language
from services.runtime import wire
from zonecarbon.accounting.v1 import accounting_service_pb2, inventory_pb2, line_pb2
from zonecarbon.registry.v1 import factor_pb2


def to_activities(
    messages: Sequence[line_pb2.ActivityInput], enthalpy: Callable[[str], BoundFactor]
) -> list[Activity]:
    """Return the activities, each with the errors that reading it found.

    `enthalpy` finds that of a state of steam in the tables.
    """
    return [
        _to_activity(message, f"activities[{at}]", enthalpy) for at, message in enumerate(messages)
    ]


def from_computed(
    results: Sequence[Computed], question: Question, registry_revision: int, language: Language
) -> accounting_service_pb2.ComputeEmissionsResponse:
    """Return the answer."""
    method, gwp_set = question.method, question.gwp_set

    def summed(*categories: Category | None) -> Booked:
        return total(
            (each.sign, each.emission.booked)
            for each in results
            if each.item.category in categories
        )

    totals = {
        basis: (summed(basis.category), summed(Category.DIRECT, basis.category))
        for basis in method.bases
    }
    indirect, whole = totals[method.basis]
    return accounting_service_pb2.ComputeEmissionsResponse(
        results=[_from_computed(each, registry_revision, language) for each in results],
        direct=from_booked(summed(Category.DIRECT), gwp_set),
        indirect=from_booked(indirect, gwp_set),
        total=from_booked(whole, gwp_set),
        method_id=method.method_id,
        gwp_set=gwp_set,
        totals=[
            inventory_pb2.InventoryTotal(
                scope2_basis=basis.value,
                known=True,
                indirect=from_booked(bought, gwp_set),
                total=from_booked(all_of_it, gwp_set),
            )
            for basis, (bought, all_of_it) in totals.items()
        ],
        items=[
            from_item(
                method.items[item_id],
                total((1, each.emission.booked) for each in computed),
                gwp_set,
            )
            for item_id, computed in by_item(results).items()
        ],
    )


def _to_activity(
    message: line_pb2.ActivityInput, path: str, enthalpy: Callable[[str], BoundFactor]
) -> Activity:
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
    steam = None
    if message.HasField("steam"):
        state = activity.to_steam(message.steam, errors)
        with activity.collected(errors):
            steam = enthalpy(state) if state else None
    return Activity(
        path=path,
        kind=kind,
        subject=message.subject,
        quantity=quantity,
        given=tuple(_to_given(message.given_factors, errors)),
        errors=tuple(errors),
        evidence=message.evidence,
        certificate=message.certificate,
        value_chain_category=message.value_chain_category_number,
        steam=steam,
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
            given.append(
                Given(
                    path=path,
                    role=role,
                    subject=message.subject,
                    quantity=quantity,
                    gwp_set=message.gwp_set,
                )
            )
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
    asked = registry_revision if computed.need.queries else 0
    gwp_set = computed.binding.gwp_sets[0]
    unrounded = computed.emission.co2e_t[gwp_set]
    return line_pb2.ComputedEmissions(
        emissions=from_booked(computed.emission.booked, gwp_set),
        unrounded_t=wire.from_decimal(wire.shown(unrounded)),
        binding=from_binding(computed.binding, asked),
        steps=[
            _from_step(step, language)
            for gas in computed.emission.gases
            for steps in gas.chains
            for step in steps
        ],
        activity_index=int(computed.path.removeprefix("activities[").removesuffix("]")),
        item_id=computed.item.item_id,
        deducted=computed.sign < 0,
    )


def _from_step(step: Step, language: Language) -> line_pb2.ComputationStep:
    clause = step.clause
    return line_pb2.ComputationStep(
        formula=step.formula.said(language),
        result=wire.from_exact(step.value, step.unit),
        clause=f"{clause.document_no}, {clause.locator}" if clause else "",
    )
