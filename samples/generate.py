"""Makes `zone.json` from `zone.toml`, the population and the meter; the same bytes every time.

Run it as `python -m samples.generate`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from samples import members, messages, meter, plant, population
from samples.credit_codes import credit_code
from samples.flows import GRID, KINDS, Flow
from samples.members import PLANT, Member
from samples.messages import REPLAYED, SYNTHETIC, Json

FOLDER = Path(__file__).parent
FILE = FOLDER / "zone.json"
STATEMENT = (
    "Synthetic: every enterprise here is invented by a generator and describes no real one, except "
    "that steel-shop replays the real meter readings of 2018 of a steel plant in 2023. "
    "合成数据：除 steel-shop 回放真实电表读数外，所有企业均由程序虚构。"
)


def main() -> None:
    """Write the file."""
    FILE.write_text(text(), encoding="utf-8")


def text() -> str:
    """The file's text: JSON with one message a line."""
    sections = []
    for name, content in zone().items():
        if isinstance(content, list):
            lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in content)
            sections.append(f'"{name}": [\n{lines}\n]')
        else:
            sections.append(f'"{name}": {json.dumps(content, ensure_ascii=False, indent=1)}')
    return "{\n" + ",\n".join(sections) + "\n}\n"


def zone() -> dict[str, Any]:
    """The sample zone: lists of request messages in the order in which they are to be sent."""
    spec = tomllib.loads((FOLDER / "zone.toml").read_text(encoding="utf-8"))
    firms = population.population(count=population.PUBLISHED_COUNT, seed=spec["seed"])
    drawn, fixed = members.drawn(spec, firms), members.fixed(spec)
    bought = [f for member in [*drawn, *fixed] for f in member.flows if f.partner == PLANT]
    losses = {e["id"]: e["line_loss"] for e in spec["drawn"] if "line_loss" in e}
    sold = plant.sales(bought, line_losses=losses)
    units = plant.production(spec, sold)
    shop = _steel_shop(spec)
    everyone = [plant.member(spec, sold, units), *fixed, shop, *drawn]
    labels = {member.id: REPLAYED if member is shop else SYNTHETIC for member in everyone}
    names = {m.id: messages.display_name(m.name, labels[m.id]) for m in everyone}
    codes = {m.id: credit_code(serial) for serial, m in enumerate(everyone, start=1)}
    reports, late = _reports(spec, everyone)
    return {
        "about": _about(spec, drawn),
        "zones": [_zone(spec)],
        "enterprises": [_enterprise(spec, m, names, codes, labels) for m in everyone],
        "facilities": messages.facilities(
            everyone, {unit["id"]: unit["rated_power_mw"] for unit in spec["chp"]["units"]}
        ),
        "meters": messages.meters(everyone),
        "counterparties": messages.counterparties(
            everyone, names | {GRID: spec["zone"]["grid"]}, codes
        ),
        "custom_factors": [messages.custom_factor(each) for each in spec["custom_factors"]],
        "reports": reports,
        "late_reports": late,
        "accounts": [_account(entry) for entry in spec["accounts"]],
        "holdings": [_holdings(entry) for entry in spec["holdings"]],
        "instruments": [_instrument(entry) for entry in spec["instruments"]],
        "transfers": [_transfers(entry) for entry in spec["transfers"]],
        "allocations": [_allocation(spec, year, units) for year in spec["accounting_years"]],
    }


def _about(spec: Mapping[str, Any], drawn: list[Member]) -> Json:
    return {
        "label": "synthetic",
        "statement": STATEMENT,
        "generator": "python -m samples.generate",
        "seed": spec["seed"],
        "population": population.PUBLISHED_COUNT,
        "energy_basis": "equivalent value 当量值, GB/T 2589-2020",
        "accounting_years": spec["accounting_years"],
        "drawn": [
            {
                "enterprise": member.id,
                "firm": member.firm.number,
                "sector": member.firm.sector,
                "size": member.firm.size,
                "energy_tce": member.firm.energy_tce,
            }
            for member in drawn
            if member.firm
        ],
    }


def _zone(spec: Mapping[str, Any]) -> Json:
    described = {key: spec["zone"][key] for key in ("display_name", "region_code")}
    return {"zone_id": spec["zone"]["id"], "zone": described | {"label": SYNTHETIC}}


def _enterprise(
    spec: Mapping[str, Any],
    member: Member,
    names: Mapping[str, str],
    codes: Mapping[str, str],
    labels: Mapping[str, str],
) -> Json:
    membership: Json = {
        "zone": f"zones/{spec['zone']['id']}",
        "join_date": messages.date_message(spec["zone"]["join_date"]),
    }
    if member.id == PLANT:
        membership["role"] = "MEMBER_ROLE_HEAT_AND_POWER"
    if labels[member.id] == REPLAYED:
        end = date(spec["steel_shop"]["replayed_year"] + 1, 1, 1)
        membership["leave_date"] = messages.date_message(end)
    return {
        "enterprise_id": member.id,
        "enterprise": {
            "display_name": names[member.id],
            "credit_code": codes[member.id],
            "industry_code": member.industry_code,
            "region_code": spec["zone"]["region_code"],
            "label": labels[member.id],
            "memberships": [membership],
        },
    }


def _steel_shop(spec: Mapping[str, Any]) -> Member:
    """The shop with one flow, whose amounts by month only say what the days add up to."""
    shop = spec["steel_shop"]
    by_month = {(shop["replayed_year"], month): Decimal() for month in range(1, 13)}
    for day in meter.replayed(shop["replayed_year"]):
        by_month[day.date.year, day.date.month] += day.energy_kwh
    flow = Flow(
        enterprise=shop["id"],
        source="grid-power",
        subject="electricity",
        kind=KINDS["electricity", "bought"],
        unit="kWh",
        amounts=by_month,
        partner=GRID,
        meter="main",
    )
    return Member(
        id=shop["id"], name=shop["name"], industry_code=shop["industry_code"], flows=(flow,)
    )


def _shop_report(shop: Member) -> Json:
    """The shop's 365 days, each a record of its own."""
    (flow,) = shop.flows
    records = []
    for real, day in zip(meter.days(), meter.replayed(), strict=True):
        message = messages.record(flow, (day.date.year, day.date.month))
        records.append(
            message
            | {
                "quantity": messages.quantity_message(day.energy_kwh, flow.unit),
                "period": messages.period(day.date, day.date + timedelta(days=1)),
                "evidence": f"replayed: 96 readings of {real.date}, UCI data set 851, CC BY 4.0",
            }
        )
    return messages.report(shop.id, f"{meter.YEAR} replayed", records)


def _reports(spec: Mapping[str, Any], everyone: list[Member]) -> tuple[list[Json], list[Json]]:
    """The reports in order of enterprise and year, and those that come too late."""
    entries = {entry["id"]: entry for entry in spec["drawn"]}
    reports: list[Json] = []
    late: list[Json] = []
    for member in everyone:
        entry = entries.get(member.id, {})
        if member.id == spec["steel_shop"]["id"]:
            reports.append(_shop_report(member))
            continue
        for year in spec["accounting_years"]:
            reports.extend(_year_reports(member, year, entry))
        if "late" in entry:
            year, month = entry["late"]
            rows = [messages.record(flow, (year, month)) for flow in member.flows]
            late.append(messages.report(member.id, f"{year}-{month:02d} late", rows))
    return reports, late


def _year_reports(member: Member, year: int, entry: Mapping[str, Any]) -> list[Json]:
    """A year's report, with its wrong rows, and a further one for each row put right."""
    wrong = {(tuple(row["month"]), row["subject"]): row for row in entry.get("wrong_unit", [])}
    records: list[Json] = []
    refused: list[Json] = []
    again: list[Json] = []
    for flow in member.flows:
        for month in flow.amounts:
            if month[0] != year or list(month) == entry.get("late"):
                continue
            row = wrong.get((month, flow.subject))
            if row:
                refused.append({"row": len(records), "reason": row["reason"]})
                if row["reported_again"]:
                    what = "{}-{:02d} reported again".format(*month)
                    again.append(messages.report(member.id, what, [messages.record(flow, month)]))
            records.append(messages.record(flow, month, unit=row["unit"] if row else ""))
    return [messages.report(member.id, str(year), records, refused), *again]


def _account(entry: Mapping[str, Any]) -> Json:
    return {
        "account_id": entry["enterprise"],
        "account": {
            "enterprise": f"enterprises/{entry['enterprise']}",
            "sector": entry["sector"],
            "first_compliance_year": entry["first_compliance_year"],
        },
    }


def _holdings(entry: Mapping[str, Any]) -> Json:
    """A `RecordHoldingsRequest`: what the registration system states for one day."""
    day = entry["statement_date"]
    return {
        "parent": f"accounts/{entry['account']}",
        "holdings": [
            stated
            | {
                "statement_date": messages.date_message(day),
                "evidence": f"synthetic registry statement {day.isoformat()}",
            }
            for stated in entry["stated"]
        ],
        "request_id": messages.request_id("sample-zone", entry["account"], "holdings", day),
    }


def _instrument(entry: Mapping[str, Any]) -> Json:
    """A `CreateInstrumentRequest`."""
    return {
        "instrument_id": entry["id"],
        "instrument": {"kind": entry["kind"], "vintage_year": entry["vintage_year"]},
    }


def _transfers(entry: Mapping[str, Any]) -> Json:
    """A `PostTransfersRequest`: what stands or falls together on one day."""
    day = entry["date"]
    return {
        "requests": [
            {
                "parent": f"accounts/{entry['account']}",
                "transfer_id": wanted["id"],
                "transfer": {
                    "phase": "TRANSFER_PHASE_POSTED",
                    "kind": wanted["kind"],
                    "instrument": f"instruments/{wanted['instrument']}",
                    "unit_count": wanted["unit_count"],
                    "trade_date": messages.date_message(day),
                    "evidence": f"synthetic note {day.isoformat()}",
                },
            }
            for wanted in entry["post"]
        ],
        "request_id": messages.request_id("sample-zone", entry["account"], "transfers", day),
    }


def _allocation(spec: Mapping[str, Any], year: int, units: plant.UnitMonths) -> Json:
    """An `AllocateAllowancesRequest` from the units' months of the year."""
    produced = []
    for unit in spec["chp"]["units"]:
        months = [done for month, done in units[unit["id"]].items() if month[0] == year]
        gross_mwh = sum((done.gross_mwh for done in months), Decimal())
        heat_gj = sum((done.heat_gj for done in months), Decimal())
        rated_mwh = unit["rated_power_mw"] * sum(done.hours for done in months)
        produced.append(
            {
                "facility": f"enterprises/{PLANT}/facilities/{unit['id']}",
                "unit_class": unit["unit_class"],
                "electricity": messages.quantity_message(gross_mwh, "MWh"),
                "heat": messages.quantity_message(heat_gj, "GJ"),
                "load_factor_ratio": {"value": f"{gross_mwh / rated_mwh:.4f}"},
                "evidence": f"生产报表 production report {year}",
            }
        )
    return {
        "account": f"accounts/{PLANT}",
        "compliance_year": year,
        "units": produced,
        "request_id": messages.request_id("sample-zone", PLANT, "allocation", year),
    }


if __name__ == "__main__":
    main()
