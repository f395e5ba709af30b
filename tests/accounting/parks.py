"""Parks of a test: the smallest valid declaration, and its statement by the shipped rules."""

from __future__ import annotations

from typing import Any

from services.accounting import files
from services.accounting.domain.indicator.system import Conclusion
from services.accounting.domain.park.rule import ParkRules
from services.accounting.domain.park.statement import Statement, evaluate
from services.accounting.wire import park as wire
from zonecarbon.accounting.v1 import park_service_pb2
from zonecarbon.cli import park

RULES: ParkRules = files.park_rules()

ACCEPTANCE = {
    "CORE_NOT_MET": Conclusion.VETOED,
    "NO_THRESHOLD": Conclusion.NO_THRESHOLD,
    "GUIDING_OPEN": Conclusion.OPEN,
    "ALL_MET": Conclusion.PASSED,
}
"""What the statement of a park calls each conclusion."""
Request = park_service_pb2.EvaluateParkRequest


def emissions(text: str = "60000 tCO2", **fields: Any) -> dict[str, Any]:
    """Emissions by the method, with the printed factor."""
    values = {
        "quantity": text,
        "method_id": "park910",
        "electricity_factor": "0.8325 kgCO2/kWh",
    }
    return _given(values | fields)


def coefficient(
    text: str = "0.30 kgce/kWh", base: str = "EQUAL_VALUE", **fields: Any
) -> dict[str, Any]:
    """A declared coefficient of the accounting year."""
    values = {"quantity": text, "base": base, "year": 2025, "source": "yearbook, table 3"} | fields
    if isinstance(values["source"], str):
        values["source"] = {"title": values["source"], "status": "SECONDARY"}
    return _given(values)


def energy(quantity: str = "1000000 MWh", **fields: Any) -> dict[str, Any]:
    """Electricity by equal value."""
    values = {
        "kind": "ELECTRICITY",
        "carrier": "electricity",
        "quantity": quantity,
        "coefficient": coefficient(),
    }
    return _given(values | fields)


def fuel(
    quantity: str = "100 10^4 Nm3", text: str = "13.3 tce/10^4 Nm3", **fields: Any
) -> dict[str, Any]:
    """Natural gas by a coefficient of the standard."""
    declared = coefficient(
        text,
        "EQUIVALENT",
        year=2020,
        source={"title": "GB/T 2589-2020, table A.1", "status": "SECONDARY"},
    )
    values = {"kind": "FUEL", "carrier": "natural gas", "coefficient": declared}
    return energy(quantity, **values | fields)


def coal_of(energy_tce: str) -> dict[str, Any]:
    """So much coal equivalent of coal that is declared as 1 tce a tonne."""
    return fuel(f"{energy_tce} t", "1 tce/t", carrier="coal")


def flow(kind: str, quantity: str) -> dict[str, Any]:
    """Electricity of a kind."""
    return {"kind": kind, "quantity": quantity}


def value(indicator_id: str, text: str) -> dict[str, Any]:
    """A guiding indicator that has a value."""
    return {"indicator_id": indicator_id, "value": text}


def reason(indicator_id: str, text: str = "no such process") -> dict[str, Any]:
    """A guiding indicator that is left out."""
    return {"indicator_id": indicator_id, "not_applicable_reason": text}


ALL_MET = (
    value("clean-energy-share", "90 %"),
    value("product-energy", "1 1"),
    value("solid-waste-use", "85 %"),
    value("waste-heat-use", "50 %"),
    value("water-reuse", "99.9 %"),
)


def request(*, energy_tce: str = "", **fields: Any) -> Request:
    """A park of 300 000 tce that just meets its limit; or of so much coal equivalent."""
    text = fields.pop("emissions", "60000 tCO2")
    values = {
        "accounting_year": 2025,
        "emissions": emissions(text) if isinstance(text, str) else text,
        "energies": [coal_of(energy_tce)] if energy_tce else [energy()],
    }
    return park.declared(_given(values | fields))


def evaluated(declared: Request) -> Statement:
    """The statement by the shipped rules, without any wire between."""
    return evaluate(wire.to_question(declared), RULES)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is None."""
    return {name: each for name, each in values.items() if each is not None}
