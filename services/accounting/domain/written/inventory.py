"""Inventories, each in one of its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.accounting.domain.activity import Kind
from services.accounting.domain.enterprise import Label
from services.accounting.domain.inventory import (
    ActivityTotal,
    Coverage,
    Finding,
    FindingKind,
    Gap,
    Inventory,
    ItemTotal,
)
from services.accounting.domain.line import Grain
from services.accounting.domain.method import Method
from services.accounting.domain.written import amount, booked, reported
from services.accounting.domain.written.line import month, to_month
from services.kernel.errors import Words
from services.kernel.trust import Status


def content(inventory: Inventory) -> dict[str, Any]:
    """Return all of an inventory but whose it is and by which method."""
    return {
        "accounting_year": inventory.accounting_year,
        "version": inventory.version,
        "label": inventory.label.value,
        "findings": [
            {"kind": each.kind.value, "subject": each.subject, **_said(each.text)}
            for each in inventory.findings
        ],
        "gaps": [
            {
                "source_id": each.grain.source_id,
                "month": month(each.grain.month),
                "item_id": each.item_id,
                "reason": each.reason,
                **_said(each.text),
            }
            for each in inventory.gaps
        ],
        "item_totals": [
            {
                "item_id": each.item_id,
                "facility": each.facility,
                **booked.content(each.booked),
            }
            for each in inventory.items
        ],
        "activity_totals": [
            {
                "kind": each.kind.value,
                "subject": each.subject,
                "value": amount.content(each.value),
                "unit_code": each.unit,
            }
            for each in inventory.activity_totals
        ],
        "reported": inventory.reported and reported.content(inventory.reported),
        "reported_day_count": inventory.coverage.reported_day_count,
        "source_day_count": inventory.coverage.source_day_count,
        "status": inventory.status.value,
        "registry_revision": inventory.registry_revision,
        "revision": inventory.revision,
    }


def of(content: Mapping[Any, Any], *, enterprise: str, method: Method) -> Inventory:
    """Return the inventory in `content`, of an enterprise and by a method."""
    return Inventory(
        enterprise=enterprise,
        accounting_year=content["accounting_year"],
        method=method,
        label=Label(content["label"]),
        findings=tuple(
            Finding(kind=FindingKind(each["kind"]), subject=each["subject"], text=_read(each))
            for each in content["findings"]
        ),
        gaps=tuple(
            Gap(
                grain=Grain(source_id=each["source_id"], month=to_month(each["month"])),
                item_id=each["item_id"],
                reason=each["reason"],
                text=_read(each),
            )
            for each in content["gaps"]
        ),
        items=tuple(
            ItemTotal(
                item_id=each["item_id"],
                facility=each["facility"],
                booked=booked.of(each),
            )
            for each in content["item_totals"]
        ),
        activity_totals=tuple(
            ActivityTotal(
                kind=Kind(each["kind"]),
                subject=each["subject"],
                value=amount.fraction(each["value"]),
                unit=each["unit_code"],
            )
            for each in content["activity_totals"]
        ),
        coverage=Coverage(
            reported_day_count=content["reported_day_count"],
            source_day_count=content["source_day_count"],
        ),
        reported=reported.of(content["reported"]) if content["reported"] else None,
        status=Status(content["status"]),
        version=content["version"],
        revision=content["revision"],
        registry_revision=content["registry_revision"],
    )


def _said(text: Words) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _read(each: Mapping[str, str]) -> Words:
    return Words(en=each["en"], zh=each["zh"])
