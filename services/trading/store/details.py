"""What a row holds besides its columns, as JSON: each value as it was written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson

from services.kernel.errors import Words
from services.kernel.quantity import Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain.approval import Approval
from services.trading.domain.correction import Cooling
from services.trading.domain.intensity import BalanceValue, ProcessAllocation
from services.trading.domain.issue import Issue
from services.trading.domain.production import Previous, Process, Production

Json = dict[str, Any]


def dumped(content: Json) -> str:
    """Return content as text."""
    return orjson.dumps(content).decode()


def loaded(text: str) -> Json:
    """Return the content of a text."""
    content: Json = orjson.loads(text)
    return content


def from_production(production: Production) -> Json:
    """Return what the columns of a unit do not hold."""
    return {
        "merged_classes": list(production.merged_classes),
        "cogeneration": production.cogeneration,
        "cooling": production.cooling,
        "heat_ratio": _text(production.heat_ratio),
        "verified": _quantity(production.verified),
        "special_case": production.special_case,
        "previous": from_previous(production.previous),
    }


def to_production(content: Json) -> Json:
    """Return the fields of a unit that its columns do not hold."""
    cooling = content.get("cooling")
    return {
        "merged_classes": tuple(content.get("merged_classes", ())),
        "cogeneration": content.get("cogeneration", False),
        "cooling": None if cooling is None else Cooling(cooling),
        "heat_ratio": _to_decimal(content.get("heat_ratio")),
        "verified": _to_quantity(content.get("verified")),
        "special_case": content.get("special_case", False),
        "previous": to_previous(content.get("previous", {})),
    }


def from_previous(previous: Previous) -> Json:
    """Return what is known of an earlier year."""
    return {
        "verified": _quantity(previous.verified),
        "electricity": _quantity(previous.electricity),
        "heat": _quantity(previous.heat),
        "load_factor_ratio": _text(previous.load_factor_ratio),
        "heat_ratio": _text(previous.heat_ratio),
    }


def to_previous(content: Json) -> Previous:
    """Return what is known of an earlier year."""
    return Previous(
        verified=_to_quantity(content.get("verified")),
        electricity=_to_quantity(content.get("electricity")),
        heat=_to_quantity(content.get("heat")),
        load_factor_ratio=_to_decimal(content.get("load_factor_ratio")),
        heat_ratio=_to_decimal(content.get("heat_ratio")),
    )


def from_process(each: ProcessAllocation) -> Json:
    """Return a line or process with what it is allocated."""
    process = each.process
    return {
        "facility": process.facility,
        "verified": _quantity(process.verified),
        "intensity_emissions": _quantity(process.intensity_emissions),
        "product": _quantity(process.product),
        "special_case": process.special_case,
        "previous": from_previous(process.previous),
        "evidence": process.evidence,
        "allowance_count": each.allowance_count,
        "pre_allocated_count": each.pre_allocated_count,
        "missing": _words(each.missing),
        "steps": list(each.steps),
    }


def to_process(content: Json) -> ProcessAllocation:
    """Return a line or process with what it is allocated."""
    return ProcessAllocation(
        process=Process(
            facility=content["facility"],
            verified=_to_quantity(content["verified"]),
            intensity_emissions=_to_quantity(content["intensity_emissions"]),
            product=_to_quantity(content["product"]),
            special_case=content["special_case"],
            previous=to_previous(content["previous"]),
            evidence=content["evidence"],
        ),
        allowance_count=content["allowance_count"],
        pre_allocated_count=content["pre_allocated_count"],
        missing=_to_words(content["missing"]),
        steps=tuple(content["steps"]),
    )


def from_balance(balance: BalanceValue | None) -> Json | None:
    """Return a balance value with its source."""
    if balance is None:
        return None
    source = balance.source
    return {
        "value": str(balance.value_t_per_t),
        "title": source.title,
        "document_no": source.document_no,
        "source_year": source.source_year,
        "locator": source.locator,
        "url": source.url,
        "licence": source.licence,
        "status": source.status,
        "confidence": source.confidence,
        "note": source.note,
    }


def to_balance(content: Json | None) -> BalanceValue | None:
    """Return a balance value with its source."""
    if content is None:
        return None
    fields = {name: value for name, value in content.items() if name not in {"value", "status"}}
    source = Source(status=Status(content["status"]), **fields)
    return BalanceValue(value_t_per_t=Decimal(content["value"]), source=source)


def from_approval(approval: Approval) -> Json:
    """Return what the columns of an allocation do not hold of its approval."""
    return {
        "verified_t": None if approval.verified_t is None else str(approval.verified_t),
        "initial_gap_percent": _text(approval.initial_gap_percent),
        "approved_gap_percent": _text(approval.approved_gap_percent),
        "borrowable_count": approval.borrowable_count,
        "missing": _words(approval.missing),
        "steps": list(approval.steps),
    }


def to_approval(content: Json, *, approved: int | None, obligation: int | None) -> Approval:
    """Return the approval of an allocation."""
    verified = content.get("verified_t")
    return Approval(
        verified_t=None if verified is None else Fraction(verified),
        approved_count=approved,
        obligation_count=obligation,
        initial_gap_percent=_to_decimal(content.get("initial_gap_percent")),
        approved_gap_percent=_to_decimal(content.get("approved_gap_percent")),
        borrowable_count=content.get("borrowable_count"),
        missing=_to_words(content.get("missing")),
        steps=tuple(content.get("steps", ())),
    )


def from_issue(issue: Issue | None) -> Json | None:
    """Return what is issued of an allocation."""
    return None if issue is None else {name: getattr(issue, name) for name in _ISSUE}


def to_issue(content: Json | None) -> Issue | None:
    """Return what is issued of an allocation."""
    return None if content is None else Issue(**content)


_ISSUE = (
    "pre_deducted_count",
    "pre_issued_count",
    "refunded_count",
    "deducted_count",
    "final_issued_count",
    "open_count",
)


def _quantity(quantity: Quantity | None) -> list[str] | None:
    return None if quantity is None else [quantity.text, quantity.unit]


def _to_quantity(content: list[str] | None) -> Quantity | None:
    return None if content is None else Quantity.parse(*content)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _to_decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _words(words: Words | None) -> list[str] | None:
    return None if words is None else [words.en, words.zh]


def _to_words(content: list[str] | None) -> Words | None:
    return None if content is None else Words(en=content[0], zh=content[1])
