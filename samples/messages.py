"""Members and flows as request messages of the public API, in proto JSON with original names."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from samples.flows import (
    CLAIMED,
    COMBUSTION,
    CONSUMED,
    GRID,
    MADE,
    PROCESS_INPUT,
    PROCESS_OUTPUT,
    Flow,
    Month,
    days_in,
)
from samples.members import Member

SYNTHETIC, REPLAYED = "DATA_LABEL_SYNTHETIC", "DATA_LABEL_REPLAYED"
_WORDS = {SYNTHETIC: ("合成", "synthetic"), REPLAYED: ("回放", "replayed")}

_DOCUMENTS = {
    COMBUSTION: "领用台账 stock ledger",
    CONSUMED: "领用台账 stock ledger",
    MADE: "生产报表 production report",
    PROCESS_INPUT: "工序报表 process report",
    PROCESS_OUTPUT: "工序报表 process report",
    CLAIMED: "绿电结算单 green-power settlement",
}
"""What proves a quantity, by kind; energy that is bought or sold has a settlement sheet."""

Json = dict[str, Any]


def display_name(name: str, label: str) -> str:
    """The name with the label in it: nobody reads the one without the other.

    >>> display_name("钢铁厂 Steel Works", SYNTHETIC)
    '钢铁厂（合成） Steel Works (synthetic)'
    """
    chinese, english = name.split(" ", maxsplit=1)
    word_zh, word_en = _WORDS[label]
    return f"{chinese}（{word_zh}） {english} ({word_en})"


def date_message(day: date) -> Json:
    """A `google.type.Date`."""
    return {"year": day.year, "month": day.month, "day": day.day}


def quantity_message(value: Decimal | str, unit: str) -> Json:
    """A `Quantity` with the digits as they are written."""
    text = value if isinstance(value, str) else f"{value:f}"
    return {"value": {"value": text}, "unit_code": unit}


def request_id(*what: object) -> str:
    """A UUID (version 4 in form) that is always the same for the same words."""
    digest = hashlib.sha256("/".join(map(str, what)).encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def facilities(members: Iterable[Member], rated_power_mw: Mapping[str, int]) -> list[Json]:
    """`CreateFacilityRequest`s: a site for each member, then its equipment.

    Equipment that has a rated power is a generating unit.
    """
    requests = []
    for member in members:
        for facility, name in {"site": "厂区 Site", **member.facilities}.items():
            body: Json = {"display_name": name, "kind": "FACILITY_KIND_EQUIPMENT"}
            if facility == "site":
                body["kind"] = "FACILITY_KIND_SITE"
            if facility in rated_power_mw:
                body["kind"] = "FACILITY_KIND_GENERATING_UNIT"
                body["rated_power"] = quantity_message(str(rated_power_mw[facility]), "MW")
            requests.append(
                {"parent": f"enterprises/{member.id}", "facility_id": facility, "facility": body}
            )
    return requests


def meters(members: Iterable[Member]) -> list[Json]:
    """`CreateMeterRequest`s for the meters that flows are read from."""
    return [
        {
            "parent": f"enterprises/{member.id}",
            "meter_id": flow.meter,
            "meter": {
                "display_name": f"{flow.source} 电能表 meter",
                "facility": f"enterprises/{member.id}/facilities/site",
                "unit_code": flow.unit,
                "decimals_count": _decimals(flow),
            },
        }
        for member in members
        for flow in member.flows
        if flow.meter
    ]


def counterparties(
    members: Iterable[Member], names: Mapping[str, str], codes: Mapping[str, str]
) -> list[Json]:
    """`CreateCounterpartyRequest`s: each partner of each member once; the grid has no code."""
    requests = []
    for member in members:
        partners = dict.fromkeys(flow.partner for flow in member.flows if flow.partner)
        for partner in partners:
            body = {"display_name": names[partner]}
            if partner != GRID:
                body["credit_code"] = codes[partner]
            requests.append(
                {
                    "parent": f"enterprises/{member.id}",
                    "counterparty_id": partner,
                    "counterparty": body,
                }
            )
    return requests


def record(flow: Flow, month: Month, *, unit: str = "") -> Json:
    """One month of a flow as an `ActivityRecord`; `unit` stands in for the one it is written in."""
    first = date(*month, 1)
    document = _DOCUMENTS.get(flow.kind, "结算单 settlement sheet")
    message: Json = {
        "source_id": flow.source,
        "kind": flow.kind,
        "subject": flow.subject,
        "quantity": quantity_message(flow.amounts[month], unit or flow.unit),
        "period": period(first, first + timedelta(days=days_in(month))),
        "evidence": f"{document} {first:%Y-%m}" + (f"; {flow.evidence}" if flow.evidence else ""),
    }
    parent = f"enterprises/{flow.enterprise}"
    if flow.partner:
        message["counterparty"] = f"{parent}/counterparties/{flow.partner}"
    if flow.facility:
        message["facility"] = f"{parent}/facilities/{flow.facility}"
    if flow.meter:
        message["meter"] = f"{parent}/meters/{flow.meter}"
    if flow.contract:
        message["certificate"] = f"{flow.contract}-{first:%Y-%m}"
    return message


def custom_factor(entry: Mapping[str, Any]) -> Json:
    """A `CreateCustomFactorRequest` from an entry of `zone.toml`."""
    return {
        "parent": f"enterprises/{entry['enterprise']}",
        "custom_factor_id": entry["id"],
        "custom_factor": {
            "role": f"FACTOR_ROLE_{entry['role']}",
            "subject": entry["subject"],
            "quantity": quantity_message(entry["value"], entry["unit"]),
            "period": period(entry["start_date"], entry["end_date"]),
            "origin": "CUSTOM_FACTOR_ORIGIN_MEASURED",
            "evidence": entry["evidence"],
            "basis": f"SAMPLE_BASIS_{entry['basis']}",
        },
    }


def period(start: date, end: date) -> Json:
    """A `Period`, from the first day to the day after the last."""
    return {"start_date": date_message(start), "end_date": date_message(end)}


def report(enterprise: str, what: str, records: list[Json], refused: Iterable[Json] = ()) -> Json:
    """A `ReportActivityRequest`, what it is, and which of its rows will be refused and why."""
    return {
        "note": what,
        "request": {
            "parent": f"enterprises/{enterprise}",
            "records": records,
            "request_id": request_id("sample-zone", enterprise, what),
        },
        "refused": list(refused),
    }


def _decimals(flow: Flow) -> int:
    """Decimals of the flow's quantities, which are all written alike."""
    exponents = {amount.as_tuple().exponent for amount in flow.amounts.values()}
    (exponent,) = exponents
    assert isinstance(exponent, int)
    return -exponent
