"""The shapes of the documents in a bundle: which fields there must be, and what they hold.

A shape is a type; `[shape]` is a list, `(shape, shape)` a list of so many, `{str: shape}` a map,
`{"field": shape}` an object with these fields and perhaps others, `Optional` what may be null,
`Sometimes` what may be left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Optional:
    """What may be null."""

    shape: Any


@dataclass(frozen=True, slots=True)
class Sometimes:
    """What may be left out of an object."""

    shape: Any


class ShapeWrong(ValueError):
    """A document holds something else than it should; says where."""


_BOOKED: Final = {"co2_g": int, "other_mg": {str: int}, "co2e_g": {str: int}}
_SOURCE: Final = {
    "title": str,
    "status": str,
    "document_no": str,
    "source_year": int,
    "locator": str,
    "url": str,
    "licence": str,
    "confidence": str,
    "note": str,
}
_FACTOR: Final = {
    "role": str,
    "subject": str,
    "origin": str,
    "value": str,
    "unit_code": str,
    "status": str,
    "name": str,
    "version": int,
    "region_level": str,
    "region_code": str,
    "data_period": str,
    "source": Optional(_SOURCE),
    "rule_source": Optional(_SOURCE),
}
_REPORTED_ROW: Final = {
    "item_id": str,
    "facility": str,
    "subject": str,
    "sign": int,
    "activity": (str, str),
    "factors": [_FACTOR],
    "emissions": (str, str),
    "in_total": bool,
}

MANIFEST: Final = {
    "inventory": str,
    "version": int,
    "revision": int,
    "registry_revision": int,
    "create_time": str,
    "method_id": str,
    "method_version": int,
    "release": str,
    "files": [{"path": str, "size": int, "sha256": str}],
}
INVENTORY: Final = {
    "name": str,
    "method_id": str,
    "method_version": int,
    "create_time": str,
    "accounting_year": int,
    "version": int,
    "revision": int,
    "registry_revision": int,
    "label": str,
    "status": str,
    "state": str,
    "direct": _BOOKED,
    "totals": [{"scope2_basis": str, "known": bool, "indirect": _BOOKED, "total": _BOOKED}],
    "item_totals": [{"item_id": str, "facility": str, **_BOOKED}],
    "activity_totals": [{"kind": str, "subject": str, "value": str, "unit_code": str}],
    "reported": Optional({"total": str, "booked_g": int, "rows": [_REPORTED_ROW]}),
    "reported_day_count": int,
    "source_day_count": int,
    "findings": [{"kind": str, "subject": str, "en": str, "zh": str}],
    "gaps": [{"source_id": str, "month": str, "item_id": str, "reason": str, "en": str, "zh": str}],
}
LINES: Final = {
    "lines": [
        {
            "line": str,
            "source_id": str,
            "month": str,
            "binding": str,
            "version": int,
            "revision": int,
            "registry_revision": int,
            "facility": str,
            "activities": [(str, str)],
            "activity": str,
            "activity_unit": str,
            **_BOOKED,
            "days": [(str, str)],
            "reported_day_count": int,
            "record_count": int,
        }
    ]
}
RECORDS: Final = {
    "sources": [
        {
            "source_id": str,
            "kind": str,
            "subject": str,
            "counterparty": str,
            "steam": str,
            "value_chain_category": int,
        }
    ],
    "records": [
        {
            "name": str,
            "source_id": str,
            "value": str,
            "unit_code": str,
            "start_date": str,
            "end_date": str,
            "facility": str,
            "meter": str,
            "evidence": str,
            "certificate": str,
            "corrects": str,
            "reporter": str,
            "revision": int,
            "create_time": str,
            "curve_month": Sometimes(
                {
                    "curve": str,
                    "whole_days": int,
                    "measured_count": int,
                    "estimated_count": int,
                    "missing_count": int,
                    "assumption_count": int,
                }
            ),
            "file_row": Sometimes(
                {
                    "report_file": str,
                    "file_name": str,
                    "sheet": str,
                    "row_number": int,
                    "sha256": str,
                }
            ),
        }
    ],
}
BINDINGS: Final = {
    "bindings": [
        {
            "binding": str,
            "method_id": str,
            "item_id": str,
            "formula_id": str,
            "subject": str,
            "accounting_year": int,
            "gwp_sets": [str],
            "factors": [_FACTOR],
            "potentials": [{"gwp_set": str, "gas": str, "factor": _FACTOR}],
        }
    ]
}


def check(value: Any, shape: Any, path: str = "") -> None:
    """Refuse what has not the shape.

    Raises:
        ShapeWrong: so it is.
    """
    if isinstance(shape, Optional):
        if value is not None:
            check(value, shape.shape, path)
    elif isinstance(shape, type):
        # A truth value is a whole number to Python, and not here.
        if type(value) is not shape:
            raise ShapeWrong(f"{path} is not of type {shape.__name__}")
    elif isinstance(shape, list):
        _check_list(value, path)
        for number, each in enumerate(value):
            check(each, shape[0], f"{path}[{number}]")
    elif isinstance(shape, tuple):
        _check_list(value, path)
        if len(value) != len(shape):
            raise ShapeWrong(f"{path} has not {len(shape)} elements")
        for number, (each, of_each) in enumerate(zip(value, shape, strict=True)):
            check(each, of_each, f"{path}[{number}]")
    else:
        _check_object(value, shape, path)


def _check_list(value: Any, path: str) -> None:
    if not isinstance(value, list):
        raise ShapeWrong(f"{path} is no list")


def _check_object(value: Any, shape: Mapping[Any, Any], path: str) -> None:
    if not isinstance(value, dict):
        raise ShapeWrong(f"{path} is no object")
    if str in shape:
        shape = dict.fromkeys(value, shape[str])
    for name, of_field in shape.items():
        where = f"{path}.{name}" if path else name
        if name in value:
            wanted = of_field.shape if isinstance(of_field, Sometimes) else of_field
            check(value[name], wanted, where)
        elif not isinstance(of_field, Sometimes):
            raise ShapeWrong(f"{where} is missing")
