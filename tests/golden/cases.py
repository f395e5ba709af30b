"""Golden cases of emissions: read from their files, computed by the domain, asked over the wire.

A case says what a source gives, what is expected, and the activities that lead from one to the
other. Both ways lead to the same `Shown`, of which a case names a figure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.accounting import files
from services.accounting.domain import computation, need
from services.accounting.domain.activity import HEAT, Kind
from services.accounting.domain.binding import Given, Unresolved
from services.accounting.domain.computation import Activity, Computed, Question
from services.accounting.domain.emission import Booked, total
from services.accounting.domain.metering import coal_equivalent
from services.accounting.domain.metering.coal_equivalent import Base, Coefficient
from services.accounting.domain.method import Category, Method
from services.accounting.domain.role import Role
from services.accounting.wire.activity import collected, from_steam
from services.kernel import units
from services.kernel.errors import AtField, DomainError
from services.kernel.mass import G_PER_T, Rounding, round_fraction
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.runtime import wire
from tests.accounting import requests
from tests.builders import quantity as quantity_message
from tests.builders import source
from tests.golden import shelf
from tests.refusals import Refused, refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import activity_pb2, coal_equivalent_pb2, line_pb2
from zonecarbon.accounting.v1 import metering_service_pb2 as metering_pb
from zonecarbon.client import Client
from zonecarbon.registry.v1 import factor_pb2

METHODS = files.methods()
REGION = "CN-JS"
"""The contract wants a province; a factor that is given does not depend on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A figure that must come out."""

    data: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.data['figure']} {self.data['expected']} {self.data['expected_unit']}"

    def holds(self, shown: Shown) -> bool:
        """Tell whether it came out, within the tolerance and with the decimals of the source."""
        value, unit = shown.figure(self.data["figure"], self.data.get("item", ""))
        wanted = str(self.data["expected_unit"]).partition("/")[0]
        # The sources do not write the basis of a fuel's heat; the formula's is the net one.
        wanted = "GJ(NCV)" if wanted == "GJ" else wanted
        found = self._as_printed(value * units.conversion(unit, wanted))
        difference = abs(found - Fraction(self.data["expected"]))
        return difference <= Fraction(self.data["abs_tolerance"])

    def _as_printed(self, value: Fraction) -> Fraction:
        digits = self.data.get("significant_digits")
        if digits is None:
            return value
        decimals = (
            digits - 1 - Context(prec=20).divide(value.numerator, value.denominator).adjusted()
        )
        return Fraction(round_fraction(value, decimals, Rounding.HALF_UP))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A published or derived figure, and the activities that lead to it."""

    data: Mapping[str, Any]

    @property
    def method(self) -> Method:
        """The method that counts the activities."""
        return METHODS[self.data.get("method", "gbt32150")]

    @property
    def gwp_set(self) -> str:
        """The set that is asked for; the method's own where the case names none."""
        return str(self.data.get("gwp_set", self.method.gwp_set))

    @property
    def year(self) -> int:
        """The accounting year; of the library, where the case is in it."""
        return int(self.data.get("library_year", self.data.get("accounting_year", 2024)))

    @property
    def region_code(self) -> str:
        """The province of the emitter."""
        return str(self.data.get("region_code", REGION))

    @property
    def activities(self) -> list[Mapping[str, Any]]:
        """What was done, with the factors that the source gives."""
        return list(self.data["activities"])

    @property
    def expected(self) -> list[Expected]:
        """What must come out: the figure of the source first."""
        return [Expected(data=each) for each in (self.data, *self.data.get("also", ()))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The emissions of one activity in one item."""

    item_id: str
    sign: int
    co2e_t: Fraction
    steps: Sequence[tuple[Fraction, str]]
    """Each with its unit, product after product."""

    def mass_t(self, gas: str) -> Fraction:
        """Return the mass of a gas: what the last step in its unit gives; 0 where there is none."""
        unit = f"t{gas}"
        if gas == "CO2" and {code for _, code in self.steps if code in _MASSES} == {unit}:
            return self.co2e_t  # Several products of CO2 alone add up to nothing else.
        return next((value for value, code in reversed(self.steps) if code == unit), Fraction(0))


_MASSES = frozenset(f"t{gas}" for gas in ("CO2", "CO2e", "CH4", "N2O", "CF4", "C2F6", "SF6"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a computation shows, by the domain or over the wire."""

    results: Sequence[Result]
    totals_g: Mapping[str, int]
    """Booked grams by the name of the total."""

    def figure(self, name: str, item: str) -> tuple[Fraction, str]:
        """Return a figure and its unit: of one item, or of all where none is named."""
        counted = [each for each in self.results if item in {"", each.item_id}]
        assert counted, f"nothing stands in {item}"
        match name:
            case "heat":
                return next(step for step in counted[0].steps if step[1] == "GJ(NCV)")
            case "co2e":
                return sum((each.sign * each.co2e_t for each in counted), Fraction(0)), "tCO2e"
            case "CO2" | "CH4" | "N2O" | "CF4" | "C2F6":
                tonnes = (each.sign * each.mass_t(name) for each in counted)
                return sum(tonnes, Fraction(0)), f"t{name}"
            case _:
                unit = "tCO2e" if name.endswith("co2e") else "tCO2"
                return Fraction(self.totals_g[name], G_PER_T), unit


def activity(
    kind: str,
    amount: str,
    subject: str = "",
    factors: Mapping[str, str | Mapping[str, str]] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """Return an activity as a file of a case has it."""
    values = {"kind": kind, "quantity": amount, "subject": subject, "factors": factors or {}}
    return values | fields


def co2e(text: str, gwp_set: str = "gwp100-ar5") -> dict[str, dict[str, str]]:
    """Return a factor that is not split into gases, with the set it was made under."""
    return {"CO2E_FACTOR": {"quantity": text, "gwp_set": gwp_set}}


def case(method: str, *activities: Mapping[str, Any], **fields: Any) -> Case:
    """Return a case that stands in no file."""
    return Case(data={"method": method, "activities": list(activities), **fields})


def read(path: Path) -> Case:
    """Return the case in a file."""
    return Case(data=tomllib.loads(path.read_text(encoding="utf-8")))


def by_domain(case: Case, *, with_factors: bool = True, gwp_set: str = "") -> Shown:
    """Return what the pure domain makes of a case; raises what it refuses."""
    method, chosen = case.method, gwp_set or case.gwp_set
    done = computed(case, with_factors=with_factors, gwp_set=chosen)
    direct = _summed(done, Category.DIRECT)
    indirect = _summed(done, method.basis.category)
    whole = direct + indirect
    return Shown(
        results=[
            Result(
                item_id=each.item.item_id,
                sign=each.sign,
                co2e_t=each.emission.co2e_t[chosen],
                steps=[
                    (step.value, step.unit)
                    for gas in each.emission.gases
                    for steps in gas.chains
                    for step in steps
                ],
            )
            for each in done
        ],
        totals_g={
            "direct": direct.co2_g,
            "indirect": indirect.co2_g,
            "total": whole.co2_g,
            "total_co2e": whole.under(chosen),
        },
    )


def computed(
    case: Case,
    *,
    with_factors: bool = True,
    gwp_set: str = "",
    answers: Mapping[Role, Unresolved] | None = None,
) -> tuple[Computed, ...]:
    """Return the emissions of each activity of a case; raises what the domain refuses.

    `answers` are given instead of the library's to queries of their role.
    """
    question = Question(
        method=case.method,
        accounting_year=case.year,
        region_code=case.region_code,
        gwp_set=computation.chosen_gwp_set(case.method, gwp_set or case.gwp_set),
    )
    activities = [
        _activity(each, at, with_factors=with_factors) for at, each in enumerate(case.activities)
    ]
    wanted = computation.needs(activities, question)
    asked = {query for each in wanted for query in each.need.queries}
    instead = {query: each for query in asked if (each := (answers or {}).get(query.role))}
    return computation.answer(wanted, {**shelf.found(asked), **instead})


def by_wire(client: Client, case: Case, *, with_factors: bool = True, gwp_set: str = "") -> Shown:
    """Return what a real server answers to a case."""
    request = message(client, case, with_factors=with_factors, gwp_set=gwp_set)
    return shown(client.accounting.ComputeEmissions(request))


def shown(answer: pb.ComputeEmissionsResponse) -> Shown:
    """Return what an answer shows."""
    return Shown(
        results=[
            Result(
                item_id=each.item_id,
                sign=-1 if each.deducted else 1,
                co2e_t=Fraction(each.unrounded_t.value),
                steps=[
                    (Fraction(step.result.value.value), step.result.unit_code)
                    for step in each.steps
                ],
            )
            for each in answer.results
        ],
        totals_g={
            "direct": answer.direct.co2_g,
            "indirect": answer.indirect.co2_g,
            "total": answer.total.co2_g,
            "total_co2e": answer.total.co2e_g,
        },
    )


def message(
    client: Client, case: Case, *, with_factors: bool = True, gwp_set: str = ""
) -> pb.ComputeEmissionsRequest:
    """Return the request that asks for a case."""
    return pb.ComputeEmissionsRequest(
        method_id=case.method.method_id,
        accounting_year=case.year,
        region_code=case.region_code,
        gwp_set=gwp_set or case.gwp_set,
        activities=[
            line_pb2.ActivityInput(
                kind=activity_pb2.ActivityKind.Value(f"ACTIVITY_KIND_{each['kind']}"),
                subject=each.get("subject", ""),
                quantity=_converted_by_wire(client, each)
                if "from_coal" in each
                else requests.amount(each["quantity"]),
                given_factors=[
                    line_pb2.GivenFactor(
                        role=factor_pb2.FactorRole.Value(f"FACTOR_ROLE_{role}"),
                        quantity=requests.amount(text),
                        gwp_set=set_,
                    )
                    for role, text, set_ in _given(each, with_factors=with_factors)
                ],
                evidence=each.get("evidence", ""),
                certificate=each.get("certificate", ""),
                steam=from_steam(each.get("steam", "")),
                value_chain_category_number=each.get("value_chain_category", 0),
            )
            for each in case.activities
        ],
    )


def refusal(client: Client, asked: Case) -> Refused:
    """Return how a server refuses a case; the domain must refuse it in the same words."""
    with pytest.raises(DomainError) as caught:
        computed(asked)
    answer = refused(client.accounting.ComputeEmissions, message(client, asked))
    assert (answer.reason, answer.message) == (caught.value.reason, caught.value.text("en"))
    return answer


def quantity(text: str) -> Quantity:
    """Read "12.5 10^4 Nm3"."""
    value, unit = text.split(maxsplit=1)
    return Quantity.parse(value, unit)


def coefficient(
    text: str = "0.1229 kgce/kWh", base: Base = Base.EQUIVALENT, year: int = 2020
) -> Coefficient:
    """Return a declared coefficient of coal equivalent."""
    declared = Source(title="GB/T 2589-2020", status=Status.SECONDARY)
    return Coefficient(quantity=quantity(text), base=base, year=year, source=declared)


def _summed(done: Sequence[Computed], category: Category | None) -> Booked:
    return total(
        (each.sign, each.emission.booked) for each in done if each.item.category is category
    )


def _activity(data: Mapping[str, Any], at: int, *, with_factors: bool) -> Activity:
    given = tuple(
        Given(
            path=f"given_factors[{number}]",
            role=Role(role),
            subject="",
            quantity=quantity(text),
            gwp_set=set_,
        )
        for number, (role, text, set_) in enumerate(_given(data, with_factors=with_factors))
    )
    errors: list[AtField] = []
    amount = enthalpy = None
    with collected(errors, "quantity."):
        amount = _converted(data) if "from_coal" in data else quantity(data["quantity"])
    with collected(errors):
        enthalpy = need.enthalpy(data.get("steam", ""), HEAT, files.steam_table())
    return Activity(
        path=f"activities[{at}]",
        kind=Kind(data["kind"]),
        subject=data.get("subject", ""),
        quantity=amount,
        given=given,
        errors=tuple(errors),
        evidence=data.get("evidence", ""),
        certificate=data.get("certificate", ""),
        value_chain_category=data.get("value_chain_category", 0),
        steam=enthalpy,
    )


def _given(data: Mapping[str, Any], *, with_factors: bool) -> Iterator[tuple[str, str, str]]:
    """Yield role, figure and GWP set of each factor that the source gives."""
    for role, text in (data.get("factors", {}) if with_factors else {}).items():
        if isinstance(text, str):
            yield role, text, ""
        else:
            yield role, text["quantity"], text["gwp_set"]


def _converted(data: Mapping[str, Any]) -> Quantity:
    """Return the electricity that a coal equivalent stands for, as the wire would show it."""
    coal = data["from_coal"]
    declared = coefficient(coal["coefficient"], Base(coal["base"]), coal["year"])
    done = coal_equivalent.to_carrier(quantity(coal["quantity"]), declared, (), coal["unit"])
    return Quantity.parse(f"{wire.shown(done.value):f}", done.unit)


def _converted_by_wire(client: Client, data: Mapping[str, Any]) -> Any:
    coal = data["from_coal"]
    base = coal_equivalent_pb2.CoalEquivalentBase.Value(f"COAL_EQUIVALENT_BASE_{coal['base']}")
    request = metering_pb.ConvertCoalEquivalentRequest(
        coal_equivalent=requests.amount(coal["quantity"]),
        unit_code=coal["unit"],
        coefficient=coal_equivalent_pb2.CoalEquivalentCoefficient(
            quantity=requests.amount(coal["coefficient"]),
            base=base,
            year=coal["year"],
            source=source(title=coal["coefficient_source"]),
        ),
    )
    value = client.metering.ConvertCoalEquivalent(request).converted.value
    return quantity_message(value.value.value, value.unit_code)
